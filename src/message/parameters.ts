// Parameters of Content-Type and Content-Disposition (RFC 2045 §5.1), with the continuations, charsets and languages of RFC 2231,
// read as tolerantly as mail programs do: lacking semicolons and quotes, blanks, comments and unquoted file names are put up with.
import { utf8ToBytes } from '../lib/bytes.ts';
import { decodeCharset } from './charset.ts';
import { decodeWords, hexValue } from './encoded-words.ts';
import type { Parameter } from './mime-part.ts';

/** The parameters that begin at `from` in an unfolded value; at most `most` are looked at. */
export function parseParameters(text: string, from: number, most: number): readonly Parameter[] {
  const plain: Parameter[] = [];
  const names = new Set<string>();
  let pieces: Map<string, Piece[]> | undefined;
  const cursor: Cursor = { text, at: from };
  for (let count = 0; count < most; count++) {
    const parameter = readParameter(cursor);
    if (parameter === undefined) break;
    const piece = pieceOf(parameter);
    if (piece !== undefined) {
      pieces ??= new Map();
      const others = pieces.get(piece.name);
      if (others === undefined) pieces.set(piece.name, [piece]);
      else others.push(piece);
    } else if (!names.has(parameter.name)) {
      // Of two of a name the first counts: who reads another than a filter does can be fooled.
      names.add(parameter.name);
      plain.push(parameter);
    }
  }
  if (pieces === undefined) return plain;
  const joined = [...pieces].map(([name, each]) => join(name, each));
  return [...plain, ...joined.filter(({ name }) => !names.has(name))];
}

/** A parameter's text, decoded: by RFC 2231 where it is encoded so, and by RFC 2047, which is not allowed there but is common. */
export function parameterValue(parameters: readonly Parameter[], name: string): string | undefined {
  const extendedName = `${name}*`;
  let found: string | undefined;
  for (const parameter of parameters) {
    if (parameter.name === extendedName) return decodeExtended(parameter.value);
    if (parameter.name === name) found = parameter.value;
  }
  return found === undefined ? undefined : decodeWords(found);
}

/** Where the comment or blank at `at` ends (RFC 5322 §3.2.2). */
export function skipBlanksAndComments(text: string, at: number): number {
  let depth = 0;
  let to = at;
  for (; to < text.length; to++) {
    const code = text.charCodeAt(to);
    if (code === 0x28) depth++;
    else if (depth > 0) {
      if (code === 0x29) depth--;
      else if (code === 0x5c) to++;
    } else if (code !== 0x20 && code !== 0x09) break;
  }
  return Math.min(to, text.length);
}

interface Cursor {
  readonly text: string;
  at: number;
}

// parameter := attribute "=" value
function readParameter(cursor: Cursor): Parameter | undefined {
  const { text } = cursor;
  for (;;) {
    let at = skipBlanksAndComments(text, cursor.at);
    while (text.charCodeAt(at) === 0x3b) at = skipBlanksAndComments(text, at + 1);
    if (at >= text.length) return undefined;
    const nameStart = at;
    while (at < text.length && !endsName(text.charCodeAt(at))) at++;
    const name = text.slice(nameStart, at).toLowerCase();
    at = skipBlanksAndComments(text, at);
    if (text.charCodeAt(at) !== 0x3d) {
      // A word that is no parameter is passed over, and a character that can begin none.
      cursor.at = Math.max(at, nameStart + 1);
      continue;
    }
    cursor.at = skipBlanksAndComments(text, at + 1);
    const value = readValue(cursor);
    if (name !== '') return { name, value };
  }
}

/** `=`, `;`, blanks, `(` and `"`. */
function endsName(code: number): boolean {
  return code === 0x3d || code === 0x3b || code <= 0x20 || code === 0x28 || code === 0x22;
}

function readValue(cursor: Cursor): string {
  const { text } = cursor;
  if (text.charCodeAt(cursor.at) === 0x22) return readQuoted(cursor);
  const from = cursor.at;
  let at = from;
  /** After the last character that is no blank. */
  let end = from;
  /** Where the word begins that is being read. */
  let word = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3b) break;
    // A comment; inside a word a parenthesis is a broken client's.
    if (code === 0x28 && end < at) break;
    // `a=b c=d`: the semicolon lacks.
    if (code === 0x3d && word > from) {
      at = word;
      end = text.slice(from, word).trimEnd().length + from;
      break;
    }
    if (code > 0x20) {
      if (end < at) word = at;
      end = at + 1;
    }
  }
  cursor.at = at;
  return text.slice(from, end);
}

function readQuoted(cursor: Cursor): string {
  const { text } = cursor;
  const from = cursor.at + 1;
  let value = '';
  let start = from;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) break;
    if (code !== 0x5c) continue;
    value += text.slice(start, at);
    start = at + 1;
    at++;
  }
  cursor.at = Math.min(at + 1, text.length);
  return value + text.slice(start, at);
}

/** One of the pieces into which RFC 2231 §3 and §4 cut a parameter; those without a number count as the only one. */
interface Piece {
  readonly name: string;
  readonly number: number;
  readonly encoded: boolean;
  readonly value: string;
}

// initial-section := "*0"; other-sections := "*" ("1".."9") *DIGIT; extended names end with "*"
function pieceOf({ name, value }: Parameter): Piece | undefined {
  const star = name.indexOf('*');
  if (star <= 0) return undefined;
  const encoded = name.endsWith('*');
  const base = name.slice(0, star);
  if (star === name.length - 1) return { name: base, number: 0, encoded, value };
  const digits = name.slice(star + 1, encoded ? -1 : undefined);
  if (!/^[0-9]{1,4}$/.test(digits)) return undefined;
  return { name: base, number: Number(digits), encoded, value };
}

function join(name: string, pieces: readonly Piece[]): Parameter {
  const sorted = pieces.toSorted((a, b) => a.number - b.number);
  if (!sorted.some((piece) => piece.encoded))
    return { name, value: sorted.map((piece) => piece.value).join('') };
  // A piece that is not encoded stands among those that are: its own percent signs must not be read as codes.
  const value = sorted.map((piece) => (piece.encoded ? piece.value : piece.value.replaceAll('%', '%25')));
  return { name: `${name}*`, value: (sorted[0]?.encoded === true ? '' : "''") + value.join('') };
}

// extended-initial-value := [charset] "'" [language] "'" extended-other-values
function decodeExtended(value: string): string {
  const first = value.indexOf("'");
  const second = first < 0 ? -1 : value.indexOf("'", first + 1);
  const text = second < 0 ? value : value.slice(second + 1);
  return decodeCharset(fromPercent(text), second < 0 || first === 0 ? undefined : value.slice(0, first));
}

function fromPercent(text: string): Uint8Array {
  const octets = utf8ToBytes(text);
  let to = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    const high = octet === 0x25 ? hexValue(octets[at + 1] ?? 0) : -1;
    const low = high < 0 ? -1 : hexValue(octets[at + 2] ?? 0);
    octets[to++] = low < 0 ? octet : high * 16 + low;
    if (low >= 0) at += 2;
  }
  return octets.subarray(0, to);
}
