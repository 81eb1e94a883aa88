// Reads a message as it arrives (RFC 5322, RFC 2045, RFC 2046) and gives at its end all that mailboxes ask of it most: the tree of its
// parts with their places, envelope, threading, preview, text for search. Every message parses; what is broken is read as mail programs
// read it, and past a bound (docs/mime-limits.md) the rest is one opaque part.
// A hot path: each octet of each delivery comes by here once. Lines are found in the pushed octets where they lie, and nothing is copied
// but what a cut line needs. Measure: node bench/micro/mime.ts
import type { Envelope } from './envelope.ts';
import { HeaderScanner } from './header.ts';
import type { HeaderLimits, HeaderScan } from './header.ts';
import { usualMimeLimits } from './mime-limits.ts';
import type { MimeLimit, MimeLimits } from './mime-limits.ts';
import type { MimePart } from './mime-part.ts';
import { partNames } from './part-names.ts';
import { PartTree } from './part-tree.ts';
import type { OpenPart } from './part-tree.ts';
import type { Threading } from './threading.ts';

/** What is known of a message once it is read; `encodeParsedMessage` makes octets of what is worth keeping of it. */
export interface ParsedMessage {
  /** Octets. */
  readonly size: number;
  readonly root: MimePart;
  readonly envelope: Envelope;
  readonly threading: Threading;
  /** RFC 8970: at most 256 characters; empty where no part has text. */
  readonly preview: string;
  /** Names of attached files and the like, decoded, in the order of their parts. */
  readonly attachmentNames: readonly string[];
  /** The text of its bodies for the search index, bounded. */
  readonly text: string;
  /** Where the fields of its own header section stand. */
  readonly header: HeaderScan;
  /** The bounds that were met: what they cut is missing above. */
  readonly limits: readonly MimeLimit[];
}

/** The whole message in chunks. */
export function parseMessage(
  content: readonly Uint8Array[],
  limits: MimeLimits = usualMimeLimits,
): ParsedMessage {
  const parser = new MessageParser(limits);
  for (const chunk of content) parser.push(chunk);
  return parser.finish();
}

const cr = 13;
const lf = 10;
const hyphen = 45;
/** White space that may stand behind a boundary, and its line end. */
const boundarySlack = 256;
const ascii: TextDecoder = new TextDecoder('latin1');

interface Boundary {
  readonly part: OpenPart;
  readonly isLast: boolean;
  /** After its line end. */
  readonly lineEnd: number;
}

export class MessageParser {
  readonly #limits: MimeLimits;
  readonly #tree: PartTree;
  /** Octets not yet consumed: a header section that is not whole, or what may be a boundary. */
  #held = new Uint8Array(0);
  #heldLength = 0;
  /** Offset in the message of the first octet that is not consumed. */
  #offset = 0;
  /** Line ends before it. */
  #lines = 0;
  /** Header octets that may still come, in all header sections. */
  #headerOctets: number;
  #scanner: HeaderScanner | undefined;
  /** In a body, the octet that comes next begins a line. */
  #fresh = false;
  /** From the first octet that is not consumed: what was searched for the end of a line that may be a boundary. */
  #searched = 0;

  constructor(limits: MimeLimits = usualMimeLimits) {
    this.#limits = limits;
    this.#tree = new PartTree(limits);
    this.#headerOctets = limits.headerOctets;
    this.#scanner = this.#newScanner(0);
  }

  /** The next octets of the message; they may be changed afterwards. */
  push(octets: Uint8Array): void {
    if (octets.length === 0) return;
    const window = this.#heldLength === 0 ? octets : this.#append(octets);
    const used = this.#read(window, false);
    this.#offset += used;
    this.#searched = Math.max(0, this.#searched - used);
    this.#hold(window, used);
  }

  /** The message is whole. The parser is of no use after. */
  finish(): ParsedMessage {
    const window = this.#held.subarray(0, this.#heldLength);
    this.#offset += this.#read(window, true);
    const { root, envelope, threading, header, text, preview, limits } = this.#tree.finish({
      offset: this.#offset,
      lines: this.#lines,
    });
    const attachmentNames = partNames(root, this.#limits.names);
    return { size: this.#offset, root, envelope, threading, preview, attachmentNames, text, header, limits };
  }

  /** Reads what can be read of the window, which begins at the first octet that is not consumed. Gives how much that is. */
  #read(window: Uint8Array, last: boolean): number {
    let at = 0;
    for (;;) {
      const scanner = this.#scanner;
      const next =
        scanner === undefined
          ? this.#readBody(window, at, last)
          : this.#readHeader(scanner, window, at, last);
      if (next.isDone) return next.at;
      at = next.at;
    }
  }

  #readHeader(scanner: HeaderScanner, window: Uint8Array, at: number, last: boolean): Progress {
    const octets = at === 0 ? window : window.subarray(at);
    const ends = this.#tree.hasBoundaries
      ? (line: number): boolean | undefined => {
          const found = this.#boundaryAt(window, at + line, last);
          return found === 'more' ? undefined : found !== undefined;
        }
      : undefined;
    if (!scanner.scan(octets, last, ends)) return { at, isDone: true };
    const scan = scanner.result();
    const length = scan.bodyStart - this.#offset - at;
    this.#headerOctets -= length;
    this.#lines += scanner.lines;
    const isMessage = this.#tree.takeHeader(octets, scan, this.#lines);
    this.#scanner = isMessage ? this.#newScanner(scan.bodyStart) : undefined;
    this.#fresh = true;
    return { at: at + length, isDone: false };
  }

  #readBody(window: Uint8Array, start: number, last: boolean): Progress {
    const length = window.length;
    if (!this.#tree.hasBoundaries) {
      this.#lines += countLines(window, start, length);
      this.#tree.takeBody(window, start, length);
      return { at: length, isDone: true };
    }
    if (this.#fresh && start < length) {
      const found = this.#boundaryAt(window, start, last);
      if (found === 'more') return { at: start, isDone: true };
      if (found !== undefined) return this.#takeBoundary(window, start, found);
      this.#fresh = false;
    }
    let lines = 0;
    for (let at = nextLineEnd(window, start); at < length; at = nextLineEnd(window, at + 1)) {
      const line = at + 1;
      // Most lines are told by their first octet.
      if (line < length ? window[line] === hyphen : !last) {
        const found = this.#boundaryAt(window, line, last);
        if (found !== undefined) {
          const end = at > start && window[at - 1] === cr ? at - 1 : at;
          this.#tree.takeBody(window, start, end);
          this.#lines += lines;
          return found === 'more' ? { at: end, isDone: true } : this.#takeBoundary(window, end, found);
        }
      }
      lines++;
    }
    this.#lines += lines;
    // A CR may be the first half of a boundary's line end.
    const end = !last && length > start && window[length - 1] === cr ? length - 1 : length;
    this.#tree.takeBody(window, start, end);
    return { at: end, isDone: true };
  }

  /** `end` is where the body before it ends. */
  #takeBoundary(window: Uint8Array, end: number, { part, isLast, lineEnd }: Boundary): Progress {
    const before = { offset: this.#offset + end, lines: this.#lines };
    this.#lines += countLines(window, end, lineEnd);
    const after = { offset: this.#offset + lineEnd, lines: this.#lines };
    const begins = this.#tree.takeBoundary(part, isLast, before, after);
    this.#scanner = begins ? this.#newScanner(after.offset) : undefined;
    this.#fresh = true;
    return { at: lineEnd, isDone: false };
  }

  /** The boundary in the line that begins at `line`; `undefined` where it is none, `more` where that can't be told yet. */
  #boundaryAt(window: Uint8Array, line: number, last: boolean): Boundary | 'more' | undefined {
    const length = window.length;
    const more = last ? undefined : 'more';
    if (line >= length) return more;
    if (window[line] !== hyphen) return undefined;
    if (line + 1 >= length) return more;
    if (window[line + 1] !== hyphen) return undefined;
    const text = line + 2;
    const most = text + this.#limits.boundaryOctets + boundarySlack;
    const found = window.indexOf(lf, Math.max(text, this.#searched));
    if (found < 0) this.#searched = length;
    if (found < 0 && !last && length <= most) return 'more';
    const lineEnd = found < 0 ? length : found + 1;
    if (lineEnd > most) return undefined;
    let end = found < 0 ? length : found;
    if (found > text && window[found - 1] === cr) end--;
    const boundary = this.#tree.findBoundary(ascii.decode(window.subarray(text, end)));
    return boundary === undefined ? undefined : { ...boundary, lineEnd };
  }

  #newScanner(start: number): HeaderScanner {
    const limits: HeaderLimits = {
      octets: Math.max(0, this.#headerOctets),
      fields: this.#limits.headerFields,
    };
    return new HeaderScanner(limits, start);
  }

  #append(octets: Uint8Array): Uint8Array {
    const length = this.#heldLength + octets.length;
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.max(length, this.#held.length * 2));
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(octets, this.#heldLength);
    this.#heldLength = length;
    return this.#held.subarray(0, length);
  }

  /** Keeps the end of the window that was not used. */
  #hold(window: Uint8Array, used: number): void {
    const length = window.length - used;
    if (window.buffer === this.#held.buffer) this.#held.copyWithin(0, used, window.length);
    else if (length > 0) {
      if (length > this.#held.length) this.#held = new Uint8Array(length * 2);
      this.#held.set(window.subarray(used));
    }
    this.#heldLength = length;
  }
}

interface Progress {
  /** What stands before is consumed. */
  readonly at: number;
  /** Nothing more can be read of the window. */
  readonly isDone: boolean;
}

/** The LF at `from` or behind it, or the octets' length. In a function of its own the loop is compiled better: reading took a fifth less. */
function nextLineEnd(octets: Uint8Array, from: number): number {
  let at = from;
  while (at < octets.length && octets[at] !== lf) at++;
  return at;
}

function countLines(octets: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at++) if (octets[at] === lf) lines++;
  return lines;
}
