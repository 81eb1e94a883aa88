// Reads DNS wire data. It never throws on input: the first fault sticks, later reads give zeros, and whoever drives
// the reader looks at `fault` once at the end.
import { emptyBytes } from '../../lib/bytes.ts';
import { DomainName, maxLabelLength, maxNameLength } from './name.ts';

/**
 * A name has at most 127 labels, so more pointers than that lead to other pointers: nobody's encoder writes those, and
 * without a bound each of a message's thousands of names could be led through thousands of them.
 */
const maxPointers = 127;

/**
 * What the compressed names of one message may cost together: octets of theirs for each octet of the message. A record of 20 octets has
 * two long names at worst, and that is for absurd zones; nothing but pointers to the longest names would cost twice as much as this.
 */
const nameOctetsPerOctet = 24;
/** And so many beside, for short messages about long names. */
const nameOctetsAtLeast = 16_384;
/** What following a pointer is worth in octets. */
const pointerCost = 8;

/** What is left for the names of a message, shared by all readers of its parts. */
interface NameBudget {
  left: number;
}

/** Where names are put together before their length is known. Reading is synchronous, so one is enough. */
const scratch = new Uint8Array(maxNameLength);

export class WireReader {
  readonly bytes: Uint8Array;
  readonly #pointers: boolean;
  readonly #budget: NameBudget | undefined;
  /** Where the first name may stand. */
  readonly #floor: number;
  #at: number;
  #end: number;
  #fault: string | undefined;
  /** The name read last, and where it starts, or where its pointer led if it was nothing but one. */
  #seen: DomainName | undefined;
  #seenAt = 0;

  /**
   * Reads `bytes` from `at` to `end`. With `pointers`, names may hold compression pointers, which reach anywhere before
   * the name, from `at` on: right for a message behind its header, wrong for record data that was decompressed.
   */
  constructor(
    bytes: Uint8Array,
    at = 0,
    end: number = bytes.length,
    pointers = true,
    parent?: { readonly budget: NameBudget | undefined; readonly floor: number },
  ) {
    // A Buffer's `slice` is a view and not a copy: what was read would hold on to, and change with, a socket's memory.
    this.bytes =
      bytes.constructor === Uint8Array
        ? bytes
        : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#pointers = pointers;
    this.#budget = pointers
      ? (parent?.budget ?? { left: nameOctetsAtLeast + bytes.length * nameOctetsPerOctet })
      : undefined;
    this.#floor = parent?.floor ?? at;
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

  u48(): number {
    if (!this.#has(6)) return 0;
    return this.u16() * 0x1_0000_0000 + this.u32();
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

  /** A reader of the next `count` octets, which sees the same message for compression pointers if it may follow them. */
  slice(count: number, pointers: boolean = this.#pointers): WireReader {
    const shared = { budget: this.#budget, floor: this.#floor };
    if (!this.#has(count)) {
      const none = new WireReader(this.bytes, this.#end, this.#end, pointers, shared);
      none.fail(this.#fault ?? '');
      return none;
    }
    this.#at += count;
    return new WireReader(this.bytes, this.#at - count, this.#at, pointers, shared);
  }

  /** Steps over `count` octets. */
  skip(count: number): void {
    if (this.#has(count)) this.#at += count;
  }

  /**
   * A name. Compression pointers (RFC 1035 §4.1.4) are followed where this reader may: each must point before the place
   * that was reached so far, so that no loop is possible; their number and the whole name's length are bounded.
   */
  name(): DomainName {
    const start = this.#at;
    const first = this.bytes[start] ?? 0;
    const target = first >= 0xc0 ? ((first & 0x3f) << 8) | (this.bytes[start + 1] ?? 0) : start;
    // Most owners of a response are a pointer to the question or to the owner before: the same name, and one object.
    if (
      target === this.#seenAt &&
      target !== start &&
      this.#seen !== undefined &&
      this.#pointers &&
      this.remaining >= 2
    ) {
      this.#at = start + 2;
      return this.#seen;
    }
    const length = this.#scanName();
    if (length === 0) return DomainName.root;
    this.#seen = DomainName.unchecked(scratch.slice(0, length));
    this.#seenAt = target;
    return this.#seen;
  }

  /** Checks a name as {@link name} does, without making one. */
  skipName(): void {
    this.#scanName();
  }

  /** Copies the name at hand into `scratch` and gives its length; 0 after a fault. */
  #scanName(): number {
    const { bytes } = this;
    let length = 0;
    let at = this.#at;
    let end = this.#end;
    let lowest = at;
    let hops = 0;
    for (;;) {
      if (at >= end) return this.#badName('a name runs past the end');
      const octet = bytes[at] ?? 0;
      if (octet <= maxLabelLength) {
        const next = at + 1 + octet;
        if (next > end) return this.#badName('a label runs past the end');
        // After each label but the root's, one octet must be left for the root label.
        if (length + octet + (octet === 0 ? 1 : 2) > maxNameLength) {
          return this.#badName(`a name is longer than ${maxNameLength} octets`);
        }
        for (; at < next; at++) scratch[length++] = bytes[at] ?? 0;
        if (octet === 0) break;
        continue;
      }
      if (octet < 0xc0) return this.#badName('an unknown kind of label');
      if (!this.#pointers) return this.#badName('a compression pointer where none may be');
      if (at + 2 > end) return this.#badName('a compression pointer runs past the end');
      const target = ((octet & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      if (target >= lowest) return this.#badName('a compression pointer does not point back');
      // No name stands in a header, and what looked like one would be another in the response, which has a header of its own.
      if (target < this.#floor) return this.#badName('a compression pointer points into the header');
      if (hops === 0) this.#at = at + 2;
      hops += 1;
      if (hops > maxPointers) return this.#badName('a name has too many compression pointers');
      lowest = target;
      at = target;
      end = bytes.length;
    }
    if (hops === 0) this.#at = at;
    else if (!this.#pay(length + hops * pointerCost))
      return this.#badName('the names of the message take too much work');
    return length;
  }

  #pay(octets: number): boolean {
    if (this.#budget === undefined) return true;
    this.#budget.left -= octets;
    return this.#budget.left >= 0;
  }

  #badName(fault: string): 0 {
    this.fail(fault);
    return 0;
  }

  #has(count: number): boolean {
    if (this.#at + count <= this.#end) return true;
    this.fail('the data ends too early');
    return false;
  }
}
