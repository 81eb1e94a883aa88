// Long work on the main thread, done in slices: between them whatever else happened has its turn.
import type { Clock } from './clock.ts';

/** Milliseconds of work after which others are let through; the delay of the event loop is to stay under 20 ms. */
const usualSlice = 6;

export class Breather {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  #began: number;

  constructor(clock: Clock, sliceMs: number = usualSlice) {
    this.#clock = clock;
    this.#sliceMs = sliceMs;
    this.#began = clock.monotonic();
  }

  /** Whether the slice is over: then `await rest()` before going on. Cheap enough for every hundredth of a millisecond. */
  get due(): boolean {
    return this.#clock.monotonic() - this.#began >= this.#sliceMs;
  }

  /** Lets others have their turn, and begins a slice. Resolves at once where the slice isn't over. */
  async rest(): Promise<void> {
    if (!this.due) return;
    await new Promise<void>((resolve) => void this.#clock.after(0, resolve));
    this.#began = this.#clock.monotonic();
  }
}
