// IP addresses in record data, as text in our values.
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../../ip-address.ts';
import { nameless } from '../field.ts';
import type { Field } from '../field.ts';

/** `192.0.2.1` */
export const ipv4: Field<string> = nameless({
  read: (reader) => formatIpv4(reader.take(4)),
  skip: (reader) => reader.skip(4),
  write: (writer, value) => writer.put(parseIpv4(value) ?? invalid('IPv4', value)),
  parse: (tokens, what) => {
    const text = tokens.word(what);
    if (tokens.fault === undefined && parseIpv4(text) === undefined)
      tokens.fail(`the ${what} '${text}' is not an IPv4 address`);
    return tokens.fault === undefined ? text : '0.0.0.0';
  },
  format: (value) => value,
});

/** In the form of RFC 5952: `2001:db8::1`. */
export const ipv6: Field<string> = nameless({
  read: (reader) => formatIpv6(reader.take(16)),
  skip: (reader) => reader.skip(16),
  write: (writer, value) => writer.put(parseIpv6(value) ?? invalid('IPv6', value)),
  parse: (tokens, what) => {
    const text = tokens.word(what);
    const address = parseIpv6(text);
    if (tokens.fault === undefined && address === undefined)
      tokens.fail(`the ${what} '${text}' is not an IPv6 address`);
    return address !== undefined && tokens.fault === undefined ? formatIpv6(address) : '::';
  },
  format: (value) => value,
});

/** A value that only a bug can have put there. */
function invalid(family: string, value: string): never {
  throw new TypeError(`'${value}' is not an ${family} address`);
}
