// Whole answers, found by hashing the question where it lies in the query, without making an object on the way.
//
// A hot path: most queries of a running server end here. An answer put together anew takes about ten times as much CPU as one
// from here: 14 µs against 1.2 µs on a busy 2-core machine, for the bench's zone and query mix (bench/micro/authority-answer.ts).
// Entries lie in one arena of equal slots, a hash leads to four of them, and a new answer takes the place of one there: no
// bookkeeping, and a flood of invented names can at worst make the others be put together anew.

/** Longer answers aren't kept. Every client takes this much (RFC 1035 §4.2.1), so an entry fits whoever asks. */
const slotSize = 512;
/** Neighbouring slots that an answer may be in; with one alone a third of the answers would push each other out. */
const groupSize = 4;
const firstSlots = 1024;
/** The most slots: 32 MiB of arena, and less than 1 MiB of tables. */
const mostSlots = 65_536;

export class AnswerCache {
  readonly #mostSlots: number;
  #filled = 0;
  #victim = 0;
  #mask: number;
  #arena: Uint8Array;
  /** Per slot: the hash of its question, and the length of its answer, 0 where it is empty. */
  #hashes: Int32Array;
  #lengths: Uint16Array;
  /** Per slot: the variant, and where the question ends. */
  #variants: Uint8Array;
  #questionEnds: Uint16Array;

  /** `slots` is a power of two, 4 at least; the cache starts small and grows up to it. */
  constructor(slots: number = mostSlots) {
    this.#mostSlots = slots;
    const first = Math.min(firstSlots, slots);
    this.#mask = first - 1;
    this.#arena = new Uint8Array(first * slotSize);
    this.#hashes = new Int32Array(first);
    this.#lengths = new Uint16Array(first);
    this.#variants = new Uint8Array(first);
    this.#questionEnds = new Uint16Array(first);
  }

  /**
   * The answer to the question that lies in `query` from octet 12 to `questionEnd`, or `undefined`. The question (its case kept),
   * the id and RD are those of `query`. `variant` (0 to 255) stands for whatever else the answer depends on.
   * `hash` is `hashQuestion`'s.
   */
  find(query: Uint8Array, questionEnd: number, variant: number, hash: number): Uint8Array | undefined {
    const slot = this.#slotWith(query, questionEnd, variant, hash);
    if (slot < 0) return undefined;
    const start = slot * slotSize;
    const length = this.#lengths[slot] ?? 0;
    const arena = this.#arena;
    const answer = takeReply(length);
    // Short copies are faster octet by octet than through a view made for them.
    for (let at = 0; at < length; at++) answer[at] = arena[start + at] ?? 0;
    answer[0] = query[0] ?? 0;
    answer[1] = query[1] ?? 0;
    answer[2] = ((answer[2] ?? 0) & 0xfe) | ((query[2] ?? 0) & 1);
    for (let at = 12; at < questionEnd; at++) answer[at] = query[at] ?? 0;
    return answer;
  }

  /** Keeps `answer`, which must be whole (no TC), for all queries with that question and variant. */
  keep(answer: Uint8Array, questionEnd: number, variant: number, hash: number): void {
    if (answer.length > slotSize) return;
    if (this.#filled * 2 > this.#mask && this.#mask + 1 < this.#mostSlots) this.#grow();
    const slot = this.#slotFor(hash, variant);
    if (this.#lengths[slot] === 0) this.#filled += 1;
    this.#arena.set(answer, slot * slotSize);
    this.#lengths[slot] = answer.length;
    this.#hashes[slot] = hash;
    this.#variants[slot] = variant;
    this.#questionEnds[slot] = questionEnd;
  }

  /** The slot that holds the answer, or -1. */
  #slotWith(query: Uint8Array, questionEnd: number, variant: number, hash: number): number {
    const first = groupOf(hash, variant) & this.#mask;
    for (let slot = first; slot < first + groupSize; slot++) {
      if (this.#hashes[slot] !== hash || this.#lengths[slot] === 0 || this.#variants[slot] !== variant)
        continue;
      if (this.#questionEnds[slot] === questionEnd && this.#asks(slot * slotSize, query, questionEnd))
        return slot;
    }
    return -1;
  }

  /** Whether the answer that starts at `start` in the arena has the question of `query`. */
  #asks(start: number, query: Uint8Array, questionEnd: number): boolean {
    const arena = this.#arena;
    const nameEnd = questionEnd - 4;
    for (let at = 12; at < nameEnd; at++) {
      if (lower[query[at] ?? 0] !== lower[arena[start + at] ?? 0]) return false;
    }
    for (let at = nameEnd; at < questionEnd; at++) {
      if (query[at] !== arena[start + at]) return false;
    }
    return true;
  }

  /** An empty slot of the group, or the next victim. */
  #slotFor(hash: number, variant: number): number {
    const first = groupOf(hash, variant) & this.#mask;
    for (let slot = first; slot < first + groupSize; slot++) if (this.#lengths[slot] === 0) return slot;
    this.#victim = (this.#victim + 1) % groupSize;
    return first + this.#victim;
  }

  #grow(): void {
    const old = { arena: this.#arena, hashes: this.#hashes, lengths: this.#lengths };
    const [variants, questionEnds] = [this.#variants, this.#questionEnds];
    const slots = Math.min((this.#mask + 1) * 4, this.#mostSlots);
    this.#filled = 0;
    this.#mask = slots - 1;
    this.#arena = new Uint8Array(slots * slotSize);
    this.#hashes = new Int32Array(slots);
    this.#lengths = new Uint16Array(slots);
    this.#variants = new Uint8Array(slots);
    this.#questionEnds = new Uint16Array(slots);
    for (const [slot, length] of old.lengths.entries()) {
      if (length === 0) continue;
      const answer = old.arena.subarray(slot * slotSize, slot * slotSize + length);
      this.keep(answer, questionEnds[slot] ?? 0, variants[slot] ?? 0, old.hashes[slot] ?? 0);
    }
  }
}

/** ASCII letters in lower case (RFC 4343 §3). */
const lower: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** Of the octets from 12 to `questionEnd`; letters of the name count alike in either case. */
export function hashQuestion(query: Uint8Array, questionEnd: number): number {
  let hash = 0;
  const nameEnd = questionEnd - 4;
  for (let at = 12; at < nameEnd; at++) hash = Math.imul(hash ^ (lower[query[at] ?? 0] ?? 0), 0x01000193);
  for (let at = nameEnd; at < questionEnd; at++) hash = Math.imul(hash ^ (query[at] ?? 0), 0x01000193);
  return hash;
}

/** The multiplication leaves the low bits weak where names differ in few octets only. */
function groupOf(hash: number, variant: number): number {
  const mixed = Math.imul(hash ^ variant, 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 15)) & -groupSize;
}

/**
 * Replies are cut from one larger array, because an array of its own for each costs more than all the rest. A reply lives
 * until it is sent, and the larger array as long as one of its replies.
 */
const poolSize = 65_536;
let pool: Uint8Array = new Uint8Array(poolSize);
let poolAt = 0;

function takeReply(length: number): Uint8Array {
  if (poolAt + length > poolSize) {
    pool = new Uint8Array(poolSize);
    poolAt = 0;
  }
  poolAt += length;
  return pool.subarray(poolAt - length, poolAt);
}
