// Writes answers as packets into the memory that all threads answer from (packet-memory.ts). The log goes round: what is oldest makes room,
// but for what was asked for since it was written, which is written anew: so what is used stays, within a bound of octets that
// is the memory's size, and a write costs a bounded number of moves. Each thread that writes has an object of its own; they take turns.
import type { Random } from '../../lib/random.ts';
import { lowerOctets } from '../wire/lower-octets.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { nameFromWire } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import {
  inEntry,
  inHeadDoubles,
  inSlot,
  PacketMemory,
  slotsInBucket,
  slotWords,
  use,
  variantOf,
} from './packet-memory.ts';

/** A whole answer. */
export interface Packet {
  /** Header, question, answer and authority sections; uncut, and without an OPT record. */
  readonly body: Uint8Array;
  /** Whether it is to be called so to clients that understand AD (RFC 6840 §5.7). */
  readonly authentic: boolean;
  readonly questionEnd: number;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  /** The data of an extended error option (RFC 8914 §2) for clients with EDNS; may be empty. */
  readonly error: Uint8Array;
}

/** A question whose answer is near its end, and was asked for. */
export interface WantedAnswer {
  readonly name: DomainName;
  readonly type: number;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

/** Entries that are spared for one that is written. */
const mostMoves = 8;
/** Between the newest octet and the oldest entry that still counts: no reader is so slow that what it reads is overwritten before its slot is emptied. */
const largestGap = 65_536;
/** The longest answer kept; a part of the log where that is small. */
const longestEntry = 16_384;

export class PacketCache {
  readonly memory: PacketMemory;
  readonly #gap: number;
  readonly #longest: number;
  readonly #now: () => number;
  #wanted = 0;

  /** `now`: the monotonic clock that all threads have in common, in milliseconds. */
  constructor(memory: PacketMemory, now: () => number) {
    this.memory = memory;
    this.#now = now;
    const { logOctets } = memory;
    this.#gap = Math.min(largestGap, logOctets >>> 2) & -8;
    this.#longest = Math.min(longestEntry, logOctets >>> 4);
  }

  /** With memory of its own: so many octets, all told. */
  static make(octets: number, random: Random, now: () => number): PacketCache {
    return new PacketCache(PacketMemory.make(octets, random), now);
  }

  /** Octets written and made free since the beginning: by their difference with the log's length, where the next entry goes, and the oldest is. */
  get #written(): number {
    return this.memory.doubles[inHeadDoubles.written] ?? 0;
  }

  set #written(octets: number) {
    this.memory.doubles[inHeadDoubles.written] = octets;
  }

  get #freed(): number {
    return this.memory.doubles[inHeadDoubles.freed] ?? 0;
  }

  set #freed(octets: number) {
    this.memory.doubles[inHeadDoubles.freed] = octets;
  }

  /** Of the memory: entries, whether they still count or not. */
  get octets(): number {
    return this.#written - this.#freed;
  }

  /**
   * Keeps an answer for `seconds` from `now` on (milliseconds of the monotonic clock), and gives whether it did: not one that is too long, nor one that was
   * asked for before everything was forgotten. `generation`: the memory's when it was asked for; of now, unless given.
   */
  keep(packet: Packet, seconds: number, now: number, generation: number = this.memory.generation): boolean {
    const { body, questionEnd, error } = packet;
    const ttls = ttlPlaces(body, questionEnd);
    const length = (inEntry.body + body.length + error.length + 2 * ttls.length + 7) & -8;
    if (seconds <= 0 || length > this.#longest || !this.memory.beginWriting(this.#now())) return false;
    try {
      if (generation !== this.memory.generation) return false;
      this.#write(packet, ttls, length, seconds, now);
      return true;
    } finally {
      this.memory.endWriting();
    }
  }

  #write(packet: Packet, ttls: readonly number[], length: number, seconds: number, now: number): void {
    const { body, questionEnd, error } = packet;
    this.#makeRoom(length, now);
    const variant = variantOf(packet.dnssecOk, packet.checkingDisabled);
    const { memory } = this;
    const { words, doubles, bytes } = memory;
    const typeAt = questionEnd - 4;
    const type = ((body[typeAt] ?? 0) << 8) | (body[typeAt + 1] ?? 0);
    const hash = memory.hash(body, headerLength, typeAt, type, variant);
    const slot = this.#slotFor(hash, now);
    const place = this.#written % memory.logOctets;
    const at = memory.logAt + place;
    const word = at >>> 2;
    words[word + (inEntry.length >>> 2)] = length;
    words[word + (inEntry.hash >>> 2)] = hash;
    words[word + (inEntry.slot >>> 2)] = slot;
    words[word + (inEntry.variant >>> 2)] = variant;
    words[word + (inEntry.questionEnd >>> 2)] = questionEnd;
    words[word + (inEntry.bodyLength >>> 2)] = body.length;
    words[word + (inEntry.errorLength >>> 2)] = error.length;
    words[word + (inEntry.ttls >>> 2)] = ttls.length;
    doubles[(at + inEntry.kept) >>> 3] = now;
    doubles[(at + inEntry.expires) >>> 3] = now + seconds * 1000;
    let next = at + inEntry.body;
    bytes.set(body, next);
    bytes[next + 3] = ((body[3] ?? 0) & ~0x20) | (packet.authentic ? 0x20 : 0);
    // The name is compared without case, and the client's own is put in its place.
    for (let i = headerLength; i < typeAt; i++) bytes[next + i] = lowerOctets[body[i] ?? 0] ?? 0;
    next += body.length;
    bytes.set(error, next);
    next += error.length;
    for (const ttl of ttls) {
      bytes[next++] = ttl >>> 8;
      bytes[next++] = ttl;
    }
    this.#written += length;
    this.#point(slot, hash, place);
  }

  /** Forgets all: nothing of it is answered to whoever asks from now on. */
  clear(): void {
    const { memory } = this;
    const { words, indexAt, indexEnd } = memory;
    // What others are about to keep is out of date from here on.
    memory.countGeneration();
    while (!memory.beginWriting(this.#now()));
    try {
      for (let slot = indexAt; slot < indexEnd; slot += slotWords)
        if (words[slot + inSlot.place] !== 0) this.#empty(slot);
      this.#freed = this.#written;
    } finally {
      memory.endWriting();
    }
  }

  /** The answers near their end that were asked for since the last call, some of them. */
  takeWanted(): readonly WantedAnswer[] {
    const { memory } = this;
    if (memory.wanted === this.#wanted) return [];
    const slots = new Set(memory.wantedSince(this.#wanted));
    this.#wanted = memory.wanted;
    const wanted: WantedAnswer[] = [];
    for (const slot of slots) {
      if (slot < memory.indexAt || slot >= memory.indexEnd) continue;
      const place = memory.words[slot + inSlot.place] ?? 0;
      if (place === 0 || memory.words[slot + inSlot.use] !== use.wanted) continue;
      const question = this.#questionAt(memory.logAt + place - 1);
      if (question !== undefined) wanted.push(question);
    }
    return wanted;
  }

  #questionAt(at: number): WantedAnswer | undefined {
    const { words, bytes } = this.memory;
    const body = at + inEntry.body;
    const end = body + (words[(at + inEntry.questionEnd) >>> 2] ?? 0);
    const variant = words[(at + inEntry.variant) >>> 2] ?? 0;
    const name = nameFromWire(bytes.slice(body + headerLength, end - 4));
    if (!name.ok) return undefined;
    return {
      name: name.value,
      type: ((bytes[end - 4] ?? 0) << 8) | (bytes[end - 3] ?? 0),
      dnssecOk: (variant & variantOf(true, false)) !== 0,
      checkingDisabled: (variant & variantOf(false, true)) !== 0,
    };
  }

  /** Makes `length` octets free at the next place, and that place one with so many octets to the log's end. */
  #makeRoom(length: number, now: number): void {
    this.#toOnePiece(length);
    for (let moves = 0; this.#written + length + this.#gap > this.#freed + this.memory.logOctets;)
      if (this.#freeOldest(moves < mostMoves, now)) {
        moves += 1;
        this.#toOnePiece(length);
      }
  }

  /** What would go over the log's end begins at its beginning. */
  #toOnePiece(length: number): void {
    const { logOctets, logAt, words } = this.memory;
    const place = this.#written % logOctets;
    if (place + length <= logOctets) return;
    words[(logAt + place + inEntry.length) >>> 2] = 0;
    this.#written += logOctets - place;
  }

  /** Gives whether it was moved instead. */
  #freeOldest(mayMove: boolean, now: number): boolean {
    const { memory } = this;
    const { words, doubles, logOctets, logAt } = memory;
    const place = this.#freed % logOctets;
    const at = logAt + place;
    const length = words[(at + inEntry.length) >>> 2] ?? 0;
    if (length === 0) {
      this.#freed += logOctets - place;
      return false;
    }
    const slot = words[(at + inEntry.slot) >>> 2] ?? 0;
    const isPointedTo = words[slot + inSlot.place] === place + 1;
    const isUsed =
      isPointedTo &&
      words[slot + inSlot.use] !== use.none &&
      (doubles[(at + inEntry.expires) >>> 3] ?? 0) > now;
    // First the slot: this thread may die in between.
    if (isPointedTo) this.#empty(slot);
    this.#freed += length;
    if (!isUsed || !mayMove) return false;
    this.#toOnePiece(length);
    const newPlace = this.#written % logOctets;
    memory.bytes.copyWithin(logAt + newPlace, at, at + length);
    this.#written += length;
    this.#point(slot, words[(at + inEntry.hash) >>> 2] ?? 0, newPlace);
    return true;
  }

  /** The slot of the same question, an empty one, or the one that is missed least: ended, not used, oldest. */
  #slotFor(hash: number, now: number): number {
    const { memory } = this;
    const { words } = memory;
    const first = memory.bucketAt(hash);
    let least = first;
    let leastWorth = Number.POSITIVE_INFINITY;
    for (let slot = first; slot < first + slotsInBucket * slotWords; slot += slotWords) {
      const place = words[slot + inSlot.place] ?? 0;
      if (place !== 0 && words[slot + inSlot.hash] === hash) return slot;
      const worth = place === 0 ? -1 : this.#worthOf(slot, place - 1, now);
      if (worth < leastWorth) [least, leastWorth] = [slot, worth];
    }
    return least;
  }

  #worthOf(slot: number, place: number, now: number): number {
    const { words, doubles, logAt, logOctets } = this.memory;
    if ((doubles[(logAt + place + inEntry.expires) >>> 3] ?? 0) <= now) return 0;
    const age = (this.#written - place) % logOctets;
    return (words[slot + inSlot.use] === use.none ? 1 : 1 + logOctets) + logOctets - age;
  }

  #empty(slot: number): void {
    const { words } = this.memory;
    const version = this.#beginChange(slot);
    words[slot + inSlot.place] = 0;
    Atomics.store(words, slot + inSlot.version, version + 1);
  }

  #point(slot: number, hash: number, place: number): void {
    const { words } = this.memory;
    const version = this.#beginChange(slot);
    words[slot + inSlot.hash] = hash;
    words[slot + inSlot.place] = place + 1;
    words[slot + inSlot.use] = use.none;
    Atomics.store(words, slot + inSlot.version, version + 1);
  }

  /** Gives the slot's version while it is changed: an odd one, which may stand there already where a thread died as it wrote. */
  #beginChange(slot: number): number {
    return Atomics.or(this.memory.words, slot + inSlot.version, 1) | 1;
  }
}

/** Where the TTLs of all records stand in a response of our own making, which has no OPT record. */
function ttlPlaces(body: Uint8Array, questionEnd: number): readonly number[] {
  const places: number[] = [];
  for (let at = questionEnd; at < body.length;) {
    for (let length = body[at] ?? 0; length !== 0; length = body[at] ?? 0) {
      at += length >= 0xc0 ? 1 : length + 1;
      if (length >= 0xc0) break;
    }
    at += 1;
    if (((body[at] ?? 0) << 8) + (body[at + 1] ?? 0) !== rrType.OPT) places.push(at + 4);
    at += 10 + (((body[at + 8] ?? 0) << 8) | (body[at + 9] ?? 0));
  }
  return places;
}
