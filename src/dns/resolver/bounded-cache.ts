// A map that stays within a bound of octets: the oldest goes first, but for what was used since it was put in or last spared. A use
// only sets a mark: to put what is used in anew each time, so that the order is that of uses, cost a fifth of all CPU of a
// resolver with 50,000 entries.

interface Kept<Value> {
  readonly value: Value;
  readonly octets: number;
  used: boolean;
}

export class BoundedCache<Value> {
  readonly #limit: number;
  readonly #kept = new Map<string, Kept<Value>>();
  #octets = 0;

  /** `limit`: octets, as the callers of `set` count them. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#kept.size;
  }

  get octets(): number {
    return this.#octets;
  }

  get(key: string): Value | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    kept.used = true;
    return kept.value;
  }

  /** As `get`, without counting as a use. */
  peek(key: string): Value | undefined {
    return this.#kept.get(key)?.value;
  }

  /** `octets`: about how much memory key and value take. What is larger than the whole cache isn't kept. */
  set(key: string, value: Value, octets: number): void {
    this.delete(key);
    if (octets > this.#limit) return;
    this.#kept.set(key, { value, octets, used: false });
    this.#octets += octets;
    if (this.#octets > this.#limit) this.#makeRoom();
  }

  /** Those used least recently first; none counts as used by this. */
  *values(): Generator<Value> {
    for (const { value } of this.#kept.values()) yield value;
  }

  /** A Map keeps the order of insertion. What is spared becomes the youngest, so that all have been looked at before one is spared again. */
  #makeRoom(): void {
    for (const [key, kept] of this.#kept) {
      if (this.#octets <= this.#limit) return;
      this.#kept.delete(key);
      if (kept.used) {
        kept.used = false;
        this.#kept.set(key, kept);
      } else this.#octets -= kept.octets;
    }
  }

  delete(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#octets -= kept.octets;
  }

  /** Takes out the values that are meant. */
  deleteWhere(isMeant: (value: Value) => boolean): void {
    for (const [key, { value }] of this.#kept) if (isMeant(value)) this.delete(key);
  }

  clear(): void {
    this.#kept.clear();
    this.#octets = 0;
  }
}
