// Reads the words of a record's presentation form (RFC 1035 §5.1). Like WireReader it never throws: the first fault sticks,
// later reads give nothing, and whoever drives it looks at `fault` once at the end.
import { utf8ToBytes } from '../../../lib/bytes.ts';
import { DomainName, parseName } from '../name.ts';

/** A word of a zone file, as it was written. */
export interface RdataToken {
  /** Escapes are kept; the quotes around a quoted word are not. */
  readonly text: string;
  readonly quoted: boolean;
}

export interface RdataFault {
  readonly message: string;
  /** Index of the token at fault; the number of tokens where one is missing. */
  readonly token: number;
}

export class TokenReader {
  readonly origin: DomainName;
  readonly #tokens: readonly RdataToken[];
  #at = 0;
  #fault: RdataFault | undefined;

  /** Names that don't end in a dot are relative to `origin`. */
  constructor(tokens: readonly RdataToken[], origin: DomainName) {
    this.#tokens = tokens;
    this.origin = origin;
  }

  get fault(): RdataFault | undefined {
    return this.#fault;
  }

  get remaining(): number {
    return this.#fault === undefined ? this.#tokens.length - this.#at : 0;
  }

  /** Says what is wrong with the token read last, or with `token`. */
  fail(message: string, token: number = Math.max(0, this.#at - 1)): void {
    // What was written is quoted in messages, and a word may have megabytes.
    this.#fault ??= { message: message.length <= 300 ? message : `${message.slice(0, 297)}...`, token };
  }

  /** The next token without taking it. */
  peek(): RdataToken | undefined {
    return this.#fault === undefined ? this.#tokens[this.#at] : undefined;
  }

  /** The next token; `what` names it where it is missing. */
  token(what: string): RdataToken {
    const token = this.peek();
    if (token === undefined) {
      this.fail(`the ${what} is missing`, this.#tokens.length);
      return { text: '', quoted: false };
    }
    this.#at += 1;
    return token;
  }

  /** The next token's text as written. */
  word(what: string): string {
    return this.token(what).text;
  }

  /** The next token with its escapes resolved; characters beyond ASCII become UTF-8. */
  octets(what: string): Uint8Array {
    return this.unescape(this.word(what));
  }

  /** Resolves `\DDD` and `\X` (RFC 1035 §5.1). */
  unescape(text: string): Uint8Array {
    if (!text.includes('\\')) return utf8ToBytes(text);
    const octets: number[] = [];
    for (let i = 0; i < text.length; i++) {
      const code = text.codePointAt(i) ?? 0;
      if (code === 0x5c) {
        const decimal = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0];
        if (decimal !== undefined) {
          if (Number(decimal) > 255) this.fail(`\\${decimal} is above 255`);
          octets.push(Number(decimal));
          i += 3;
          continue;
        }
        i += 1;
        if (i >= text.length || /\d/.test(text[i] ?? '')) {
          this.fail('an escape needs three digits or one other character after the backslash');
          break;
        }
      }
      const character = text.codePointAt(i) ?? 0;
      octets.push(...utf8ToBytes(String.fromCodePoint(character)));
      if (character > 0xffff) i += 1;
    }
    return Uint8Array.from(octets);
  }

  /** A name: absolute, relative to the origin, or `@` for the origin itself. */
  name(what: string): DomainName {
    const { text, quoted } = this.token(what);
    if (this.#fault !== undefined) return DomainName.root;
    if (text === '@' && !quoted) return this.origin;
    const name = parseName(text, this.origin);
    if (name.ok) return name.value;
    this.fail(`the ${what} is not a name: ${name.fault}`);
    return DomainName.root;
  }

  /** A decimal number from 0 to `most`. */
  integer(what: string, most: number): number {
    const { text } = this.token(what);
    if (this.#fault !== undefined) return 0;
    if (!/^\d{1,15}$/.test(text)) this.fail(`the ${what} must be a number, not '${text}'`);
    else if (Number(text) > most) this.fail(`the ${what} ${text} is above ${most}`);
    return this.#fault === undefined ? Number(text) : 0;
  }

  /** All words that are left, at least one, joined: for hexadecimal and base64, which blanks may split. */
  joined(what: string): string {
    let text = this.word(what);
    while (this.remaining > 0) text += this.word(what);
    return text;
  }
}
