// Octets in record data: hexadecimal, base32hex or base64 in the text form (RFC 4648).
import { base64ToBytes, bytesToBase64, bytesToHex, emptyBytes, hexToBytes } from '../../../../lib/bytes.ts';
import { base32HexToBytes, bytesToBase32Hex } from '../base32hex.ts';
import { nameless } from '../field.ts';
import type { Field } from '../field.ts';

/** Octets up to the end, as hexadecimal digits that blanks may split. */
export const hexRest: Field<Uint8Array> = nameless({
  read: (reader) => reader.rest(),
  skip: (reader) => reader.skip(reader.remaining),
  write: (writer, value) => writer.put(value),
  parse: (tokens, what) => {
    const octets = hexToBytes(tokens.joined(what));
    if (octets === undefined) tokens.fail(`the ${what} must be hexadecimal digits, two for each octet`);
    return octets ?? emptyBytes;
  },
  format: (value) => (value.length === 0 ? undefined : bytesToHex(value).toUpperCase()),
});

/** Octets up to the end, as base64 that blanks may split. */
export const base64Rest: Field<Uint8Array> = nameless({
  read: (reader) => reader.rest(),
  skip: (reader) => reader.skip(reader.remaining),
  write: (writer, value) => writer.put(value),
  parse: (tokens, what) => {
    const octets = base64ToBytes(tokens.joined(what));
    if (octets === undefined) tokens.fail(`the ${what} must be base64`);
    return octets ?? emptyBytes;
  },
  format: (value) => (value.length === 0 ? undefined : bytesToBase64(value)),
});

/** A length octet and so many octets, as hexadecimal without blanks; `-` for none (RFC 5155 §3.3). */
export const saltHex: Field<Uint8Array> = nameless({
  read: (reader) => reader.take(reader.u8()),
  skip: (reader) => reader.skip(reader.u8()),
  write: (writer, value) => {
    writer.u8(value.length);
    writer.put(value);
  },
  parse: (tokens, what) => {
    const word = tokens.word(what);
    const octets = word === '-' ? emptyBytes : hexToBytes(word);
    if (octets === undefined || octets.length > 255)
      tokens.fail(`the ${what} must be '-' or up to 255 octets of hexadecimal digits`);
    return octets ?? emptyBytes;
  },
  format: (value) => (value.length === 0 ? '-' : bytesToHex(value).toUpperCase()),
});

/** A length octet and at least one octet, as base32hex without padding (RFC 5155 §3.3). */
export const hashBase32: Field<Uint8Array> = nameless({
  read: (reader) => {
    const length = reader.u8();
    if (length === 0) reader.fail('a hash of no octets');
    return reader.take(length);
  },
  skip: (reader) => void hashBase32.read(reader),
  write: (writer, value) => {
    writer.u8(value.length);
    writer.put(value);
  },
  parse: (tokens, what) => {
    const octets = base32HexToBytes(tokens.word(what));
    if (octets === undefined || octets.length === 0 || octets.length > 255)
      tokens.fail(`the ${what} must be base32hex without padding, of 1 to 255 octets`);
    return octets ?? emptyBytes;
  },
  format: bytesToBase32Hex,
});

/** Two octets of length and so many octets, as one word of base64; the length is a word before it (RFC 8945 §4.2 as dig prints it). */
export const countedBase64: Field<Uint8Array> = nameless({
  read: (reader) => reader.take(reader.u16()),
  skip: (reader) => reader.skip(reader.u16()),
  write: (writer, value) => {
    writer.u16(value.length);
    writer.put(value);
  },
  parse: (tokens, what) => {
    const length = tokens.integer(`length of the ${what}`, 0xffff);
    const octets = length === 0 ? emptyBytes : base64ToBytes(tokens.word(what));
    if (octets === undefined) tokens.fail(`the ${what} must be base64`);
    else if (octets.length !== length) tokens.fail(`the ${what} has ${octets.length} octets, not ${length}`);
    return octets ?? emptyBytes;
  },
  format: (value) => (value.length === 0 ? '0' : `${value.length} ${bytesToBase64(value)}`),
});

/** `count` octets, each as two hexadecimal digits, with hyphens between (RFC 7043 §3.2). */
export function hyphenHex(count: number): Field<Uint8Array> {
  return grouped(count, 1, '-');
}

/** `count` octets in groups of four hexadecimal digits with colons between (RFC 6742 §2.1.2). */
export function colonHex(count: number): Field<Uint8Array> {
  return grouped(count, 2, ':');
}

function grouped(count: number, groupOctets: number, separator: string): Field<Uint8Array> {
  const groups = count / groupOctets;
  // Each group of a locator may leave leading zeros out; octets of an EUI are always written in full.
  const digits = groupOctets === 1 ? '[0-9a-fA-F]{2}' : '[0-9a-fA-F]{1,4}';
  const shape = new RegExp(`^${digits}(?:${separator}${digits}){${groups - 1}}$`);
  return nameless({
    read: (reader) => reader.take(count),
    skip: (reader) => reader.skip(count),
    write: (writer, value) => writer.put(value),
    parse: (tokens, what) => {
      const word = tokens.word(what);
      if (!shape.test(word))
        tokens.fail(`the ${what} must be ${groups} groups of hexadecimal digits with '${separator}' between`);
      const hex = word
        .split(separator)
        .map((group) => group.padStart(2 * groupOctets, '0'))
        .join('');
      return hexToBytes(hex) ?? emptyBytes;
    },
    format: (value) =>
      Array.from({ length: groups }, (_, i) => {
        const hex = bytesToHex(value.subarray(i * groupOctets, (i + 1) * groupOctets));
        return groupOctets === 1 ? hex : hex.replace(/^0{1,3}/, '');
      }).join(separator),
  });
}
