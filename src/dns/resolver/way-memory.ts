// Plain ways, in memory that all threads share: by the name above (or the zone's own), the servers of a zone where nothing but the question itself is
// left to be asked.
// The main thread says which (plain-ways.ts), and the datagram threads ask there themselves what the packets have no answer to
// (plain-asker.ts): a question that comes the common way costs the main thread nothing then.
//
//   head   16 words   sizes and the key of the hash
//   slots  in buckets of four, each as `inSlot` says
//
// A slot's version is odd while it is written, and another one after each change: who finds it as it was has read what belongs together.
// A hot path: no object is made by who looks for a way.
import type { Random } from '../../lib/random.ts';
import { lowerOctets } from '../wire/lower-octets.ts';
import { clientCookieLength, longestServerCookie } from './upstream-cookie.ts';

const headWords = 16;
const inHead = { buckets: 0, seed: 1, factor: 2 } as const;
const slotsInBucket = 4;

/** Octets into a slot. Numbers of four octets first, the time of eight at a multiple of that. */
const inSlot = {
  version: 0,
  hash: 4,
  /** Of the name that it is for, and of its zone's, both in octets; 0: there is none. */
  nameLength: 8,
  /** Not 0: something went wrong there, and the main thread is to look. */
  doubt: 12,
  servers: 16,
  zoneLength: 20,
  /** By the clock of all threads, in milliseconds. */
  expires: 24,
  name: 32,
} as const;
/** Octets into what is said of a server. */
const inServer = {
  number: 0,
  timeoutMs: 4,
  nameLength: 8,
  cookieLength: 12,
  cookieRequired: 16,
  name: 20,
  cookie: 48,
} as const;

const longestName = 64;
const longestSocketName = 28;
/** Octets: ours and the server's. */
export const longestCookie: number = clientCookieLength + longestServerCookie;
const serverOctets = inServer.cookie + longestCookie;
/** Of one zone. */
export const mostWayServers = 4;
const slotOctets = inSlot.name + longestName + mostWayServers * serverOctets;

/** One of a zone's servers. */
export interface WayServer {
  /** What the main thread calls it by. */
  readonly number: number;
  /** Its sockaddr: 16 or 28 octets. */
  readonly name: Uint8Array;
  readonly timeoutMs: number;
  /** What is sent of our cookie and the server's (RFC 7873 §4), and whether an answer must have it. */
  readonly cookie: Uint8Array;
  readonly cookieRequired: boolean;
}

/** Where a question goes: filled in by `WayMemory.choose`. */
export class ChosenWay {
  slot = 0;
  version = 0;
  zoneLength = 0;
  server = 0;
  timeoutMs = 0;
  readonly #name = new Uint8Array(longestSocketName);
  name: Uint8Array = this.#name;
  readonly cookie: Uint8Array = new Uint8Array(longestCookie);
  cookieLength = 0;
  cookieRequired = false;

  setName(bytes: Uint8Array, at: number, length: number): void {
    for (let i = 0; i < length; i++) this.#name[i] = bytes[at + i] ?? 0;
    if (this.name.length !== length) this.name = this.#name.subarray(0, length);
  }
}

export class WayMemory {
  readonly shared: SharedArrayBuffer;
  /** Slots in all. */
  readonly slots: number;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #buckets: number;
  readonly #seed: number;
  readonly #factor: number;

  /** Of a {@link shared} of before. */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
    this.#doubles = new Float64Array(shared);
    this.#bytes = new Uint8Array(shared);
    this.#buckets = this.#words[inHead.buckets] ?? 0;
    this.slots = this.#buckets * slotsInBucket;
    this.#seed = this.#words[inHead.seed] ?? 0;
    this.#factor = this.#words[inHead.factor] ?? 0;
  }

  /** For about so many zones. `random` keys the hash. */
  static make(zones: number, random: Random): WayMemory {
    const buckets = 2 ** Math.max(0, Math.ceil(Math.log2(zones / slotsInBucket)));
    const shared = new SharedArrayBuffer(headWords * 4 + buckets * slotsInBucket * slotOctets);
    const words = new Int32Array(shared);
    words[inHead.buckets] = buckets;
    words[inHead.seed] = random.below(0x1_0000_0000) | 0;
    words[inHead.factor] = random.below(0x1_0000_0000) | 1;
    return new WayMemory(shared);
  }

  /**
   * Finds the way for the name that lies in `bytes` from `at` to `end`: that of this very name, else of the one right above it. None further up
   * is looked for: its zone's servers would be told more of the name than they need (RFC 9156). `pick`: any number, by which one of several servers is
   * chosen. False where there is no way.
   */
  choose(bytes: Uint8Array, at: number, end: number, now: number, pick: number, chosen: ChosenWay): boolean {
    const parent = at + 1 + (bytes[at] ?? 0);
    return (
      this.#read(bytes, at, end, now, pick, chosen) ||
      (parent < end && this.#read(bytes, parent, end, now, pick, chosen))
    );
  }

  /** Nobody goes that way until it is said anew. */
  doubt({ slot, version }: ChosenWay): void {
    const word = this.#slotAt(slot) >>> 2;
    if (Atomics.load(this.#words, word) === version)
      Atomics.store(this.#words, word + (inSlot.doubt >>> 2), 1);
  }

  /** Whether a way for that name, in wire form and lower case, is there and open. For the one thread that writes. */
  has(name: Uint8Array, now: number): boolean {
    const slot = this.#find(name, 0, name.length);
    if (slot < 0) return false;
    const at = this.#slotAt(slot);
    return (
      (this.#doubles[(at + inSlot.expires) >>> 3] ?? 0) > now &&
      Atomics.load(this.#words, (at + inSlot.doubt) >>> 2) === 0
    );
  }

  /**
   * Says a way anew: for a name in wire form and lower case, whose zone's name are the last octets of it. For one thread alone. A name or a server that has
   * no room isn't taken.
   */
  put(wire: Uint8Array, zoneLength: number, servers: readonly WayServer[], expires: number): void {
    const taken = servers
      .filter(({ name, cookie }) => name.length <= longestSocketName && cookie.length <= longestCookie)
      .slice(0, mostWayServers);
    if (wire.length > longestName || taken.length === 0) return;
    const hash = this.#hash(wire, 0, wire.length);
    const slot = this.#find(wire, 0, wire.length);
    const at = this.#slotAt(slot < 0 ? this.#leastIn(hash) : slot);
    this.#change(at, () => {
      const [words, bytes] = [this.#words, this.#bytes];
      words[(at + inSlot.hash) >>> 2] = hash;
      words[(at + inSlot.nameLength) >>> 2] = wire.length;
      words[(at + inSlot.zoneLength) >>> 2] = zoneLength;
      words[(at + inSlot.doubt) >>> 2] = 0;
      words[(at + inSlot.servers) >>> 2] = taken.length;
      this.#doubles[(at + inSlot.expires) >>> 3] = expires;
      bytes.set(wire, at + inSlot.name);
      for (const [index, server] of taken.entries()) {
        const serverAt = at + inSlot.name + longestName + index * serverOctets;
        words[(serverAt + inServer.number) >>> 2] = server.number;
        words[(serverAt + inServer.timeoutMs) >>> 2] = server.timeoutMs;
        words[(serverAt + inServer.nameLength) >>> 2] = server.name.length;
        words[(serverAt + inServer.cookieLength) >>> 2] = server.cookie.length;
        words[(serverAt + inServer.cookieRequired) >>> 2] = server.cookieRequired ? 1 : 0;
        bytes.set(server.name, serverAt + inServer.name);
        bytes.set(server.cookie, serverAt + inServer.cookie);
      }
    });
  }

  /** Closes all ways. For one thread alone. */
  clear(): void {
    for (let slot = 0; slot < this.slots; slot++) {
      const at = this.#slotAt(slot);
      if (this.#words[(at + inSlot.nameLength) >>> 2] !== 0)
        this.#change(at, () => (this.#words[(at + inSlot.nameLength) >>> 2] = 0));
    }
  }

  #change(at: number, write: () => void): void {
    Atomics.add(this.#words, at >>> 2, 1);
    write();
    Atomics.add(this.#words, at >>> 2, 1);
  }

  #read(
    bytes: Uint8Array,
    nameAt: number,
    end: number,
    now: number,
    pick: number,
    chosen: ChosenWay,
  ): boolean {
    const slot = this.#find(bytes, nameAt, end);
    if (slot < 0) return false;
    const words = this.#words;
    const at = this.#slotAt(slot);
    const version = Atomics.load(words, at >>> 2);
    if ((version & 1) !== 0 || Atomics.load(words, (at + inSlot.doubt) >>> 2) !== 0) return false;
    if ((this.#doubles[(at + inSlot.expires) >>> 3] ?? 0) <= now || !this.#isAt(at, bytes, nameAt, end))
      return false;
    const count = words[(at + inSlot.servers) >>> 2] ?? 0;
    if (count < 1 || count > mostWayServers) return false;
    const server = at + inSlot.name + longestName + (pick % count) * serverOctets;
    chosen.slot = slot;
    chosen.version = version;
    chosen.zoneLength = words[(at + inSlot.zoneLength) >>> 2] ?? 0;
    chosen.server = words[(server + inServer.number) >>> 2] ?? 0;
    chosen.timeoutMs = words[(server + inServer.timeoutMs) >>> 2] ?? 0;
    chosen.cookieLength = Math.min(longestCookie, words[(server + inServer.cookieLength) >>> 2] ?? 0);
    chosen.cookieRequired = words[(server + inServer.cookieRequired) >>> 2] !== 0;
    const length = words[(server + inServer.nameLength) >>> 2] ?? 0;
    if (length > longestSocketName) return false;
    chosen.setName(this.#bytes, server + inServer.name, length);
    for (let i = 0; i < chosen.cookieLength; i++)
      chosen.cookie[i] = this.#bytes[server + inServer.cookie + i] ?? 0;
    return Atomics.load(words, at >>> 2) === version;
  }

  #find(bytes: Uint8Array, nameAt: number, end: number): number {
    if (end - nameAt > longestName) return -1;
    const hash = this.#hash(bytes, nameAt, end);
    const first = (hash & (this.#buckets - 1)) * slotsInBucket;
    for (let slot = first; slot < first + slotsInBucket; slot++) {
      const at = this.#slotAt(slot);
      if (this.#words[(at + inSlot.hash) >>> 2] === hash && this.#isAt(at, bytes, nameAt, end)) return slot;
    }
    return -1;
  }

  #isAt(at: number, bytes: Uint8Array, nameAt: number, end: number): boolean {
    const length = end - nameAt;
    if (this.#words[(at + inSlot.nameLength) >>> 2] !== length) return false;
    for (let i = 0; i < length; i++)
      if (this.#bytes[at + inSlot.name + i] !== lowerOctets[bytes[nameAt + i] ?? 0]) return false;
    return true;
  }

  /** An empty slot of the bucket, or the one whose way ends first. */
  #leastIn(hash: number): number {
    const first = (hash & (this.#buckets - 1)) * slotsInBucket;
    let least = first;
    let ends = Number.POSITIVE_INFINITY;
    for (let slot = first; slot < first + slotsInBucket; slot++) {
      const at = this.#slotAt(slot);
      const isEmpty = this.#words[(at + inSlot.nameLength) >>> 2] === 0;
      const expires = isEmpty ? -1 : (this.#doubles[(at + inSlot.expires) >>> 3] ?? 0);
      if (expires < ends) [least, ends] = [slot, expires];
    }
    return least;
  }

  #slotAt(slot: number): number {
    return headWords * 4 + slot * slotOctets;
  }

  #hash(bytes: Uint8Array, at: number, end: number): number {
    const factor = this.#factor;
    let hash = this.#seed;
    for (let i = at; i < end; i++) {
      hash = Math.imul(hash ^ (lowerOctets[bytes[i] ?? 0] ?? 0), factor);
      hash ^= hash >>> 15;
    }
    return hash ^ (hash >>> 13);
  }
}
