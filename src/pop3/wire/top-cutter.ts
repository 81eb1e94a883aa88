// Cuts content for TOP (RFC 1939 §7): the header section, the empty line, and the first lines of the body.

const cr = 0x0d;
const lf = 0x0a;

/** Looks at line ends only, and at none any more once it is `done`. */
export class TopCutter {
  #inHeader = true;
  #bodyLines: number;
  /** Octets of the line so far, counted up to 2: enough to tell an empty line; and whether it is a CR until now. */
  #lineLength = 0;
  #lineIsCr = false;

  /** `lines`: how many of the body; may be 0. */
  constructor(lines: number) {
    this.#bodyLines = lines;
  }

  /** Nothing of what follows is wanted. */
  get done(): boolean {
    return !this.#inHeader && this.#bodyLines === 0;
  }

  /** The part of `chunk` that is wanted, as a view of it. */
  cut(chunk: Uint8Array): Uint8Array {
    let from = 0;
    while (from < chunk.length && !this.done) {
      const end = chunk.indexOf(lf, from);
      const line = chunk.subarray(from, end === -1 ? chunk.length : end);
      this.#grow(line);
      if (end === -1) return chunk;
      from = end + 1;
      this.#endLine();
    }
    return chunk.subarray(0, from);
  }

  #grow(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#lineIsCr = this.#lineLength === 0 && part.length === 1 && part[0] === cr;
    this.#lineLength = Math.min(2, this.#lineLength + part.length);
  }

  #endLine(): void {
    if (!this.#inHeader) this.#bodyLines -= 1;
    else if (this.#lineLength === 0 || this.#lineIsCr) this.#inHeader = false;
    this.#lineLength = 0;
    this.#lineIsCr = false;
  }
}
