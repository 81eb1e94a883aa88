// Encodes an RRset as it stands in an answer: owners as pointers to the question's name, names in the data compressed against it and against
// each other (RFC 1035 §4.1.4; RFC 3597 §4: in the types of RFC 1035 only), with what must be set right where it stands elsewhere.
//
// A hot path of loading: every RRset of a zone passes here, so one encoder is used again and again, and makes no object.
import { rrClass } from '../wire/codes.ts';
import { rrType } from '../wire/rr-type.ts';
import { answerStart, fixKind, targetFlag } from './image-layout.ts';

/** Most that an RRset's records may take: what is left of 65,535 for header, question and OPT. */
export const mostRRsetOctets = 65_000;
/** Pointers within an RRset go to its first octets only, so that they reach wherever it may stand (14 bits). */
const withinReach = 8192;
/** Names of an RRset that others are compressed against: enough for the name servers of a zone, and a bound for the work. */
const mostKnown = 48;

/** Octets before the name or names in the data, and how many of them there are; for the types whose names are compressed. */
const compressedNames: ReadonlyMap<number, { readonly skip: number; readonly names: number }> = new Map([
  [rrType.NS, { skip: 0, names: 1 }],
  [rrType.MD, { skip: 0, names: 1 }],
  [rrType.MF, { skip: 0, names: 1 }],
  [rrType.CNAME, { skip: 0, names: 1 }],
  [rrType.SOA, { skip: 0, names: 2 }],
  [rrType.MB, { skip: 0, names: 1 }],
  [rrType.MG, { skip: 0, names: 1 }],
  [rrType.MR, { skip: 0, names: 1 }],
  [rrType.PTR, { skip: 0, names: 1 }],
  [rrType.MINFO, { skip: 0, names: 2 }],
  [rrType.MX, { skip: 2, names: 1 }],
]);

/** Octets before the name in the data that a client will want more about; see `targets.ts`. */
const targetSkips: ReadonlyMap<number, number> = new Map([
  [rrType.NS, 0],
  [rrType.MD, 0],
  [rrType.MF, 0],
  [rrType.MB, 0],
  [rrType.AFSDB, 2],
  [rrType.RT, 2],
  [rrType.KX, 2],
  [rrType.MX, 2],
  [rrType.SRV, 6],
  [rrType.SVCB, 2],
  [rrType.HTTPS, 2],
]);

export class RRsetEncoder {
  /** What was encoded: octets, and how many. */
  readonly octets: Uint8Array = new Uint8Array(2 * mostRRsetOctets);
  length = 0;
  records = 0;
  /** Words as `image-layout.ts` has them. */
  fixes: Int32Array = new Int32Array(64);
  fixCount = 0;
  /** For each target: position in `octets` with flags, and where its name starts in the data and how long it is. */
  targets: Int32Array = new Int32Array(48);
  targetCount = 0;
  /** The data was too much for one message: what is here is not to be used. */
  overflowed = false;

  #owner: Uint8Array = new Uint8Array(0);
  #ownerAt = 0;
  #ownerLength = 0;
  #ownerIsWildcard = false;
  /** 1 where a label of the owner starts. */
  readonly #ownerStarts = new Uint8Array(256);
  #type = 0;
  #ttl = 0;
  #names: { readonly skip: number; readonly names: number } | undefined;
  #targetSkip = -1;
  /** Suffixes that were written in this RRset: data they came from, where there, how long, and their position. */
  readonly #knownData: Uint8Array[] = [];
  readonly #knownAt = new Int32Array(mostKnown);
  readonly #knownLength = new Int32Array(mostKnown);
  readonly #knownPosition = new Int32Array(mostKnown);
  #known = 0;

  /** Begins an RRset. The owner's octets must stay as they are until the last `add`. */
  start(owner: Uint8Array, ownerAt: number, ownerLength: number, type: number, ttl: number): void {
    if (owner !== this.#owner || ownerAt !== this.#ownerAt || ownerLength !== this.#ownerLength) {
      this.#owner = owner;
      this.#ownerAt = ownerAt;
    }
    // The octets may be others at the same place, so this is read anew.
    this.#ownerLength = ownerLength;
    this.#ownerIsWildcard = owner[ownerAt] === 1 && owner[ownerAt + 1] === 0x2a;
    this.#type = type;
    this.#ttl = ttl;
    this.#names = compressedNames.get(type);
    this.#targetSkip = targetSkips.get(type) ?? -1;
    if (this.#names !== undefined || this.#targetSkip >= 0) this.#markOwner();
    this.length = 0;
    this.records = 0;
    this.fixCount = 0;
    this.targetCount = 0;
    this.#known = 0;
    this.overflowed = false;
  }

  /** Adds a record with that data, which must be valid for the type, uncompressed, and stay as it is until the last `add`. */
  add(data: Uint8Array, at: number, length: number): void {
    if (this.length + length + 12 > mostRRsetOctets) this.overflowed = true;
    if (this.overflowed) return;
    const { octets } = this;
    let to = this.length;
    if (this.records > 0) this.#fix(to, fixKind.owner);
    octets[to++] = 0xc0;
    octets[to++] = 12;
    octets[to++] = this.#type >>> 8;
    octets[to++] = this.#type;
    octets[to++] = 0;
    octets[to++] = rrClass.IN;
    octets[to++] = this.#ttl >>> 24;
    octets[to++] = this.#ttl >>> 16;
    octets[to++] = this.#ttl >>> 8;
    octets[to++] = this.#ttl;
    to += 2;
    const start = to;
    const names = this.#names;
    let from = at;
    const end = at + length;
    if (names !== undefined) {
      const skipEnd = Math.min(end, from + names.skip);
      while (from < skipEnd) octets[to++] = data[from++] ?? 0;
      for (let count = 0; count < names.names && from < end; count++) {
        const nameEnd = endOfName(data, from, end);
        to = this.#name(data, from, nameEnd, to);
        from = nameEnd;
      }
    }
    while (from < end) octets[to++] = data[from++] ?? 0;
    octets[start - 2] = (to - start) >>> 8;
    octets[start - 1] = to - start;
    if (this.#targetSkip >= 0) this.#target(data, at, end, start);
    this.length = to;
    this.records += 1;
  }

  #markOwner(): void {
    const starts = this.#ownerStarts.fill(0);
    for (let at = 0; at < this.#ownerLength - 1;) {
      starts[at] = 1;
      at += (this.#owner[this.#ownerAt + at] ?? 0) + 1;
    }
    // What `*` stands for is in the question, not in the owner.
    if (this.#ownerIsWildcard) starts[0] = 0;
  }

  /** Writes a name at `to` as short as it can be; gives where it ends. */
  #name(data: Uint8Array, from: number, end: number, to: number): number {
    const { octets } = this;
    for (let at = from; at < end;) {
      const rest = end - at;
      const offset = this.#ownerLength - rest;
      if (
        rest > 1 &&
        offset >= 0 &&
        this.#ownerStarts[offset] === 1 &&
        this.#isOwner(data, at, offset, rest)
      ) {
        this.#fix(to, fixKind.suffix);
        octets[to] = 0xc0;
        octets[to + 1] = 12 + offset;
        return to + 2;
      }
      const known = rest > 2 ? this.#findKnown(data, at, rest) : -1;
      if (known >= 0) {
        const value = answerStart(this.#ownerLength) + known;
        this.#fix(to, fixKind.within);
        octets[to] = 0xc0 | (value >>> 8);
        octets[to + 1] = value;
        return to + 2;
      }
      if (rest > 2 && to < withinReach && this.#known < mostKnown) {
        this.#knownData[this.#known] = data;
        this.#knownAt[this.#known] = at;
        this.#knownLength[this.#known] = rest;
        this.#knownPosition[this.#known] = to;
        this.#known += 1;
      }
      const labelEnd = at + (data[at] ?? 0) + 1;
      while (at < labelEnd) octets[to++] = data[at++] ?? 0;
    }
    return to;
  }

  /** Octet for octet, case included, so that the data can be had back as it was written. */
  #isOwner(data: Uint8Array, at: number, offset: number, length: number): boolean {
    const [owner, ownerAt] = [this.#owner, this.#ownerAt + offset];
    for (let i = 0; i < length; i++) if (data[at + i] !== owner[ownerAt + i]) return false;
    return true;
  }

  /** The position of a suffix that was written before, or -1. */
  #findKnown(data: Uint8Array, at: number, length: number): number {
    for (let index = 0; index < this.#known; index++) {
      if (this.#knownLength[index] !== length) continue;
      const [known, knownAt] = [this.#knownData[index], this.#knownAt[index] ?? 0];
      if (known === undefined) continue;
      let same = 0;
      while (same < length && data[at + same] === known[knownAt + same]) same += 1;
      if (same === length) return this.#knownPosition[index] ?? 0;
    }
    return -1;
  }

  #fix(position: number, kind: number): void {
    if (this.fixCount === this.fixes.length) this.fixes = grown(this.fixes);
    this.fixes[this.fixCount] = position | (kind << 16);
    this.fixCount += 1;
  }

  /** Notes what the record that starts with its data at `position` points to. */
  #target(data: Uint8Array, at: number, end: number, position: number): void {
    const type = this.#type;
    const nameAt = at + this.#targetSkip;
    if (nameAt >= end) return;
    const isRoot = data[nameAt] === 0;
    let flags = 0;
    if (type === rrType.SVCB || type === rrType.HTTPS) {
      // RFC 9460 §4.1: priority 0 makes an alias (§2.4.2), for which the root says "no such service" (§2.5.1), else the owner (§2.5.2).
      const alias = data[at] === 0 && data[at + 1] === 0;
      if (alias && isRoot) return;
      flags = (alias ? targetFlag.alias : 0) | (isRoot ? targetFlag.owner : 0);
    } else if (isRoot) {
      // In MX and SRV the root says "no such service" (RFC 7505 §3, RFC 2782).
      return;
    }
    if (type === rrType.RT) flags |= targetFlag.route;
    if (this.targetCount * 3 + 3 > this.targets.length) this.targets = grown(this.targets);
    const index = this.targetCount * 3;
    this.targets[index] = (position + this.#targetSkip) | flags;
    this.targets[index + 1] = nameAt;
    this.targets[index + 2] = endOfName(data, nameAt, end) - nameAt;
    this.targetCount += 1;
  }
}

/** Where the uncompressed name at `at` ends, at most `end`. */
export function endOfName(data: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const length = data[at] ?? 0;
    at += length + 1;
    if (length === 0) break;
  }
  return Math.min(at, end);
}

function grown(words: Int32Array): Int32Array {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}
