// Encoded words in header fields (RFC 2047; language tags of RFC 2231 §5), as tolerant as mail programs are: words longer than
// 75 characters, inside quoted strings, without blanks around them, and characters cut in two between words are decoded all the same.
import { concatBytes, utf8ToBytes } from '../lib/bytes.ts';
import { decodeCharset } from './charset.ts';

interface Word {
  readonly charset: string;
  readonly octets: Uint8Array;
  /** Where the text goes on. */
  readonly end: number;
}

/** Longer than any charset's label with its language. */
const longestCharset = 64;

/** The text with its encoded words decoded; what only looks like one stays as it is. Work is linear in the text. */
export function decodeWords(text: string): string {
  let start = text.indexOf('=?');
  if (start < 0) return text;
  let decoded = '';
  /** What stands before this is in `decoded`, or held in `run`. */
  let done = 0;
  // Neighbours of one charset are joined before they are decoded: RFC 2047 §5 (3) forbids to cut a character, but it is done.
  let run: Uint8Array[] = [];
  let charset = '';
  const endRun = (): void => {
    if (run.length > 0) decoded += decodeCharset(concatBytes(run), charset);
    run = [];
  };
  // Where no `?=` follows any more, no word does: a text of only beginnings is not searched again for each.
  const lastEnd = text.lastIndexOf('?=');
  while (start >= 0 && start < lastEnd) {
    const word = readWord(text, start);
    if (word === undefined) {
      start = text.indexOf('=?', start + 2);
      continue;
    }
    const between = text.slice(done, start);
    // RFC 2047 §6.2: white space between two encoded words is not shown.
    const adjacent = run.length > 0 && between.trim() === '';
    if (!adjacent) {
      endRun();
      decoded += between;
    } else if (word.charset !== charset) endRun();
    charset = word.charset;
    run.push(word.octets);
    done = word.end;
    start = text.indexOf('=?', done);
  }
  endRun();
  return decoded + text.slice(done);
}

// encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
function readWord(text: string, start: number): Word | undefined {
  const charsetStart = start + 2;
  let at = charsetStart;
  for (const limit = at + longestCharset; at < limit && at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3f) break;
    if (code <= 0x20 || code > 0x7e) return undefined;
  }
  if (text.charCodeAt(at) !== 0x3f || at === charsetStart || text.charCodeAt(at + 2) !== 0x3f)
    return undefined;
  const encoding = text.charCodeAt(at + 1) | 0x20;
  const from = at + 3;
  const to = text.indexOf('?=', from);
  if (to < 0) return undefined;
  // RFC 2231 §5: =?charset*language?…
  const [charset = ''] = text.slice(charsetStart, at).split('*', 1);
  const encoded = text.slice(from, to);
  // The letters b and q.
  const octets = encoding === 0x62 ? fromB(encoded) : encoding === 0x71 ? fromQ(encoded) : undefined;
  return octets === undefined ? undefined : { charset: charset.toLowerCase(), octets, end: to + 2 };
}

/** RFC 2047 §4.1. Padding may lack or stand anywhere; other characters are passed over. */
function fromB(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    const clean = text.replaceAll(/[^A-Za-z0-9+/]/g, '');
    // One digit left over is six bits, no octet.
    return Uint8Array.fromBase64(clean.length % 4 === 1 ? clean.slice(0, -1) : clean);
  }
}

/** RFC 2047 §4.2. UTF-8 inside a word (RFC 6532) is not allowed, and not lost. */
function fromQ(text: string): Uint8Array {
  const octets = utf8ToBytes(text);
  let to = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    const high = octet === 0x3d ? hexValue(octets[at + 1] ?? 0) : -1;
    const low = high < 0 ? -1 : hexValue(octets[at + 2] ?? 0);
    if (low >= 0) {
      octets[to++] = high * 16 + low;
      at += 2;
    } else octets[to++] = octet === 0x5f ? 0x20 : octet;
  }
  return octets.subarray(0, to);
}

const hexValues: Int8Array = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  hexValues[digit.charCodeAt(0)] = value;
  hexValues[digit.toUpperCase().charCodeAt(0)] = value;
}

/** A hexadecimal digit's value, or -1. */
export function hexValue(code: number): number {
  return hexValues[code] ?? -1;
}
