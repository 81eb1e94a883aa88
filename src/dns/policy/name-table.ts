// A set of a million names and what becomes of each, in 12 octets a name: block lists are that long, and a Map of them would take 150 MB. Names
// are kept as 64 bits of a hash with a secret of its own, so that nobody can look for names that collide: of a million names asked about, one
// is mistaken for one of a million kept names once in 10^7 such runs. The table lies in shared memory: another thread builds it.
import type { DomainName } from '../wire/name.ts';

/** What becomes of a name, or of all names below one: 1 to 255, by the list's own numbering; 0 is nothing. */
export type NameAction = number;

/** What is handed from thread to thread. */
export interface NameTableData {
  readonly seeds: readonly [number, number];
  readonly names: number;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  /** Of the name itself, and of all below it. */
  readonly exact: Uint8Array;
  readonly below: Uint8Array;
}

/** Of `capacity` places so many are taken at most: more would make searching long. */
const load = 0.8;
const maxLabels = 128;
/** Scratch of one call: nothing here waits. */
const starts = new Uint8Array(maxLabels);
const highs = new Uint32Array(maxLabels);
const lows = new Uint32Array(maxLabels);

export class NameTableBuilder {
  readonly #seeds: readonly [number, number];
  #high = new Uint32Array(1024);
  #low = new Uint32Array(1024);
  #kinds = new Uint16Array(1024);
  #count = 0;

  constructor(seeds: readonly [number, number]) {
    this.#seeds = seeds;
  }

  /** Of a name that is there already the first action counts. */
  add(wire: Uint8Array, action: NameAction, below: boolean): void {
    const labels = hashSuffixes(wire, this.#seeds);
    if (this.#count === this.#kinds.length) this.#grow();
    this.#high[this.#count] = highs[labels] ?? 0;
    this.#low[this.#count] = lows[labels] ?? 0;
    this.#kinds[this.#count] = (action << 1) | (below ? 1 : 0);
    this.#count += 1;
  }

  build(): NameTableData {
    const capacity = Math.max(16, Math.ceil(this.#count / load));
    const table = {
      seeds: this.#seeds,
      names: this.#count,
      high: new Uint32Array(new SharedArrayBuffer(4 * capacity)),
      low: new Uint32Array(new SharedArrayBuffer(4 * capacity)),
      exact: new Uint8Array(new SharedArrayBuffer(capacity)),
      below: new Uint8Array(new SharedArrayBuffer(capacity)),
    };
    for (let i = 0; i < this.#count; i++) {
      const place = placeOf(table, this.#high[i] ?? 0, this.#low[i] ?? 0);
      table.high[place] = this.#high[i] ?? 0;
      table.low[place] = this.#low[i] ?? 0;
      const kind = this.#kinds[i] ?? 0;
      const actions = (kind & 1) === 0 ? table.exact : table.below;
      if (actions[place] === 0) actions[place] = kind >>> 1;
    }
    return table;
  }

  #grow(): void {
    const size = 2 * this.#kinds.length;
    const grown = <Numbers extends Uint32Array | Uint16Array>(from: Numbers, to: Numbers): Numbers => {
      to.set(from);
      return to;
    };
    this.#high = grown(this.#high, new Uint32Array(size));
    this.#low = grown(this.#low, new Uint32Array(size));
    this.#kinds = grown(this.#kinds, new Uint16Array(size));
  }
}

export class NameTable {
  readonly #data: NameTableData;

  constructor(data: NameTableData) {
    this.#data = data;
  }

  get names(): number {
    return this.#data.names;
  }

  /**
   * What becomes of a name, and by which entry: the name's own, else of those above it with `below` the nearest. `labels`: how many the entry has.
   * The name is in lower case.
   */
  find(
    name: DomainName,
  ): { readonly action: NameAction; readonly labels: number; readonly below: boolean } | undefined {
    const data = this.#data;
    const labels = hashSuffixes(name.wire, data.seeds);
    for (let count = labels; count >= 0; count--) {
      const place = placeOf(data, highs[count] ?? 0, lows[count] ?? 0);
      const below = count < labels;
      const action = (below ? data.below : data.exact)[place] ?? 0;
      if (action !== 0) return { action, labels: count, below };
    }
    return undefined;
  }
}

/** Where the hash stands, or where it would stand: both actions are 0 there. */
function placeOf({ high, low, exact, below }: NameTableData, h: number, l: number): number {
  const capacity = high.length;
  for (let place = Math.floor((h / 2 ** 32) * capacity); ; place = place + 1 === capacity ? 0 : place + 1) {
    if (exact[place] === 0 && below[place] === 0) return place;
    if (high[place] === h && low[place] === l) return place;
  }
}

/** Hashes the root, the last label, the last two, and so on, into `highs` and `lows`; gives the number of labels. */
function hashSuffixes(wire: Uint8Array, [seed1, seed2]: readonly [number, number]): number {
  let labels = 0;
  for (let at = 0; (wire[at] ?? 0) !== 0 && labels < maxLabels - 1; at += 1 + (wire[at] ?? 0)) {
    starts[labels] = at;
    labels += 1;
  }
  let [a, b] = [seed1, seed2];
  highs[0] = finish(a);
  lows[0] = finish(b);
  for (let i = labels - 1; i >= 0; i--) {
    const start = starts[i] ?? 0;
    const end = start + 1 + (wire[start] ?? 0);
    for (let at = start; at < end; at++) {
      const octet = wire[at] ?? 0;
      a = Math.imul(a ^ octet, 0x01000193) + (a >>> 15);
      b = Math.imul((b << 5) ^ (b >>> 27) ^ octet, 0x9e3779b1);
    }
    highs[labels - i] = finish(a);
    lows[labels - i] = finish(b ^ a);
  }
  return labels;
}

/** The last step of MurmurHash3 (public domain): each bit has its part in all. */
function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
