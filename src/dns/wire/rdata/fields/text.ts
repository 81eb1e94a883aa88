// Character strings (RFC 1035 §3.3): octets, in the text form between quotes.
import { bytesToLatin1, emptyBytes, latin1ToBytes } from '../../../../lib/bytes.ts';
import { formatQuoted } from '../character-string.ts';
import { nameless } from '../field.ts';
import type { Field } from '../field.ts';

/** A <character-string>: a length octet and up to 255 octets. */
export const text: Field<Uint8Array> = nameless({
  read: (reader) => reader.take(reader.u8()),
  skip: (reader) => reader.skip(reader.u8()),
  write: (writer, value) => {
    writer.u8(value.length);
    writer.put(value);
  },
  parse: (tokens, what) => {
    const octets = tokens.octets(what);
    if (octets.length <= 255) return octets;
    tokens.fail(`the ${what} has ${octets.length} octets; a string has 255 at most: split it into several`);
    return emptyBytes;
  },
  format: formatQuoted,
});

/** One or more character strings up to the end (RFC 1035 §3.3.14). */
export const texts: Field<readonly Uint8Array[]> = nameless({
  read: (reader) => {
    const strings: Uint8Array[] = [];
    do strings.push(text.read(reader));
    while (reader.remaining > 0);
    return strings;
  },
  skip: (reader) => {
    do text.skip(reader);
    while (reader.remaining > 0);
  },
  write: (writer, value) => {
    for (const string of value) text.write(writer, string);
  },
  parse: (tokens, what) => {
    const strings: Uint8Array[] = [];
    do strings.push(text.parse(tokens, what));
    while (tokens.remaining > 0);
    return strings;
  },
  format: (value) => value.map(formatQuoted).join(' '),
});

/** A character string that may be missing at the end of the data. */
export const optionalText: Field<Uint8Array | undefined> = nameless({
  read: (reader) => (reader.remaining > 0 ? text.read(reader) : undefined),
  skip: (reader) => {
    if (reader.remaining > 0) text.skip(reader);
  },
  write: (writer, value) => {
    if (value !== undefined) text.write(writer, value);
  },
  parse: (tokens, what) => (tokens.remaining > 0 ? text.parse(tokens, what) : undefined),
  format: (value) => (value === undefined ? '' : formatQuoted(value)),
});

/** Octets up to the end, without a length of their own, between quotes: CAA's value and URI's target. */
export const textRest: Field<Uint8Array> = nameless({
  read: (reader) => reader.rest(),
  skip: (reader) => reader.skip(reader.remaining),
  write: (writer, value) => writer.put(value),
  parse: (tokens, what) => tokens.octets(what),
  format: formatQuoted,
});

/** A character string of ASCII letters and digits, at least one, written without quotes: CAA's tag (RFC 8659 §4.1). */
export const tag: Field<string> = nameless({
  read: (reader) => {
    const octets = text.read(reader);
    const value = bytesToLatin1(octets);
    if (!/^[A-Za-z0-9]+$/.test(value)) reader.fail('a tag is made of ASCII letters and digits');
    return value;
  },
  skip: (reader) => void tag.read(reader),
  write: (writer, value) => text.write(writer, latin1ToBytes(value)),
  parse: (tokens, what) => {
    const value = tokens.word(what);
    if (!/^[A-Za-z0-9]{1,255}$/.test(value))
      tokens.fail(`the ${what} '${value}' must be made of ASCII letters and digits`);
    return value;
  },
  format: (value) => value,
});
