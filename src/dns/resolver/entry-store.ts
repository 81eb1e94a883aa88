// Octets under a name and a number, in slabs of memory that never hold more than a bound: what a cache of millions of small things is kept in.
//
// A hot path, and looks it: entries are octets in large arrays and not objects, because an RRset as objects takes ten times its own size and makes
// the collector walk through all of them. `npm run bench -- --only memory` measures it. The memory is a queue of slabs. A new
// entry goes behind the newest; when all slabs are full, the oldest is emptied but for what was read since it was written, and is the newest then
// (CLOCK, by slabs). An index of open addressing, in shards that grow one by one so that no insertion waits for all of them, finds entries.
import type { Random } from '../../lib/random.ts';
import { lowerOctets } from '../wire/lower-octets.ts';

/** Octets into an entry, which begins at a multiple of 8. The name follows the head, and the content the name. */
const inEntry = { length: 0, hash: 4, number: 8, nameLength: 12, used: 13, spare: 14, name: 16 } as const;
/** Instead of a number: nothing stands here any more. */
const removed = 0xffff_ffff;

const largestSlab = 256 * 1024;
const smallestSlab = 512;
/** Slabs of a small store. */
const fewestSlabs = 16;
/** One to write into while another is swept. */
const fewestSlabsLeft = 2;

const shards = 64;
const shardBits = 6;
const smallestShard = 16;
/** Of a shard's slots. */
const fullest = 0.6;
/** Places looked at for one entry. Whoever finds out names that meet in the index (its hash is keyed) makes them push out each other, and costs nobody time. */
const mostProbes = 128;

export interface StoredOctets {
  /** Where name and content lie, one behind the other: to be read at once, as the next change of the store may overwrite them. */
  readonly bytes: Uint8Array;
  readonly nameAt: number;
  readonly at: number;
  readonly end: number;
}

export interface StoredEntry extends StoredOctets {
  readonly number: number;
  /** Where a later walk goes on behind it. */
  readonly next: StorePlace;
}

/** A place in the store: the slab, how often entries had been moved in it, and the octet. */
export interface StorePlace {
  readonly slab: number;
  readonly sweeps: number;
  readonly at: number;
}

export const storeStart: StorePlace = { slab: 0, sweeps: 0, at: 0 };

interface Slab {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Octets written. */
  filled: number;
  /** How often entries were moved in it. */
  sweeps: number;
}

export class EntryStore {
  readonly #limit: number;
  /** A power of two, and which. */
  readonly #slabOctets: number;
  readonly #slabBits: number;
  readonly #seed: number;
  readonly #factor: number;
  #slabs: Slab[] = [];
  /** Numbers of slabs, the oldest first. */
  #order: number[] = [];
  /** By shard: 1 + the entry's place in the slabs, in units of 8 octets; 0 is empty. */
  #index: Uint32Array[] = [];
  #counts: number[] = [];
  #indexOctets = 0;
  #size = 0;
  #lastName: Uint8Array = noName;
  #lastHash = 0;

  /** `limit`: octets of slabs and index together. `random` keys the hash. */
  constructor(limit: number, random: Random) {
    this.#limit = limit;
    const octets = Math.min(largestSlab, Math.max(smallestSlab, limit / fewestSlabs));
    this.#slabBits = Math.floor(Math.log2(octets));
    this.#slabOctets = 2 ** this.#slabBits;
    this.#seed = random.below(0x1_0000_0000) | 0;
    // Odd, so that no step of the hash loses what went in.
    this.#factor = random.below(0x1_0000_0000) | 1;
    this.#lastHash = this.#seed;
    this.clear();
  }

  get size(): number {
    return this.#size;
  }

  /** Octets of memory that are taken, whether entries fill them or not. */
  get octets(): number {
    return this.#slabs.length * this.#slabOctets + this.#indexOctets;
  }

  /** What stands under a name, letters alike in either case, and a number from 0 to 2^32 - 2. Counts as a use. The octets of a name that was looked up don't change. */
  get(name: Uint8Array, number: number): StoredOctets | undefined {
    const hash = this.#hash(name, number);
    const slot = this.#find(hash, name, number);
    if (slot < 0) return undefined;
    const { slab, at } = this.#placeOf(this.#shardOf(hash)[slot] ?? 0);
    slab.bytes[at + inEntry.used] = 1;
    return contentOf(slab, at);
  }

  /** As `get`, without counting as a use. */
  peek(name: Uint8Array, number: number): StoredOctets | undefined {
    const hash = this.#hash(name, number);
    const slot = this.#find(hash, name, number);
    if (slot < 0) return undefined;
    const { slab, at } = this.#placeOf(this.#shardOf(hash)[slot] ?? 0);
    return contentOf(slab, at);
  }

  /** Whether anything stands there. Doesn't count as a use. */
  has(name: Uint8Array, number: number): boolean {
    return this.#find(this.#hash(name, number), name, number) >= 0;
  }

  /** Puts `content` there, in the place of what was. What is longer than a slab isn't kept. */
  set(name: Uint8Array, number: number, content: Uint8Array): void {
    const hash = this.#hash(name, number);
    this.#removeAt(hash, this.#find(hash, name, number));
    const length = (inEntry.name + name.length + content.length + 7) & -8;
    if (length > this.#slabOctets) return;
    const room = this.#makeRoom(length);
    if (room === undefined) return;
    const slab = this.#slabs[room];
    if (slab === undefined) return;
    const at = slab.filled;
    slab.filled += length;
    const word = at >>> 2;
    slab.words[word] = length;
    slab.words[word + (inEntry.hash >>> 2)] = hash;
    slab.words[word + (inEntry.number >>> 2)] = number;
    slab.bytes[at + inEntry.nameLength] = name.length;
    slab.bytes[at + inEntry.used] = 0;
    slab.bytes[at + inEntry.spare] = length - inEntry.name - name.length - content.length;
    slab.bytes.set(name, at + inEntry.name);
    slab.bytes.set(content, at + inEntry.name + name.length);
    this.#point(hash, 1 + (room * this.#slabOctets + at) / 8);
    // The index may have grown: its octets are taken from the slabs.
    while (this.octets > this.#limit && this.#slabs.length > fewestSlabsLeft) this.#dropLastSlab();
  }

  delete(name: Uint8Array, number: number): void {
    const hash = this.#hash(name, number);
    this.#removeAt(hash, this.#find(hash, name, number));
  }

  clear(): void {
    this.#slabs = [];
    this.#order = [];
    this.#index = Array.from({ length: shards }, () => none);
    this.#counts = Array.from({ length: shards }, () => 0);
    this.#indexOctets = 0;
    this.#size = 0;
  }

  /**
   * All entries from `from` on, in no order that means anything. The store may change between two of them: what is written meanwhile may or may not come,
   * and what was moved comes at least once.
   */
  *entries(from: StorePlace = storeStart): Generator<StoredEntry> {
    for (let number = from.slab; number < this.#slabs.length; number++) {
      const slab = this.#slabs[number];
      if (slab === undefined) continue;
      let at = number === from.slab && from.sweeps === slab.sweeps ? from.at : 0;
      let { sweeps } = slab;
      while (at < slab.filled) {
        const word = at >>> 2;
        const length = slab.words[word] ?? 0;
        const stands = slab.words[word + (inEntry.number >>> 2)] ?? 0;
        if (stands !== removed) {
          const next = { slab: number, sweeps, at: at + length };
          yield { ...contentOf(slab, at), number: stands, next };
        }
        at = slab.sweeps === sweeps ? at + length : 0;
        ({ sweeps } = slab);
      }
    }
  }

  /** The number of the slab that has room behind what it holds. */
  #makeRoom(length: number): number | undefined {
    for (let turns = 0; turns < 2; turns++) {
      const newest = this.#order.at(-1);
      if (newest !== undefined && (this.#slabs[newest]?.filled ?? 0) + length <= this.#slabOctets)
        return newest;
      const most = Math.max(
        fewestSlabsLeft,
        Math.floor((this.#limit - this.#indexOctets) / this.#slabOctets),
      );
      if (this.#slabs.length < most) {
        const bytes = new Uint8Array(this.#slabOctets);
        this.#order.push(this.#slabs.length);
        this.#slabs.push({ bytes, words: new Uint32Array(bytes.buffer), filled: 0, sweeps: 0 });
        continue;
      }
      const oldest = this.#order.shift();
      if (oldest === undefined) return undefined;
      this.#order.push(oldest);
      this.#sweep(oldest, turns === 0 ? this.#slabOctets / 2 : 0);
    }
    const newest = this.#order.at(-1);
    return newest !== undefined && (this.#slabs[newest]?.filled ?? 0) + length <= this.#slabOctets
      ? newest
      : undefined;
  }

  /** Slabs are known by their number, so that only the last can be given back. */
  #dropLastSlab(): void {
    const last = this.#slabs.length - 1;
    this.#sweep(last, 0);
    this.#order = this.#order.filter((number) => number !== last);
    this.#slabs.pop();
  }

  /** Takes out of a slab what wasn't used; what was, at most `most` octets, moves to its beginning and must be used again to stay. */
  #sweep(number: number, most: number): void {
    const slab = this.#slabs[number];
    if (slab === undefined) return;
    const { bytes, words, filled } = slab;
    const base = 1 + (number * this.#slabOctets) / 8;
    let kept = 0;
    for (let at = 0; at < filled;) {
      const length = words[at >>> 2] ?? 0;
      if (words[(at + inEntry.number) >>> 2] !== removed) {
        const hash = words[(at + inEntry.hash) >>> 2] ?? 0;
        const slot = this.#slotOf(hash, base + at / 8);
        if (bytes[at + inEntry.used] === 0 || kept + length > most) {
          this.#removeAt(hash, slot);
        } else if (slot >= 0) {
          bytes[at + inEntry.used] = 0;
          bytes.copyWithin(kept, at, at + length);
          this.#shardOf(hash)[slot] = base + kept / 8;
          kept += length;
        }
      }
      at += length;
    }
    slab.filled = kept;
    slab.sweeps += 1;
  }

  #shardOf(hash: number): Uint32Array {
    return this.#index[hash >>> (32 - shardBits)] ?? none;
  }

  #placeOf(pointer: number): { readonly slab: Slab; readonly at: number } {
    const slab = this.#slabs[(pointer - 1) >>> (this.#slabBits - 3)];
    if (slab === undefined) throw new Error('the index of a store leads out of its slabs');
    return { slab, at: ((pointer - 1) << 3) & (this.#slabOctets - 1) };
  }

  /** The slot of the shard, or -1. */
  #find(hash: number, name: Uint8Array, number: number): number {
    const shard = this.#shardOf(hash);
    const mask = shard.length - 1;
    for (let probe = 0; probe < Math.min(mostProbes, shard.length); probe++) {
      const slot = (hash + probe) & mask;
      const pointer = shard[slot] ?? 0;
      if (pointer === 0) return -1;
      const { slab, at } = this.#placeOf(pointer);
      const word = at >>> 2;
      if (
        slab.words[word + (inEntry.hash >>> 2)] === hash &&
        slab.words[word + (inEntry.number >>> 2)] === number &&
        slab.bytes[at + inEntry.nameLength] === name.length &&
        isNameAt(slab.bytes, at + inEntry.name, name)
      )
        return slot;
    }
    return -1;
  }

  #slotOf(hash: number, pointer: number): number {
    const shard = this.#shardOf(hash);
    const mask = shard.length - 1;
    for (let probe = 0; probe < Math.min(mostProbes, shard.length); probe++) {
      const slot = (hash + probe) & mask;
      if (shard[slot] === pointer) return slot;
    }
    return -1;
  }

  /** The index leads to `pointer` from now on. */
  #point(hash: number, pointer: number): void {
    const number = hash >>> (32 - shardBits);
    if ((this.#counts[number] ?? 0) + 1 > this.#shardOf(hash).length * fullest) this.#grow(number);
    const shard = this.#shardOf(hash);
    const slot = freeSlot(shard, hash);
    if (slot >= 0) {
      shard[slot] = pointer;
      this.#counts[number] = (this.#counts[number] ?? 0) + 1;
      this.#size += 1;
      return;
    }
    const home = hash & (shard.length - 1);
    this.#strike(shard[home] ?? 0);
    shard[home] = pointer;
  }

  /** Twice the slots, and each entry in one of its own: a few thousand at most, as there are many shards. */
  #grow(number: number): void {
    const old = this.#index[number] ?? none;
    const shard = new Uint32Array(Math.max(smallestShard, old.length * 2));
    this.#index[number] = shard;
    this.#indexOctets += (shard.length - old.length) * 4;
    for (const pointer of old) {
      if (pointer === 0) continue;
      const { slab, at } = this.#placeOf(pointer);
      const hash = slab.words[(at + inEntry.hash) >>> 2] ?? 0;
      const slot = freeSlot(shard, hash);
      if (slot >= 0) {
        shard[slot] = pointer;
      } else {
        this.#strike(pointer);
        this.#counts[number] = (this.#counts[number] ?? 1) - 1;
        this.#size -= 1;
      }
    }
  }

  #strike(pointer: number): void {
    const { slab, at } = this.#placeOf(pointer);
    slab.words[(at + inEntry.number) >>> 2] = removed;
  }

  /** Takes an entry out of the index; those behind it move up, so that no search stops at the gap. */
  #removeAt(hash: number, slot: number): void {
    if (slot < 0) return;
    const shard = this.#shardOf(hash);
    const mask = shard.length - 1;
    this.#strike(shard[slot] ?? 0);
    let gap = slot;
    for (let next = (gap + 1) & mask; shard[next] !== 0 && next !== slot; next = (next + 1) & mask) {
      const pointer = shard[next] ?? 0;
      const { slab, at } = this.#placeOf(pointer);
      const home = (slab.words[(at + inEntry.hash) >>> 2] ?? 0) & mask;
      // Whether its way from home leads over the gap.
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      shard[gap] = pointer;
      gap = next;
    }
    shard[gap] = 0;
    const number = hash >>> (32 - shardBits);
    this.#counts[number] = (this.#counts[number] ?? 1) - 1;
    this.#size -= 1;
  }

  #hash(name: Uint8Array, number: number): number {
    let hash = Math.imul(this.#hashOfName(name) ^ number, this.#factor);
    hash = Math.imul(hash ^ (hash >>> 13), 0x2c1b3c6d);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  /** The same name is looked up under several numbers one after the other, so that of the last is remembered. */
  #hashOfName(name: Uint8Array): number {
    if (name === this.#lastName) return this.#lastHash;
    const factor = this.#factor;
    let hash = this.#seed;
    for (let i = 0; i < name.length; i++) {
      hash = Math.imul(hash ^ (lowerOctets[name[i] ?? 0] ?? 0), factor);
      hash ^= hash >>> 15;
    }
    this.#lastName = name;
    this.#lastHash = hash;
    return hash;
  }
}

const none = new Uint32Array(0);
const noName = new Uint8Array(0);

/** An empty slot near that of the hash, or -1. */
function freeSlot(shard: Uint32Array, hash: number): number {
  const mask = shard.length - 1;
  for (let probe = 0; probe < Math.min(mostProbes, shard.length); probe++) {
    const slot = (hash + probe) & mask;
    if (shard[slot] === 0) return slot;
  }
  return -1;
}

function contentOf({ bytes, words }: Slab, at: number): StoredOctets {
  const length = words[at >>> 2] ?? 0;
  const nameAt = at + inEntry.name;
  const start = nameAt + (bytes[at + inEntry.nameLength] ?? 0);
  return { bytes, nameAt, at: start, end: at + length - (bytes[at + inEntry.spare] ?? 0) };
}

function isNameAt(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    const a = bytes[at + i] ?? 0;
    const b = name[i] ?? 0;
    if (a !== b && lowerOctets[a] !== lowerOctets[b]) return false;
  }
  return true;
}
