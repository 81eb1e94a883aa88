// Something that may be wanted very often and shall be done at once, but not all the time.
import type { Clock, Timer } from './clock.ts';

export class Paced implements Disposable {
  readonly #clock: Clock;
  readonly #pauseMs: number;
  readonly #action: () => void;
  #timer: Timer | undefined;
  #again = false;

  /** `pauseMs`: from one `action` to the next, at least. */
  constructor(clock: Clock, pauseMs: number, action: () => void) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#action = action;
  }

  /** Does it now; or, where it was done a moment ago, once at the end of the pause. */
  want(): void {
    if (this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.#timer = this.#clock.after(this.#pauseMs, () => {
      this.#timer = undefined;
      if (this.#again) this.want();
    });
    this.#again = false;
    this.#action();
  }

  /** What still waits isn't done any more. */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#again = false;
  }
}
