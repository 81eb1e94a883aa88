// Cuts a zone file into entries and tokens (RFC 1035 §5.1): comments, quotes, escapes, and parentheses that carry an
// entry over line ends. It knows nothing of records. One entry is held at a time.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

export interface ZoneToken {
  /** As written, escapes kept; for a quoted token what stands between the quotes. */
  readonly text: string;
  readonly quoted: boolean;
  /** From 1. */
  readonly line: number;
  /** From 1; of the opening quote, where there is one. */
  readonly column: number;
  /** In the file, quotes included. */
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
  readonly line: number;
  readonly column: number;
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

export class ZoneLexer {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next entry, a fault (then the lexer goes on at the next line), or `undefined` at the end. */
  next(): Result<ZoneEntry, ZoneLexFault> | undefined {
    for (;;) {
      const first = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(first)) return undefined;
      const entry = this.#entry(first === space || first === tab);
      if (entry !== undefined) return entry;
    }
  }

  /** Reads up to the end of a line that is not inside parentheses; `undefined` for a line without tokens. */
  #entry(ownerOmitted: boolean): Result<ZoneEntry, ZoneLexFault> | undefined {
    const tokens: ZoneToken[] = [];
    let opened: { readonly at: number; readonly line: number; readonly lineStart: number } | undefined;
    for (;;) {
      const octet = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(octet)) {
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
          opened = { at: this.#at, line: this.#line, lineStart: this.#lineStart };
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
    return ok(this.#token(start, this.#text.slice(start + 1, end), true));
  }

  /** A word may have a quoted part, as in `alpn="h2,h3"` (RFC 9460 §2.1). */
  #bare(): Result<ZoneToken, ZoneLexFault> {
    const start = this.#at;
    for (;;) {
      const octet = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(octet) || isDelimiter(octet)) break;
      if (octet === backslash) {
        const next = this.#text.charCodeAt(this.#at + 1);
        if (Number.isNaN(next) || next === newline || next === carriageReturn)
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
    return ok(this.#token(start, this.#text.slice(start, this.#at), false));
  }

  #token(start: number, text: string, quoted: boolean): ZoneToken {
    return {
      text,
      quoted,
      line: this.#line,
      column: start - this.#lineStart + 1,
      length: this.#at - start,
    };
  }

  #closingQuote(start: number): number | undefined {
    for (let at = start + 1; ; at++) {
      const octet = this.#text.charCodeAt(at);
      if (octet === quote) return at;
      if (octet === backslash) at += 1;
      if (Number.isNaN(octet) || octet === newline || this.#text.charCodeAt(at) === newline) return undefined;
    }
  }

  #unclosed(opened: { readonly at: number; readonly line: number; readonly lineStart: number }): {
    readonly ok: false;
    readonly fault: ZoneLexFault;
  } {
    this.#line = opened.line;
    this.#lineStart = opened.lineStart;
    return this.#fail('this ( is never closed (parentheses do not nest)', opened.at, 1);
  }

  #fail(message: string, at: number, length: number): { readonly ok: false; readonly fault: ZoneLexFault } {
    const column = at - this.#lineStart + 1;
    const line = this.#line;
    this.#at = at;
    this.#skipLine();
    if (this.#at < this.#text.length) this.#newline();
    return fault({ message, line, column, length });
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #newline(): void {
    this.#at += 1;
    this.#line += 1;
    this.#lineStart = this.#at;
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
