// Addresses that have brought mail lately and needn't be looked at as strangers. Bounded: where the table is full, the one that was seen
// least recently is a stranger again.
import type { Clock } from '../lib/clock.ts';

const day = 86_400_000;

export class Acquaintances {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #keepMs: number;
  /** When each was seen last, by the monotonic clock; in that order. */
  readonly #seen = new Map<string, number>();

  constructor(clock: Clock, most = 20_000, keepMs: number = 7 * day) {
    this.#clock = clock;
    this.#most = most;
    this.#keepMs = keepMs;
  }

  has(address: string): boolean {
    const seen = this.#seen.get(address);
    return seen !== undefined && this.#clock.monotonic() - seen < this.#keepMs;
  }

  add(address: string): void {
    this.#seen.delete(address);
    this.#seen.set(address, this.#clock.monotonic());
    if (this.#seen.size <= this.#most) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      break;
    }
  }
}
