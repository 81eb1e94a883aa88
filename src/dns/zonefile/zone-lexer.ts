// Cuts a zone file into entries and tokens (RFC 1035 §5.1): comments, quotes, escapes, and parentheses that carry an
// entry over line ends. It knows nothing of records. One entry is held at a time. Octets go in, so that a large file need not
// become a string; what is not UTF-8 becomes U+FFFD in the words.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

export interface ZoneToken {
  /** As written, escapes kept; for a quoted token what stands between the quotes. */
  readonly text: string;
  readonly quoted: boolean;
  /** Octets of the file before it, and before its opening quote, where there is one. */
  readonly at: number;
  /** From 1. */
  readonly line: number;
  /** Octets in the file, quotes included. */
  readonly length: number;
}

/** The tokens of one directive or record; at least one. */
export interface ZoneEntry {
  /** The line begins with white space: the owner is that of the record before (RFC 1035 §5.1). */
  readonly ownerOmitted: boolean;
  readonly tokens: readonly ZoneToken[];
}

export interface ZoneLexFault {
  readonly message: string;
  readonly at: number;
  readonly line: number;
  readonly length: number;
}

const tab = 0x09;
const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const open = 0x28;
const close = 0x29;
const semicolon = 0x3b;
const backslash = 0x5c;

/** Tokens of one entry: more than any record needs (a TXT of single letters has 32,767). */
const mostTokens = 65536;

/** A byte order mark within a file is a character as any other. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class ZoneLexer {
  readonly #bytes: Uint8Array;
  #at = 0;
  #line = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Where it goes on, in octets: after `next`, the start of a line or the end. */
  get at(): number {
    return this.#at;
  }

  /** The line at which it goes on, from 1. */
  get line(): number {
    return this.#line;
  }

  /** Goes on from there: the start of a line, and its number. */
  moveTo(at: number, line: number): void {
    this.#at = at;
    this.#line = line;
  }

  /** The next entry, a fault (then the lexer goes on at the next line), or `undefined` at the end. */
  next(): Result<ZoneEntry, ZoneLexFault> | undefined {
    for (;;) {
      const first = this.#bytes[this.#at];
      if (first === undefined) return undefined;
      const entry = this.#entry(first === space || first === tab);
      if (entry !== undefined) return entry;
    }
  }

  /** Reads up to the end of a line that is not inside parentheses; `undefined` for a line without tokens. */
  #entry(ownerOmitted: boolean): Result<ZoneEntry, ZoneLexFault> | undefined {
    const tokens: ZoneToken[] = [];
    let opened: { readonly at: number; readonly line: number } | undefined;
    for (;;) {
      const octet = this.#bytes[this.#at];
      if (octet === undefined) {
        if (opened !== undefined) return this.#unclosed(opened);
        return tokens.length > 0 ? ok({ ownerOmitted, tokens }) : undefined;
      }
      switch (octet) {
        case space:
        case tab:
        case carriageReturn:
          this.#at += 1;
          break;
        case newline:
          this.#newline();
          if (opened === undefined) return tokens.length > 0 ? ok({ ownerOmitted, tokens }) : undefined;
          break;
        case semicolon:
          this.#skipLine();
          break;
        case open:
          // Not nested: an opening one that was forgotten would otherwise swallow the rest of the file.
          if (opened !== undefined) return this.#unclosed(opened);
          opened = { at: this.#at, line: this.#line };
          this.#at += 1;
          break;
        case close:
          if (opened === undefined) return this.#fail('there is no ( before this )', this.#at, 1);
          opened = undefined;
          this.#at += 1;
          break;
        default: {
          if (tokens.length === mostTokens)
            return this.#fail(`an entry of more than ${mostTokens} words`, this.#at, 1);
          const token = octet === quote ? this.#quoted() : this.#bare();
          if (!token.ok) return token;
          tokens.push(token.value);
        }
      }
    }
  }

  #quoted(): Result<ZoneToken, ZoneLexFault> {
    const start = this.#at;
    const end = this.#closingQuote(start);
    if (end === undefined) return this.#fail('this quote is not closed on its line', start, 1);
    this.#at = end + 1;
    return ok(this.#token(start, this.#word(start + 1, end), true));
  }

  /** A word may have a quoted part, as in `alpn="h2,h3"` (RFC 9460 §2.1). */
  #bare(): Result<ZoneToken, ZoneLexFault> {
    const start = this.#at;
    for (;;) {
      const octet = this.#bytes[this.#at];
      if (octet === undefined || isDelimiter(octet)) break;
      if (octet === backslash) {
        const next = this.#bytes[this.#at + 1];
        if (next === undefined || next === newline || next === carriageReturn)
          return this.#fail('a backslash at the end of a line', this.#at, 1);
        this.#at += 2;
        continue;
      }
      if (octet === quote) {
        const end = this.#closingQuote(this.#at);
        if (end === undefined) return this.#fail('this quote is not closed on its line', this.#at, 1);
        this.#at = end;
      }
      this.#at += 1;
    }
    return ok(this.#token(start, this.#word(start, this.#at), false));
  }

  #token(at: number, text: string, quoted: boolean): ZoneToken {
    return { text, quoted, at, line: this.#line, length: this.#at - at };
  }

  #word(start: number, end: number): string {
    let text = '';
    for (let at = start; at < end; at++) {
      const octet = this.#bytes[at] ?? 0;
      // A decoder is dear for short words, and few have anything else than ASCII.
      if (octet > 0x7f || at - start > 64) return utf8.decode(this.#bytes.subarray(start, end));
      text += String.fromCharCode(octet);
    }
    return text;
  }

  #closingQuote(start: number): number | undefined {
    for (let at = start + 1; ; at++) {
      const octet = this.#bytes[at];
      if (octet === quote) return at;
      if (octet === backslash) at += 1;
      if (octet === undefined || octet === newline || this.#bytes[at] === newline) return undefined;
    }
  }

  #unclosed(opened: { readonly at: number; readonly line: number }): {
    readonly ok: false;
    readonly fault: ZoneLexFault;
  } {
    this.#line = opened.line;
    return this.#fail('this ( is never closed (parentheses do not nest)', opened.at, 1);
  }

  #fail(message: string, at: number, length: number): { readonly ok: false; readonly fault: ZoneLexFault } {
    const line = this.#line;
    this.#at = at;
    this.#skipLine();
    if (this.#at < this.#bytes.length) this.#newline();
    return fault({ message, at, line, length });
  }

  #skipLine(): void {
    const end = this.#bytes.indexOf(newline, this.#at);
    this.#at = end === -1 ? this.#bytes.length : end;
  }

  #newline(): void {
    this.#at += 1;
    this.#line += 1;
  }
}

function isDelimiter(octet: number): boolean {
  switch (octet) {
    case space:
    case tab:
    case carriageReturn:
    case newline:
    case open:
    case close:
    case semicolon:
      return true;
    default:
      return false;
  }
}
