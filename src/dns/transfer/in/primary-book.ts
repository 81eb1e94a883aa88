// Which primaries did not answer a short time ago: a hundred thousand zones of one that is down must not each wait for it to be silent.
import type { Clock } from '../../../lib/clock.ts';

/** Milliseconds that a primary is passed over: twice as long each time, up to the most. */
const firstPause = 15_000;
const longestPause = 240_000;

export class PrimaryBook {
  readonly #clock: Clock;
  readonly #down = new Map<string, { readonly until: number; readonly pause: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether it is of no use to ask it now. */
  isDown(label: string): boolean {
    const down = this.#down.get(label);
    return down !== undefined && this.#clock.monotonic() < down.until;
  }

  /** Milliseconds until it may be asked again; 0 for one that may be now. */
  pauseOf(label: string): number {
    return Math.max(0, (this.#down.get(label)?.until ?? 0) - this.#clock.monotonic());
  }

  wasSilent(label: string): void {
    // Those who asked at the same time as the first find out no more than it did.
    if (this.isDown(label)) return;
    const pause = Math.min((this.#down.get(label)?.pause ?? firstPause / 2) * 2, longestPause);
    this.#down.set(label, { until: this.#clock.monotonic() + pause, pause });
  }

  isThere(label: string): void {
    this.#down.delete(label);
  }
}
