// A bound on how long checks may wait for DNS, as a signal for those who ask. Most messages have all their answers from memory: neither the
// signal nor its timer is made before somebody wants it.
import type { Clock, Timer } from '../lib/clock.ts';

export interface TimeLimit extends Disposable {
  /** The time begins when it is first asked for. */
  readonly signal: AbortSignal;
  /** Ends at once what still waits. */
  abort(): void;
}

/** Aborts its signal after `ms` milliseconds of `clock`, unless it is disposed of before. */
export function timeLimit(clock: Clock, ms: number): TimeLimit {
  return new LazyTimeLimit(clock, ms);
}

class LazyTimeLimit implements TimeLimit {
  readonly #clock: Clock;
  readonly #ms: number;
  #controller: AbortController | undefined;
  #timer: Timer | undefined;
  #aborted = false;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#aborted) controller.abort();
    else this.#timer = this.#clock.after(this.#ms, () => controller.abort());
    return controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }
}
