// Writes DNS wire data into a buffer that grows up to a limit, with name compression (RFC 1035 §4.1.4).
import type { DomainName } from './name.ts';

/** The largest message that TCP can carry (RFC 1035 §4.2.2). */
export const maxMessageLength = 65535;
/** A pointer has 14 bits. */
const pointerReach = 0x4000;

export class WireWriter {
  #bytes: Uint8Array;
  #length = 0;
  #overflowed = false;
  readonly #limit: number;
  /** Where a name's wire form, in lower case, was written first. */
  readonly #names = new Map<string, number>();

  constructor(limit: number = maxMessageLength) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(Math.min(limit, 512));
  }

  get length(): number {
    return this.#length;
  }

  /** Whether something did not fit; what was written since is not to be used. */
  get overflowed(): boolean {
    return this.#overflowed;
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

  put(bytes: Uint8Array): void {
    if (!this.#room(bytes.length)) return;
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Overwrites two octets written before. */
  patchU16(at: number, value: number): void {
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  /** A name; with `compress`, its longest suffix that was written before becomes a pointer. */
  name(name: DomainName, compress: boolean): void {
    const { wire } = name;
    const key = compress || this.#length < pointerReach ? name.key : '';
    for (let at = 0, length = wire[0] ?? 0; length !== 0; length = wire[at] ?? 0) {
      const suffix = key.slice(at);
      const known = this.#names.get(suffix);
      if (known !== undefined && compress) {
        this.u16(0xc000 | known);
        return;
      }
      if (known === undefined && this.#length < pointerReach) this.#names.set(suffix, this.#length);
      this.put(wire.subarray(at, at + length + 1));
      at += length + 1;
    }
    this.u8(0);
  }

  /** Goes back to `length` octets, forgetting the names written after it. */
  rewind(length: number): void {
    this.#length = length;
    this.#overflowed = false;
    for (const [name, at] of this.#names) if (at >= length) this.#names.delete(name);
  }

  /** What was written; a copy. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(count: number): boolean {
    const needed = this.#length + count;
    if (this.#overflowed || needed > this.#limit) {
      this.#overflowed = true;
      return false;
    }
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return true;
  }
}
