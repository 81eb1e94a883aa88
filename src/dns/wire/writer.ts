// Writes DNS wire data into a buffer that grows up to a limit, with name compression (RFC 1035 §4.1.4).
//
// A hot path: every answer that isn't pre-encoded passes here, so suffixes of names are found by a hash table of offsets
// into the buffer, and no string or array is made. `encodeMessage` reuses one writer for the same reason.
import type { DomainName } from './name.ts';

/** The largest message that TCP can carry (RFC 1035 §4.2.2). */
export const maxMessageLength = 65535;
/** A pointer has 14 bits. */
const pointerReach = 0x4000;
/** Names can be chosen so that their hashes collide; past so many the name is written without a pointer. */
const maxProbes = 16;

/**
 * How a name is written: as it is; with its longest suffix that was written before as a pointer; or in lower case
 * (the canonical form of RFC 4034 §6.2).
 */
export type NameStyle = 'plain' | 'compressed' | 'lower';

/** Labels of the name being written: where each starts, and the hash of the suffix that starts there. */
const labelStarts = new Uint8Array(128);
const suffixHashes = new Int32Array(128);

export class WireWriter {
  #bytes: Uint8Array;
  #length = 0;
  #overflowed = false;
  #limit: number;
  /** An open-addressing table: 1 + the offset of a suffix written before, or 0. Its size is a power of two. */
  #slots: Uint16Array = new Uint16Array(128);
  /** The hash of the suffix in each slot. */
  #hashes: Int32Array = new Int32Array(128);
  /** Filled slots in the order of filling, which is also that of their offsets. */
  readonly #filled: number[] = [];

  readonly #exactCase: boolean;

  /**
   * With `exactCase` a name is only written as a pointer to one with the same letters, so that a transfer keeps the case in which names
   * are written in the zone (RFC 5936 §3.4).
   */
  constructor(limit: number = maxMessageLength, exactCase = false) {
    this.#limit = limit;
    this.#exactCase = exactCase;
    this.#bytes = new Uint8Array(Math.min(limit, 512));
  }

  get length(): number {
    return this.#length;
  }

  /** Whether something did not fit; what was written since is not to be used. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Sets the limit anew; what stands beyond it already stays. */
  set limit(limit: number) {
    this.#limit = limit;
  }

  u8(value: number): void {
    if (!this.#room(1)) return;
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    if (!this.#room(2)) return;
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.u16(Math.floor(value / 0x1_0000));
    this.u16(value % 0x1_0000);
  }

  u48(value: number): void {
    this.u16(Math.floor(value / 0x1_0000_0000));
    this.u32(value % 0x1_0000_0000);
  }

  put(bytes: Uint8Array): void {
    if (!this.#room(bytes.length)) return;
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The octets of `bytes` from `from` up to `to`: for a few of them, cheaper than a view of them and {@link put}. */
  putRange(bytes: Uint8Array, from: number, to: number): void {
    if (!this.#room(to - from)) return;
    for (let at = from; at < to; at++) this.#bytes[this.#length++] = bytes[at] ?? 0;
  }

  /** Overwrites two octets written before. */
  patchU16(at: number, value: number): void {
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  name(name: DomainName, style: NameStyle): void {
    const { wire } = name;
    if (style === 'plain') this.put(wire);
    else if (style === 'lower') this.put(name.lowerCase().wire);
    else this.#compressedName(wire);
  }

  /** Goes back to `length` octets, forgetting the names written after it. */
  rewind(length: number): void {
    this.#length = length;
    this.#overflowed = false;
    // The slots filled last are emptied first, so every probe sequence is again what it was before them.
    for (let slot = this.#filled.at(-1); slot !== undefined; slot = this.#filled.at(-1)) {
      if ((this.#slots[slot] ?? 0) <= length) break;
      this.#slots[slot] = 0;
      this.#filled.pop();
    }
  }

  /** What was written; a copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #compressedName(wire: Uint8Array): void {
    let labels = 0;
    for (let at = 0, length = wire[0] ?? 0; length !== 0; length = wire[at] ?? 0) {
      labelStarts[labels++] = at;
      at += length + 1;
    }
    let hash = 0;
    let end = wire.length - 1;
    for (let label = labels - 1; label >= 0; label--) {
      const start = labelStarts[label] ?? 0;
      for (let at = start; at < end; at++) hash = Math.imul(hash ^ lower(wire[at] ?? 0), 0x01000193);
      suffixHashes[label] = hash;
      end = start;
    }
    for (let label = 0; label < labels; label++) {
      const start = labelStarts[label] ?? 0;
      const slot = this.#find(suffixHashes[label] ?? 0, wire, start);
      const known = slot < 0 ? 0 : (this.#slots[slot] ?? 0);
      if (known !== 0) {
        this.u16(0xc000 | (known - 1));
        return;
      }
      if (slot >= 0 && this.#length < pointerReach) this.#remember(slot, suffixHashes[label] ?? 0);
      const next = label + 1 < labels ? (labelStarts[label + 1] ?? 0) : wire.length - 1;
      if (!this.#room(next - start)) return;
      for (let at = start; at < next; at++) this.#bytes[this.#length++] = wire[at] ?? 0;
    }
    this.u8(0);
  }

  /** The slot that holds the suffix of `wire` from `start` on, or the empty one where it belongs; -1 if neither is near. */
  #find(hash: number, wire: Uint8Array, start: number): number {
    const mask = this.#slots.length - 1;
    // The multiplication leaves the low bits weak where names differ in few octets only.
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let probes = 0; probes < maxProbes; probes++) {
      const known = this.#slots[slot] ?? 0;
      if (known === 0) return slot;
      if (this.#hashes[slot] === hash && this.#holds(known - 1, wire, start)) return slot;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  #remember(slot: number, hash: number): void {
    this.#slots[slot] = this.#length + 1;
    this.#hashes[slot] = hash;
    this.#filled.push(slot);
    if (this.#filled.length * 2 <= this.#slots.length) return;
    const [slots, hashes] = [this.#slots, this.#hashes];
    this.#slots = new Uint16Array(slots.length * 2);
    this.#hashes = new Int32Array(slots.length * 2);
    const mask = this.#slots.length - 1;
    for (const [index, old] of this.#filled.entries()) {
      const hash = hashes[old] ?? 0;
      let free = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[free] !== 0) free = (free + 1) & mask;
      this.#slots[free] = slots[old] ?? 0;
      this.#hashes[free] = hash;
      this.#filled[index] = free;
    }
  }

  /**
   * Whether the name written at `offset` is the suffix of `wire` from `start` on; case is ignored (RFC 1035 §2.3.3) unless the writer
   * is to keep it.
   */
  #holds(offset: number, wire: Uint8Array, start: number): boolean {
    const bytes = this.#bytes;
    let at = offset;
    for (let i = start; i < wire.length;) {
      // The name being written is known by its first labels already, but can't be its own suffix.
      if (at >= this.#length) return false;
      let length = bytes[at] ?? 0;
      // A pointer that we wrote leads straight to a label.
      if (length >= 0xc0) {
        at = ((length & 0x3f) << 8) | (bytes[at + 1] ?? 0);
        length = bytes[at] ?? 0;
      }
      if (length !== wire[i]) return false;
      for (let j = 1; j <= length; j++) {
        const [known, wanted] = [bytes[at + j] ?? 0, wire[i + j] ?? 0];
        if (known !== wanted && (this.#exactCase || lower(known) !== lower(wanted))) return false;
      }
      at += length + 1;
      i += length + 1;
    }
    return true;
  }

  #room(count: number): boolean {
    const needed = this.#length + count;
    if (this.#overflowed || needed > this.#limit) {
      this.#overflowed = true;
      return false;
    }
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return true;
  }
}

function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}
