// A bound on how long checks may wait for DNS, as a signal for those who ask.
import type { Clock } from '../lib/clock.ts';

export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
  /** Ends at once what still waits. */
  abort(): void;
}

/** Aborts its signal after `ms` milliseconds of `clock`, unless it is disposed of before. */
export function timeLimit(clock: Clock, ms: number): TimeLimit {
  const controller = new AbortController();
  const timer = clock.after(ms, () => controller.abort());
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    [Symbol.dispose]: () => timer.cancel(),
  };
}
