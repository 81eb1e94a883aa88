// Quoted-printable of bodies (RFC 2045 §6.7), streaming. What is no code stands for itself, as the RFC advises; blanks at the end of a
// line are transport's and go (rule 3).
// A hot path (most HTML goes through it): state is kept in local variables during a call, and octets are copied one by one, since runs
// between codes are too short for calls. Measure: node bench/micro/mime.ts
import { hexValue } from './encoded-words.ts';
import type { OctetSink, TransferDecoder } from './transfer-decoder.ts';

const equals = 0x3d;
const cr = 0x0d;
const lf = 0x0a;
const space = 0x20;
const tab = 0x09;

/** A longer row of blanks is text, whatever follows. */
const mostBlanks = 998;
/** Octets taken in one go. */
const sliceOctets = 4096;
/** Decoded octets, handed on after each slice: never more than the slice and what was held before it. One for all, as a call never waits. */
const block: Uint8Array = new Uint8Array(sliceOctets + mostBlanks + 8);

/** What the octets just read may turn out to be. */
type State =
  | 'text'
  /** Blanks that end a line, or don't. */
  | 'blanks'
  /** `=` */
  | 'equals'
  /** `=` and a hexadecimal digit. */
  | 'digit'
  /** `=` and blanks. */
  | 'equals-blanks'
  /** A soft line break whose LF may follow. */
  | 'break';

export class QuotedPrintableDecoder implements TransferDecoder {
  readonly #sink: OctetSink | undefined;
  #size = 0;
  #state: State = 'text';
  /** Those that are held. */
  #blanks: number[] = [];
  #digit = 0;

  constructor(sink: OctetSink | undefined) {
    this.#sink = sink;
  }

  get size(): number {
    return this.#size;
  }

  push(octets: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at += sliceOctets) this.#slice(octets, at, Math.min(at + sliceOctets, to));
  }

  finish(): void {
    // Blanks at the end of the body end its last line; a cut code stands for itself.
    const filled = this.#state === 'blanks' ? 0 : this.#giveBack(0);
    this.#blanks = [];
    this.#state = 'text';
    this.#handOn(filled);
  }

  #handOn(filled: number): void {
    this.#size += filled;
    if (filled > 0) this.#sink?.write(block, 0, filled);
  }

  #slice(octets: Uint8Array, from: number, to: number): void {
    let filled = 0;
    let state = this.#state;
    for (let at = from; at < to; at++) {
      let octet = octets[at] ?? 0;
      if (state === 'text') {
        // Runs of octets that are nothing special.
        while (octet > space && octet !== equals && at + 1 < to) {
          block[filled++] = octet;
          octet = octets[++at] ?? 0;
        }
        if (octet === equals) {
          // Nearly always all of a code is there.
          const high = at + 2 < to ? hexValue(octets[at + 1] ?? 0) : -1;
          const low = high < 0 ? -1 : hexValue(octets[at + 2] ?? 0);
          if (low >= 0) {
            block[filled++] = high * 16 + low;
            at += 2;
          } else state = 'equals';
        } else if (octet !== space && octet !== tab) block[filled++] = octet;
        // A blank before a letter, as nearly all are.
        else if (at + 1 < to && (octets[at + 1] ?? 0) > space) block[filled++] = octet;
        else {
          this.#blanks.push(octet);
          state = 'blanks';
        }
        continue;
      }
      this.#state = state;
      filled = this.#resume(octet, filled);
      state = this.#state;
    }
    this.#state = state;
    this.#handOn(filled);
  }

  /** One octet in any other state than `text`. Gives how much of the block is filled. */
  #resume(octet: number, filled: number): number {
    const isBlank = octet === space || octet === tab;
    switch (this.#state) {
      case 'equals': {
        if (hexValue(octet) >= 0) {
          this.#digit = octet;
          this.#state = 'digit';
          return filled;
        }
        if (isBlank) {
          this.#blanks.push(octet);
          this.#state = 'equals-blanks';
          return filled;
        }
        break;
      }
      case 'digit': {
        const low = hexValue(octet);
        if (low < 0) break;
        block[filled] = hexValue(this.#digit) * 16 + low;
        this.#state = 'text';
        return filled + 1;
      }
      case 'blanks':
      case 'equals-blanks': {
        if (!isBlank) break;
        const end = this.#blanks.length < mostBlanks ? filled : this.#giveBack(filled);
        this.#blanks.push(octet);
        return end;
      }
      case 'break':
        this.#state = 'text';
        return octet === lf ? filled : this.#again(octet, filled);
      case 'text':
        return this.#again(octet, filled);
    }
    return this.#decide(octet, filled);
  }

  /** An octet that ends what was held. */
  #decide(octet: number, filled: number): number {
    const isLineEnd = octet === cr || octet === lf;
    if (isLineEnd && (this.#state === 'equals' || this.#state === 'equals-blanks')) {
      this.#blanks = [];
      this.#state = octet === cr ? 'break' : 'text';
      return filled;
    }
    if (isLineEnd && this.#state === 'blanks') this.#blanks = [];
    const end = this.#giveBack(filled);
    this.#state = 'text';
    return this.#again(octet, end);
  }

  /** What was held was no code: it is text. */
  #giveBack(filled: number): number {
    let end = filled;
    if (this.#state === 'equals' || this.#state === 'digit' || this.#state === 'equals-blanks')
      block[end++] = equals;
    if (this.#state === 'digit') block[end++] = this.#digit;
    for (const blank of this.#blanks) block[end++] = blank;
    this.#blanks = [];
    if (this.#state === 'equals-blanks') this.#state = 'blanks';
    return end;
  }

  /** An octet in state `text`. */
  #again(octet: number, filled: number): number {
    if (octet === equals) this.#state = 'equals';
    else if (octet === space || octet === tab) {
      this.#blanks.push(octet);
      this.#state = 'blanks';
    } else {
      block[filled] = octet;
      return filled + 1;
    }
    return filled;
  }
}
