// Words of a zone file's plain lines, read where they lie: no escapes, no parentheses, ASCII only. Whatever is more than that is
// declined, and then the lexer reads the line anew; so nothing here says what is wrong with a word.
//
// A hot path: every octet of a large zone file passes here, so words are written as wire data at once and no string or array is
// made. Measure it by bench/micro/zone-file.ts.
import { maxLabelLength, maxNameLength } from '../wire/name.ts';

const newline = 0x0a;
const quote = 0x22;
const dot = 0x2e;
const colon = 0x3a;
const at = 0x40;

/** What an octet is between words and in them. */
const kind = { word: 0, blank: 1, end: 2, special: 3 } as const;
const kinds = new Uint8Array(256).fill(kind.special, 0x80);
for (const octet of [0x09, 0x0d, 0x20]) kinds[octet] = kind.blank;
// A comment ends the words of a line as the line's end does.
for (const octet of [newline, 0x3b]) kinds[octet] = kind.end;
for (const octet of [quote, 0x28, 0x29, 0x5c]) kinds[octet] = kind.special;

/** The value of a hexadecimal digit; 255 for other octets. */
const hexValues = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  hexValues[digit.charCodeAt(0)] = value;
  hexValues[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Six bits for each character that a type or class can have; 0 for others. */
const mnemonicBits = new Uint8Array(256);
'abcdefghijklmnopqrstuvwxyz0123456789-'.split('').forEach((character, index) => {
  mnemonicBits[character.charCodeAt(0)] = index + 1;
  mnemonicBits[character.toUpperCase().charCodeAt(0)] = index + 1;
});
const longestMnemonic = 5;

/** What {@link PlainWords.mnemonic} gives for this word, of up to five characters. */
export function packMnemonic(word: string): number {
  let packed = 0;
  for (let i = 0; i < word.length; i++) packed = (packed << 6) | (mnemonicBits[word.charCodeAt(i)] ?? 0);
  return packed;
}

/** Reading past the end of an array is slow, so the octets that are read must end with a newline. */
export class PlainWords {
  bytes: Uint8Array = Uint8Array.of(newline);
  /** Where the next octet is read. */
  at = 0;

  /** Skips blanks. */
  skipBlanks(): void {
    const { bytes } = this;
    let p = this.at;
    while (kinds[bytes[p] ?? newline] === kind.blank) p += 1;
    this.at = p;
  }

  /** Goes behind the line's end, where only a comment may come before it; gives whether it did. */
  endLine(): boolean {
    this.skipBlanks();
    const octet = this.bytes[this.at];
    if (octet === newline) {
      this.at += 1;
      return true;
    }
    if (octet === undefined || kinds[octet] !== kind.end) return false;
    this.at = this.bytes.indexOf(newline, this.at) + 1;
    return true;
  }

  /** Whether a word or a quote follows, blanks skipped. */
  hasMore(): boolean {
    this.skipBlanks();
    return kinds[this.bytes[this.at] ?? newline] !== kind.end;
  }

  startsWithDigit(): boolean {
    const octet = this.bytes[this.at] ?? newline;
    return octet >= 0x30 && octet <= 0x39;
  }

  /** The word as one number, letters of either case alike; 0 where it can't be a mnemonic of five characters at most. */
  mnemonic(): number {
    const { bytes } = this;
    let packed = 0;
    let p = this.at;
    for (; p < this.at + longestMnemonic; p++) {
      const bits = mnemonicBits[bytes[p] ?? newline] ?? 0;
      if (bits === 0) break;
      packed = (packed << 6) | bits;
    }
    return this.#ends(p) ? packed : 0;
  }

  /** A decimal number from 0 to `most`, which is 2^32 - 1 at most; -1 where it isn't one. */
  number(most: number): number {
    const { bytes } = this;
    let p = this.at;
    let value = 0;
    for (; p < this.at + 10; p++) {
      const digit = (bytes[p] ?? newline) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    return p > this.at && value <= most && this.#ends(p) ? value : -1;
  }

  /** A name below `origin` (wire form), or an absolute one, or `@`. Gives the offset behind what it wrote to `out`; -1. */
  name(out: Uint8Array, start: number, origin: Uint8Array): number {
    const { bytes } = this;
    let p = this.at;
    if (bytes[p] === at && this.#ends(p + 1)) {
      out.set(origin, start);
      return start + origin.length;
    }
    let label = start;
    let w = start + 1;
    const most = start + maxNameLength;
    for (;;) {
      const octet = bytes[p] ?? newline;
      if (octet === dot) {
        const length = w - label - 1;
        if (length === 0 || length > maxLabelLength) return -1;
        out[label] = length;
        label = w;
      } else if (kinds[octet] === kind.word) {
        out[w] = octet;
      } else {
        break;
      }
      w += 1;
      p += 1;
      if (w > most) return -1;
    }
    if (kinds[bytes[p] ?? newline] === kind.special) return -1;
    const length = w - label - 1;
    if (length === 0) {
      // An empty word, or one that ended with a dot.
      if (w === start + 1) return -1;
      out[label] = 0;
      this.at = p;
      return w;
    }
    if (length > maxLabelLength || w + origin.length > most) return -1;
    out[label] = length;
    out.set(origin, w);
    this.at = p;
    return w + origin.length;
  }

  /** A dotted IPv4 address, four octets to `out`; gives whether it was one. */
  ipv4(out: Uint8Array): boolean {
    const { bytes } = this;
    let p = this.at;
    for (let part = 0; part < 4; part++) {
      if (part > 0 && bytes[p++] !== dot) return false;
      const start = p;
      let value = 0;
      for (; p < start + 3; p++) {
        const digit = (bytes[p] ?? newline) - 0x30;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      const digits = p - start;
      // Leading zeros could mean octal numbers.
      if (digits === 0 || value > 255 || (digits > 1 && bytes[start] === 0x30)) return false;
      out[part] = value;
    }
    return this.#ends(p);
  }

  /** An IPv6 address of hexadecimal groups, 16 octets to `out`; gives whether it was one. Those that end as IPv4 are declined. */
  ipv6(out: Uint8Array): boolean {
    const { bytes } = this;
    let p = this.at;
    let w = 0;
    let gap = -1;
    if (bytes[p] === colon) {
      if (bytes[p + 1] !== colon) return false;
      gap = 0;
      p += 2;
    }
    while (w < 16) {
      const start = p;
      let value = 0;
      for (; p < start + 4; p++) {
        const digit = hexValues[bytes[p] ?? newline] ?? 255;
        if (digit === 255) break;
        value = (value << 4) | digit;
      }
      if (p === start) {
        // Only `::` may end without a group behind it.
        if (gap !== w) return false;
        break;
      }
      out[w] = value >>> 8;
      out[w + 1] = value;
      w += 2;
      if (bytes[p] !== colon || w === 16) break;
      p += 1;
      if (bytes[p] === colon) {
        if (gap !== -1) return false;
        gap = w;
        p += 1;
      }
    }
    if (gap === -1) return w === 16 && this.#ends(p);
    // RFC 4291 §2.2: `::` stands for one or more groups.
    if (w > 14) return false;
    out.copyWithin(16 - (w - gap), gap, w);
    out.fill(0, gap, 16 - (w - gap));
    return this.#ends(p);
  }

  /** A quoted or bare word without escapes as a character string: length octet and octets. Gives the offset behind it; -1. */
  string(out: Uint8Array, start: number): number {
    const end = this.octets(out, start + 1, start + 256);
    if (end === -1) return -1;
    out[start] = end - start - 1;
    return end;
  }

  /** A quoted or bare word without escapes, up to `limit`. Gives the offset behind it; -1. */
  octets(out: Uint8Array, start: number, limit: number): number {
    const { bytes } = this;
    let p = this.at;
    let w = start;
    if (bytes[p] !== quote) {
      for (; kinds[bytes[p] ?? newline] === kind.word && w < limit; p++) out[w++] = bytes[p] ?? 0;
      return w > start && this.#ends(p) ? w : -1;
    }
    for (p += 1; ; p++) {
      const octet = bytes[p] ?? newline;
      if (octet === quote) break;
      // A backslash, or what may not be UTF-8.
      if (octet === newline || octet === 0x5c || octet > 0x7f || w >= limit) return -1;
      out[w++] = octet;
    }
    this.at = p + 1;
    return w;
  }

  /** The words up to the line's end as hexadecimal digits that blanks may split. Gives the offset behind them; -1. */
  hexRest(out: Uint8Array, start: number, limit: number): number {
    let w = start;
    let high = -1;
    while (this.hasMore()) {
      let p = this.at;
      for (; ; p++) {
        const digit = hexValues[this.bytes[p] ?? newline] ?? 255;
        if (digit === 255) break;
        if (high === -1) {
          high = digit;
        } else {
          if (w >= limit) return -1;
          out[w++] = (high << 4) | digit;
          high = -1;
        }
      }
      if (p === this.at || !this.#ends(p)) return -1;
    }
    return high === -1 && w > start ? w : -1;
  }

  /** Whether no word goes on at `p`; if so, it is where reading goes on. */
  #ends(p: number): boolean {
    const found = kinds[this.bytes[p] ?? newline] ?? kind.special;
    if (found !== kind.blank && found !== kind.end) return false;
    this.at = p;
    return true;
  }
}
