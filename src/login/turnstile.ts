// Lets a few callers run at a time, and a bounded number wait for their turn: hashing a password takes 19 MiB and
// a core, so that a crowd of strangers must not be able to start as many as they like.

export interface TurnstileLimits {
  readonly running: number;
  readonly waiting: number;
  /** How many of those waiting may come from one place. */
  readonly waitingFromOne: number;
}

interface Waiting {
  readonly from: string;
  readonly go: () => void;
}

export class Turnstile {
  readonly #limits: TurnstileLimits;
  #running = 0;
  readonly #waiting: Waiting[] = [];

  constructor(limits: TurnstileLimits) {
    this.#limits = limits;
  }

  /** Runs `work` in its turn; `undefined` where too many wait already. */
  async pass<Value>(from: string, work: () => Promise<Value>): Promise<Value | undefined> {
    if (this.#running >= this.#limits.running) {
      const waitingFrom = this.#waiting.filter((each) => each.from === from).length;
      if (this.#waiting.length >= this.#limits.waiting || waitingFrom >= this.#limits.waitingFromOne) {
        return undefined;
      }
      // Whoever leaves hands over its place, so that nobody overtakes those who wait.
      await new Promise<void>((go) => this.#waiting.push({ from, go }));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next.go();
    }
  }
}
