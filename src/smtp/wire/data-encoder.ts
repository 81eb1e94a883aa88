// Makes content ready to stand between DATA and the end of data (RFC 5321 §4.5.2, dot-stuffing), chunk by chunk.
//
// What leaves here can be ended by nothing but our own end of data, whatever the next server takes for a line end: content with
// a bare CR, a bare LF or a NUL is refused, never repaired, because a repaired message is no longer the one that was
// signed. (Some servers drop NULs, or read CR or LF alone as a line end, and so would see an end of data: "SMTP smuggling".)
//
// A hot path: every octet of every relayed message goes through. Looking at a latin1 string with indexOf cost 50 µs for
// 64 KiB of 78-octet lines, a loop over the octets 190 µs, Uint8Array.indexOf 160 µs; hence `Buffer`, for its latin1 decoder.
import { latin1ToBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

/** RFC 5321 §4.1.1.4: the end of data needs a line end in front of it, which is the content's own last one. */
export const endOfDataText = '.\r\n';
const endOfData: Uint8Array = latin1ToBytes(endOfDataText);
const lineEndAndEndOfData: Uint8Array = latin1ToBytes('\r\n.\r\n');

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const dot = 0x2e;

/** After a fault nothing more may be sent: the connection must be closed, so that no end of data is ever seen. */
export class DataEncoder {
  /** The content so far ends with CRLF, or is empty. */
  #atLineStart = true;
  #afterCarriageReturn = false;
  #fault: string | undefined;

  /** The octets to send for this chunk: the chunk itself where no line begins with a dot. */
  push(chunk: Uint8Array): Result<Uint8Array> {
    if (this.#fault !== undefined) return fault(this.#fault);
    if (chunk.length === 0) return ok(chunk);
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const dots = this.#dotsAt(text);
    if (dots === undefined) return fault(this.#fault ?? 'unknown');
    this.#afterCarriageReturn = chunk.at(-1) === carriageReturn;
    this.#atLineStart = chunk.at(-1) === lineFeed;
    return ok(dots.length === 0 ? chunk : doubleDots(chunk, dots));
  }

  /** What ends the data; a fault where the content can't end here. */
  finish(): Result<Uint8Array> {
    if (this.#afterCarriageReturn) this.#fault ??= bareCarriageReturn;
    if (this.#fault !== undefined) return fault(this.#fault);
    return ok(this.#atLineStart ? endOfData : lineEndAndEndOfData);
  }

  /** Where lines begin with a dot, or `undefined` (and `#fault` set) where the text may not be sent. */
  #dotsAt(text: string): readonly number[] | undefined {
    if (text.includes('\0')) return this.#refuse('the content holds a NUL');
    const dots: number[] = [];
    if (this.#atLineStart && text.charCodeAt(0) === dot) dots.push(0);
    if (this.#afterCarriageReturn && text.charCodeAt(0) !== lineFeed) return this.#refuse(bareCarriageReturn);
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      const before = at === 0 ? this.#afterCarriageReturn : text.charCodeAt(at - 1) === carriageReturn;
      if (!before) return this.#refuse('the content holds a bare LF');
      if (text.charCodeAt(at + 1) === dot) dots.push(at + 1);
    }
    for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) {
      const last = at === text.length - 1;
      if (!last && text.charCodeAt(at + 1) !== lineFeed) return this.#refuse(bareCarriageReturn);
    }
    return dots;
  }

  #refuse(reason: string): undefined {
    this.#fault = reason;
  }
}

const bareCarriageReturn = 'the content holds a bare CR';

function doubleDots(chunk: Uint8Array, dots: readonly number[]): Uint8Array {
  const stuffed = new Uint8Array(chunk.length + dots.length);
  let from = 0;
  let to = 0;
  for (const at of dots) {
    stuffed.set(chunk.subarray(from, at), to);
    to += at - from;
    stuffed[to] = dot;
    to += 1;
    from = at;
  }
  stuffed.set(chunk.subarray(from), to);
  return stuffed;
}
