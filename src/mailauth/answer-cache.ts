// What DNS has said to the checks of mail, already read, for as long as it may be kept. The resolver remembers the same, but asking it takes
// a resolution with all that it notes: for the five or more questions of a message that was a fifth of all the CPU that the message
// took. Measure: npm run bench -- --only smtp
import type { Clock } from '../lib/clock.ts';

interface Kept<Value> {
  readonly value: Value;
  /** Milliseconds of the monotonic clock. */
  readonly expires: number;
}

/** Entries; the oldest goes. */
const mostKept = 2000;
/** Seconds: what changes in DNS should not be missed for long, whatever its TTL. */
const longestTtl = 300;

export class AnswerCache<Value> {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept<Value>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    if (this.#clock.monotonic() < kept.expires) return kept.value;
    this.#kept.delete(key);
    return undefined;
  }

  /** `ttl`: seconds; 0 is not kept. */
  set(key: string, value: Value, ttl: number): void {
    if (ttl <= 0) return;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= mostKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, { value, expires: this.#clock.monotonic() + 1000 * Math.min(ttl, longestTtl) });
  }
}
