// The kinds of fields that record data is made of: each with its wire and presentation form both ways.
import { base64ToBytes, bytesToBase64, bytesToHex, emptyBytes, hexToBytes } from '../../../lib/bytes.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../ip-address.ts';
import type { DomainName } from '../name.ts';
import type { WireReader } from '../reader.ts';
import type { NameStyle, WireWriter } from '../writer.ts';
import { parseDuration } from '../duration.ts';
import { formatQuoted } from './character-string.ts';
import type { TokenReader } from './token-reader.ts';

export interface Field<Value> {
  read(reader: WireReader): Value;
  /** Checks what `read` would read, without making it. */
  skip(reader: WireReader): void;
  write(writer: WireWriter, value: Value): void;
  /** From wire form to wire form; only names can come out different. */
  copy(reader: WireReader, writer: WireWriter, style: NameStyle): void;
  /** `what` names the field where it is missing or wrong. */
  parse(tokens: TokenReader, what: string): Value;
  /** '' where the field has no words. */
  format(value: Value): string;
}

/** Completes a field that holds no names: its octets are copied as they are. */
export function nameless<Value>(field: Omit<Field<Value>, 'copy'>): Field<Value> {
  return {
    ...field,
    copy: (reader, writer) => {
      const from = reader.at;
      field.skip(reader);
      if (reader.fault === undefined) writer.put(reader.bytes.subarray(from, reader.at));
    },
  };
}

export const u8: Field<number> = nameless({
  read: (reader) => reader.u8(),
  skip: (reader) => reader.skip(1),
  write: (writer, value) => writer.u8(value),
  parse: (tokens, what) => tokens.integer(what, 0xff),
  format: String,
});

export const u16: Field<number> = nameless({
  read: (reader) => reader.u16(),
  skip: (reader) => reader.skip(2),
  write: (writer, value) => writer.u16(value),
  parse: (tokens, what) => tokens.integer(what, 0xffff),
  format: String,
});

export const u32: Field<number> = nameless({
  read: (reader) => reader.u32(),
  skip: (reader) => reader.skip(4),
  write: (writer, value) => writer.u32(value),
  parse: (tokens, what) => tokens.integer(what, 0xffff_ffff),
  format: String,
});

export const u48: Field<number> = nameless({
  read: (reader) => reader.u48(),
  skip: (reader) => reader.skip(6),
  write: (writer, value) => writer.u48(value),
  parse: (tokens, what) => tokens.integer(what, 0xffff_ffff_ffff),
  format: String,
});

/** 32 bits of seconds; the presentation form also takes units as BIND's zone files do: `1w2d3h4m5s`. */
export const duration: Field<number> = nameless({
  ...u32,
  parse: (tokens, what) => {
    const { text } = tokens.token(what);
    if (tokens.fault !== undefined) return 0;
    const seconds = parseDuration(text);
    if (seconds === undefined) tokens.fail(`the ${what} must be seconds or a time like 1d12h, not '${text}'`);
    return seconds ?? 0;
  },
});

export const name: Field<DomainName> = {
  read: (reader) => reader.name(),
  skip: (reader) => reader.skipName(),
  write: (writer, value) => writer.name(value, 'plain'),
  copy: (reader, writer, style) => writer.name(reader.name(), style),
  parse: (tokens, what) => tokens.name(what),
  format: String,
};

/** As text, `192.0.2.1`. */
export const ipv4: Field<string> = nameless({
  read: (reader) => formatIpv4(reader.take(4)),
  skip: (reader) => reader.skip(4),
  write: (writer, value) => writer.put(parseIpv4(value) ?? invalid('IPv4 address', value)),
  parse: (tokens, what) => {
    const text = tokens.word(what);
    if (parseIpv4(text) === undefined) tokens.fail(`the ${what} '${text}' is not an IPv4 address`);
    return tokens.fault === undefined ? text : '0.0.0.0';
  },
  format: (value) => value,
});

/** As text in the form of RFC 5952, `2001:db8::1`. */
export const ipv6: Field<string> = nameless({
  read: (reader) => formatIpv6(reader.take(16)),
  skip: (reader) => reader.skip(16),
  write: (writer, value) => writer.put(parseIpv6(value) ?? invalid('IPv6 address', value)),
  parse: (tokens, what) => {
    const text = tokens.word(what);
    const address = parseIpv6(text);
    if (address === undefined) tokens.fail(`the ${what} '${text}' is not an IPv6 address`);
    return address !== undefined && tokens.fault === undefined ? formatIpv6(address) : '::';
  },
  format: (value) => value,
});

/** A <character-string> (RFC 1035 §3.3): a length octet and up to 255 octets; written in quotes. */
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
  format: (value) => bytesToHex(value).toUpperCase(),
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
  format: bytesToBase64,
});

/** A value that only a bug can have put there. */
function invalid(what: string, value: string): never {
  throw new TypeError(`'${value}' is not an ${what}`);
}
