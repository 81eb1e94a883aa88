// Content as the body of a multi-line answer (RFC 1939 §3): dots at the begin of lines doubled, the final dot at the end.
// Works on chunks as the store gives them: it looks only at dots (`indexOf` runs natively), and a chunk without a dot to double
// goes out as it came.

const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;

export class ContentEncoder {
  /** The last two octets given, as far as there are any: a line begins at the start and after a LF. */
  #last = lf;
  #beforeLast = cr;

  /** The chunk to send: `chunk` itself where nothing had to be doubled. */
  encode(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const doubled = this.#dotsToDouble(chunk);
    this.#beforeLast = chunk.length > 1 ? (chunk[chunk.length - 2] ?? 0) : this.#last;
    this.#last = chunk[chunk.length - 1] ?? 0;
    if (doubled.length === 0) return chunk;
    const encoded = new Uint8Array(chunk.length + doubled.length);
    let from = 0;
    for (const [index, at] of doubled.entries()) {
      encoded.set(chunk.subarray(from, at), from + index);
      encoded[at + index] = dot;
      from = at;
    }
    encoded.set(chunk.subarray(from), from + doubled.length);
    return encoded;
  }

  /** What ends the answer; a last line without CRLF gets one, because the dot must stand on a line of its own. */
  finish(): Uint8Array {
    return this.#last === lf && this.#beforeLast === cr
      ? Uint8Array.of(dot, cr, lf)
      : Uint8Array.of(cr, lf, dot, cr, lf);
  }

  /**
   * Stored content has CRLF line ends only. Should a lone LF have got in, a dot after it is doubled too: many clients take a LF
   * for a line end, and for them an undoubled dot could end the answer early.
   */
  #dotsToDouble(chunk: Uint8Array): number[] {
    const found: number[] = [];
    for (let at = chunk.indexOf(dot); at !== -1; at = chunk.indexOf(dot, at + 1)) {
      if ((at === 0 ? this.#last : chunk[at - 1]) === lf) found.push(at);
    }
    return found;
  }
}
