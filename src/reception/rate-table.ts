// How much of several things each key may still have: so much a minute, a minute's worth at once. Bounded in memory: where the table is
// full, the key that was used least recently is forgotten.
import type { Clock } from '../lib/clock.ts';

const minute = 60_000;

interface Account {
  /** When `credits` were reckoned, by the monotonic clock. */
  at: number;
  readonly credits: Float64Array;
}

export class RateTable<Kind extends string> {
  /** Of each kind: its place in an account, and what it gets a minute; 0: no limit. */
  readonly #kinds: ReadonlyMap<Kind, { readonly index: number; readonly limit: number }>;
  readonly #full: Float64Array;
  readonly #clock: Clock;
  readonly #mostKeys: number;
  /** In order of use, so that the first is the one to forget. */
  readonly #accounts = new Map<string, Account>();

  constructor(perMinute: ReadonlyMap<Kind, number>, clock: Clock, mostKeys: number) {
    this.#kinds = new Map([...perMinute].map(([kind, limit], index) => [kind, { index, limit }]));
    this.#full = Float64Array.from(perMinute.values());
    this.#clock = clock;
    this.#mostKeys = mostKeys;
  }

  get size(): number {
    return this.#accounts.size;
  }

  /** Milliseconds until the key may have one more of the kind; 0: now. Nothing is counted. */
  waitMs(key: string, kind: Kind): number {
    const place = this.#kinds.get(kind);
    const known = this.#accounts.get(key);
    if (place === undefined || place.limit === 0 || known === undefined) return 0;
    this.#reckon(known);
    const lacking = 1 - (known.credits[place.index] ?? 0);
    return lacking <= 0 ? 0 : Math.ceil((lacking * minute) / place.limit);
  }

  /** Counts, whether there is enough or not; a debt is never more than a minute's worth, so that nobody waits for more than two. */
  charge(key: string, kind: Kind, amount: number): void {
    const place = this.#kinds.get(kind);
    if (place === undefined || place.limit === 0) return;
    const account = this.#accounts.get(key) ?? {
      at: this.#clock.monotonic(),
      credits: this.#full.slice(),
    };
    this.#reckon(account);
    const credit = account.credits[place.index] ?? 0;
    account.credits[place.index] = Math.max(-place.limit, credit - amount);
    this.#accounts.delete(key);
    this.#accounts.set(key, account);
    if (this.#accounts.size <= this.#mostKeys) return;
    for (const oldest of this.#accounts.keys()) {
      this.#accounts.delete(oldest);
      break;
    }
  }

  #reckon(account: Account): void {
    const now = this.#clock.monotonic();
    const share = (now - account.at) / minute;
    if (share <= 0) return;
    account.at = now;
    for (const [index, limit] of this.#full.entries()) {
      account.credits[index] = Math.min(limit, (account.credits[index] ?? 0) + share * limit);
    }
  }
}
