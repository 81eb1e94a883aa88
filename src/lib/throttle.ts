// Counts failures by key and says how long a key has to wait: free at first, then doubling. Bounded in memory:
// where the table is full, the key that failed least recently is forgotten.
import type { Clock } from './clock.ts';

export interface ThrottleLimits {
  /** Failures that cost nothing: people mistype, and devices keep old passwords. */
  readonly free: number;
  /** The wait after the first failure beyond those; it doubles with each one more. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** A key that has not failed for this long is forgotten. */
  readonly forgetMs: number;
  readonly mostKeys: number;
}

interface Failures {
  count: number;
  last: number;
}

export class Throttle {
  readonly #limits: ThrottleLimits;
  readonly #clock: Clock;
  /** In order of the last failure, so that the first one is the one to forget. */
  readonly #failures = new Map<string, Failures>();

  constructor(limits: ThrottleLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Milliseconds until the key may try again; 0 when it may now. */
  waitMs(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined) return 0;
    const since = this.#clock.monotonic() - failures.last;
    if (since >= this.#limits.forgetMs) {
      this.#failures.delete(key);
      return 0;
    }
    const beyond = failures.count - this.#limits.free;
    if (beyond <= 0) return 0;
    // Above 2^30 the doubling has passed any longest wait.
    const wait = Math.min(
      this.#limits.longestWaitMs,
      this.#limits.firstWaitMs * 2 ** Math.min(beyond - 1, 30),
    );
    return Math.max(0, wait - since);
  }

  fail(key: string): void {
    const failures = this.#failures.get(key) ?? { count: 0, last: 0 };
    const now = this.#clock.monotonic();
    failures.count = now - failures.last >= this.#limits.forgetMs ? 1 : failures.count + 1;
    failures.last = now;
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    if (this.#failures.size <= this.#limits.mostKeys) return;
    for (const oldest of this.#failures.keys()) {
      this.#failures.delete(oldest);
      break;
    }
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
