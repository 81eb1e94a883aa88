// Cuts what a client sends into lines (RFC 5321 §2.3.8): only CRLF ends one. A push decoder with bounded memory.
import { bytesToUtf8Strict, emptyBytes } from '../../lib/bytes.ts';

export type Line =
  /** Without its CRLF. May hold control characters other than CR, LF and NUL. */
  { readonly kind: 'line'; readonly text: string } | { readonly kind: 'fault'; readonly fault: LineFault };

/**
 * After `bare-lf`, `bare-cr` and `nul` the decoder gives nothing more: where the next command begins would be a guess, and
 * guesses are what smuggling lives by. After `too-long` and `not-utf8` it goes on with the next line.
 */
export type LineFault = 'bare-lf' | 'bare-cr' | 'nul' | 'too-long' | 'not-utf8';

/**
 * Octets without the CRLF. RFC 5321 §4.5.3.1.4 asks for 512 and what extensions add, RFC 4954 §4 for 12288 in an AUTH exchange.
 */
export const longestLine = 12_288;

const cr = 13;
const lf = 10;

/**
 * `push` adds bytes, `next` gives the lines that are complete. Holds at most one unfinished line and one pushed chunk, as
 * long as whoever drives it pushes only after `next` gave `undefined`. A pushed array must not be changed afterwards.
 */
export class LineDecoder {
  /** The octets from `start` to `end` are not yet read; what a push brought whole is used where it lies. */
  #buffer: Uint8Array = emptyBytes;
  #start = 0;
  #end = 0;
  /** No LF stands between `start` and here. */
  #searched = 0;
  /** Passing over the rest of a line that was too long. */
  #discarding = false;
  #broken = false;

  push(bytes: Uint8Array): void {
    if (this.#broken) return;
    if (this.#start === this.#end) {
      this.#buffer = bytes;
      this.#start = 0;
      this.#end = bytes.length;
      this.#searched = 0;
      return;
    }
    this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  next(): Line | undefined {
    while (!this.#broken) {
      const found = this.#buffer.indexOf(lf, this.#searched);
      if (found === -1 || found >= this.#end) return this.#unfinished();
      const begin = this.#start;
      const end = found - 1;
      this.#start = found + 1;
      this.#searched = found + 1;
      if (end < begin || this.#buffer[end] !== cr) return this.#break('bare-lf');
      if (this.#discarding) {
        this.#discarding = false;
        continue;
      }
      if (end - begin > longestLine) return { kind: 'fault', fault: 'too-long' };
      return this.#read(this.#buffer.subarray(begin, end));
    }
    return undefined;
  }

  /** What stands behind the lines that were given, for whoever reads on in another way; the decoder is empty then. */
  takeRest(): Uint8Array {
    const rest = this.#buffer.subarray(this.#start, this.#end);
    this.#buffer = emptyBytes;
    this.#start = 0;
    this.#end = 0;
    this.#searched = 0;
    this.#discarding = false;
    return rest;
  }

  #read(line: Uint8Array): Line {
    if (line.includes(cr)) return this.#break('bare-cr');
    if (line.includes(0)) return this.#break('nul');
    const text = bytesToUtf8Strict(line);
    return text === undefined ? { kind: 'fault', fault: 'not-utf8' } : { kind: 'line', text };
  }

  #unfinished(): Line | undefined {
    this.#searched = this.#end;
    const tooLong = !this.#discarding && this.#end - this.#start > longestLine + 1;
    if (tooLong) this.#discarding = true;
    // A CR may be the first half of the line's end.
    if (this.#discarding) this.#start = this.#buffer[this.#end - 1] === cr ? this.#end - 1 : this.#end;
    return tooLong ? { kind: 'fault', fault: 'too-long' } : undefined;
  }

  #break(fault: LineFault): Line {
    this.#broken = true;
    this.takeRest();
    return { kind: 'fault', fault };
  }

  #makeRoom(count: number): void {
    if (this.#buffer.length - this.#end >= count) return;
    const held = this.#end - this.#start;
    // Twice what is needed, so that a line that comes octet by octet isn't copied once an octet.
    const grown = new Uint8Array(Math.max(512, 2 * (held + count)));
    grown.set(this.#buffer.subarray(this.#start, this.#end));
    this.#searched -= this.#start;
    this.#buffer = grown;
    this.#start = 0;
    this.#end = held;
  }
}
