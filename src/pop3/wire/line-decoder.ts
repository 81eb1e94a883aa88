// Push decoder of the lines that a POP3 client sends (RFC 1939 §3): commands, and SASL responses (RFC 5034 §4).
// Bytes are pushed, lines are pulled one by one, so that what follows a STLS or a QUIT can still be thrown away.
import { emptyBytes } from '../../lib/bytes.ts';

const cr = 0x0d;
const lf = 0x0a;

/**
 * Octets of a line without its CRLF: the longest that any phase can use, which is a SASL response (`longestEncodedResponse` in
 * sasl/). Commands have their own, smaller limit.
 */
export const longestLine = 12_288;

/** Octets of one line after which there is no point in waiting for its end. */
export const endlessLine = 65_536;

export type ClientLine =
  /** Without its CRLF. Valid until the next push. */
  | { readonly kind: 'line'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-long' }
  /** The line held a CR or ended by a LF alone. It is over all the same: only a LF can end one, so both sides agree on where. */
  | { readonly kind: 'bare-line-end' }
  /** Longer than {@link endlessLine}: whatever this is, it isn't POP3. No more lines come. */
  | { readonly kind: 'endless' };

/** Holds at most one line (bounded by {@link longestLine}) and what was pushed and not pulled yet. */
export class LineDecoder {
  #pending: Uint8Array = emptyBytes;
  #at = 0;
  /** The begin of a line whose end hasn't come; cut off at `longestLine` + 1 octets (the CR). */
  #partial: Uint8Array | undefined;
  #partialLength = 0;
  /** Octets of the unfinished line, kept or not. */
  #seen = 0;
  #endless = false;

  /** `bytes` must not be changed until they are pulled out; pull until `undefined` before the next push. */
  push(bytes: Uint8Array): void {
    if (this.#endless) return;
    if (this.#at < this.#pending.length) {
      const joined = new Uint8Array(this.#pending.length - this.#at + bytes.length);
      joined.set(this.#pending.subarray(this.#at));
      joined.set(bytes, this.#pending.length - this.#at);
      this.#pending = joined;
    } else {
      this.#pending = bytes;
    }
    this.#at = 0;
  }

  /** The next line, or `undefined` where more bytes are needed. */
  next(): ClientLine | undefined {
    if (this.#endless) return undefined;
    const end = this.#pending.indexOf(lf, this.#at);
    const rest = this.#pending.subarray(this.#at, end === -1 ? this.#pending.length : end);
    this.#at += rest.length + (end === -1 ? 0 : 1);
    this.#seen += rest.length;
    if (end === -1) {
      this.#keep(rest);
      if (this.#at >= this.#pending.length) this.#pending = emptyBytes;
      if (this.#seen <= endlessLine) return undefined;
      this.discard();
      this.#endless = true;
      return { kind: 'endless' };
    }
    return this.#finish(rest);
  }

  /** Forgets everything that was pushed, finished or not (RFC 2595 §4: nothing said in clear counts after STLS). */
  discard(): void {
    this.#pending = emptyBytes;
    this.#at = 0;
    this.#partial = undefined;
    this.#partialLength = 0;
    this.#seen = 0;
  }

  #keep(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#partial ??= new Uint8Array(longestLine + 1);
    const room = this.#partial.subarray(this.#partialLength);
    room.set(rest.subarray(0, room.length));
    this.#partialLength += Math.min(rest.length, room.length);
  }

  #finish(rest: Uint8Array): ClientLine {
    const length = this.#seen;
    let line = rest;
    if (this.#partialLength > 0) {
      this.#keep(rest);
      line = this.#partial?.subarray(0, this.#partialLength) ?? emptyBytes;
    }
    // The line just given stands in this array, so the next one gets an array of its own.
    this.#partial = undefined;
    this.#partialLength = 0;
    this.#seen = 0;
    if (length > longestLine + 1) return { kind: 'too-long' };
    if (line.indexOf(cr) !== length - 1 || length === 0) return { kind: 'bare-line-end' };
    return { kind: 'line', bytes: line.subarray(0, length - 1) };
  }
}
