// Reads DNS wire data. It never throws on input: the first fault sticks, later reads give zeros, and whoever drives
// the reader looks at `fault` once at the end.
import { emptyBytes } from '../../lib/bytes.ts';
import { DomainName, maxLabelLength, maxNameLength } from './name.ts';

export class WireReader {
  readonly bytes: Uint8Array;
  #at: number;
  #end: number;
  #fault: string | undefined;

  /** Reads `bytes` from `at` to `end`; compression pointers may reach anywhere before the name, from octet 0 on. */
  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.#at = at;
    this.#end = Math.min(end, bytes.length);
  }

  get at(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  /** Keeps the first fault and lets nothing more be read. */
  fail(fault: string): void {
    this.#fault ??= fault;
    this.#at = this.#end;
  }

  u8(): number {
    if (!this.#has(1)) return 0;
    return this.bytes[this.#at++] ?? 0;
  }

  u16(): number {
    if (!this.#has(2)) return 0;
    const at = this.#at;
    this.#at += 2;
    return ((this.bytes[at] ?? 0) << 8) | (this.bytes[at + 1] ?? 0);
  }

  u32(): number {
    if (!this.#has(4)) return 0;
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** A view, not a copy, of the next `count` octets. */
  take(count: number): Uint8Array {
    if (!this.#has(count)) return emptyBytes;
    this.#at += count;
    return this.bytes.subarray(this.#at - count, this.#at);
  }

  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /** A reader of the next `count` octets, which sees the same message for compression pointers. */
  slice(count: number): WireReader {
    if (!this.#has(count)) {
      const none = new WireReader(this.bytes, this.#end, this.#end);
      none.fail(this.#fault ?? 'past the end');
      return none;
    }
    this.#at += count;
    return new WireReader(this.bytes, this.#at - count, this.#at);
  }

  /**
   * A name, with compression pointers followed (RFC 1035 §4.1.4). Each pointer must point before the place that was
   * reached so far, so that no loop is possible, and the whole stays within 255 octets.
   */
  name(): DomainName {
    const wire = new Uint8Array(maxNameLength);
    let length = 0;
    let at = this.#at;
    let end = this.#end;
    let lowest = this.#at;
    let jumped = false;
    for (;;) {
      if (at >= end) return this.#badName('a name runs past the end');
      const octet = this.bytes[at] ?? 0;
      if (octet <= maxLabelLength) {
        if (length + octet + 1 > maxNameLength || (octet !== 0 && length + octet + 2 > maxNameLength)) {
          return this.#badName('a name is longer than 255 octets');
        }
        if (at + 1 + octet > end) return this.#badName('a label runs past the end');
        for (let i = 0; i <= octet; i++) wire[length + i] = this.bytes[at + i] ?? 0;
        length += octet + 1;
        at += octet + 1;
        if (octet === 0) break;
        continue;
      }
      if (octet < 0xc0) return this.#badName('an unknown kind of label');
      if (at + 2 > end) return this.#badName('a compression pointer runs past the end');
      const target = ((octet & 0x3f) << 8) | (this.bytes[at + 1] ?? 0);
      if (target >= lowest) return this.#badName('a compression pointer does not point back');
      if (!jumped) this.#at = at + 2;
      jumped = true;
      lowest = target;
      at = target;
      end = this.bytes.length;
    }
    if (!jumped) this.#at = at;
    return DomainName.unchecked(wire.slice(0, length));
  }

  #badName(fault: string): DomainName {
    this.fail(fault);
    return DomainName.root;
  }

  #has(count: number): boolean {
    if (this.#at + count <= this.#end) return true;
    this.fail('past the end');
    return false;
  }
}
