// A map that stays within a bound of octets: what was used least recently goes first.

interface Kept<Value> {
  readonly value: Value;
  readonly octets: number;
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
    // A Map keeps the order of insertion: putting the entry in again makes it the youngest.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
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
    this.#kept.set(key, { value, octets });
    this.#octets += octets;
    for (const oldest of this.#kept.keys()) {
      if (this.#octets <= this.#limit) break;
      this.delete(oldest);
    }
  }

  /** Those used least recently first; none counts as used by this. */
  *values(): Generator<Value> {
    for (const { value } of this.#kept.values()) yield value;
  }

  delete(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#octets -= kept.octets;
  }

  clear(): void {
    this.#kept.clear();
    this.#octets = 0;
  }
}
