// Time as an argument: the system's clock for the program, a clock moved by hand for scenarios.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go backwards; for durations only. */
  monotonic(): number;
  /** Calls `action` once, `ms` milliseconds from now. A pending timer doesn't keep the process alive. */
  after(ms: number, action: () => void): Timer;
}

/** The longest delay that setTimeout takes (2^31 - 1 ms); a longer one would fire at once. */
const longestTimeout = 0x7fffffff;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(Math.max(0, ms), longestTimeout));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** A clock that stands still until `advance` moves it; timers fire in order of time, then of creation. */
export class VirtualClock implements Clock {
  #time: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#time = start;
  }

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  after(ms: number, action: () => void): Timer {
    const pending: Pending = { at: this.#time + Math.max(0, ms), order: this.#order++, action };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** The time of the next timer, or `undefined` when none is set. */
  nextTimer(): number | undefined {
    return this.#next(Number.POSITIVE_INFINITY)?.at;
  }

  /** Moves time forward, firing each timer on the way at its own time. Synchronous code only. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) this.#fire(next);
    this.#time = end;
  }

  /** Moves time from timer to timer, until `isOver` says that it is enough, or none is left. Synchronous code only. */
  run(isOver: () => boolean = () => false): void {
    for (let next = this.nextTimer(); next !== undefined && !isOver(); next = this.nextTimer())
      this.advance(next - this.now());
  }

  /** As `advance`, and lets promises settle before and after each timer. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#time + ms;
    await settlePromises();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#fire(next);
      await settlePromises();
    }
    this.#time = end;
    await settlePromises();
  }

  #next(until: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.at > until) continue;
      if (
        first === undefined ||
        pending.at < first.at ||
        (pending.at === first.at && pending.order < first.order)
      ) {
        first = pending;
      }
    }
    return first;
  }

  #fire(pending: Pending): void {
    this.#pending.delete(pending);
    this.#time = Math.max(this.#time, pending.at);
    pending.action();
  }
}

/** Lets every promise chain that depends on no I/O run to its end. */
async function settlePromises(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves after `ms` milliseconds, or at once when the signal aborts (the caller looks at the signal). */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = clock.after(ms, finish);
    function finish(): void {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    }
    signal?.addEventListener('abort', finish, { once: true });
  });
}
