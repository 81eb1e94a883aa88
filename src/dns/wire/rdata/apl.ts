// APL: a list of address prefixes (RFC 3123 §4).
import { emptyBytes } from '../../../lib/bytes.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../ip-address.ts';
import type { WireReader } from '../reader.ts';
import { rrType } from '../rr-type.ts';
import { nameless } from './field.ts';
import { defineWhole } from './record-type.ts';
import type { RecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export interface AddressPrefix {
  /** IANA's address family: 1 IPv4, 2 IPv6. */
  readonly family: number;
  /** Bits. */
  readonly prefix: number;
  /** The addresses are excepted from the list. */
  readonly negated: boolean;
  /** Without zero octets at its end. */
  readonly address: Uint8Array;
}

export interface AplData {
  readonly prefixes: readonly AddressPrefix[];
}

const octetsOfFamily: Readonly<Record<number, number>> = { 1: 4, 2: 16 };

/*+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
  |                  ADDRESSFAMILY                |
  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
  |         PREFIX        | N|      AFDLENGTH     |
  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
  /                    AFDPART                    /
  |                                               |
  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+ */
export const apl: RecordType<AplData> = defineWhole<AplData>(
  rrType.APL,
  'APL',
  nameless({
    read,
    skip: (reader) => void read(reader),
    write: (writer, { prefixes }) => {
      for (const { family, prefix, negated, address } of prefixes) {
        writer.u16(family);
        writer.u8(prefix);
        writer.u8((negated ? 0x80 : 0) | address.length);
        writer.put(address);
      }
    },
    parse: (tokens) => {
      const prefixes: AddressPrefix[] = [];
      while (tokens.remaining > 0) prefixes.push(parsePrefix(tokens));
      return { prefixes };
    },
    format: ({ prefixes }) => {
      // The text form knows IPv4 and IPv6 only (RFC 3123 §5).
      if (prefixes.some(({ family }) => octetsOfFamily[family] === undefined)) return undefined;
      return prefixes.map(formatPrefix).join(' ');
    },
  }),
);

function read(reader: WireReader): AplData {
  const prefixes: AddressPrefix[] = [];
  while (reader.remaining > 0) {
    const [family, prefix, lengths] = [reader.u16(), reader.u8(), reader.u8()];
    const address = reader.take(lengths & 0x7f);
    const octets = octetsOfFamily[family];
    if (octets !== undefined && (address.length > octets || prefix > octets * 8))
      reader.fail('an address prefix longer than its family');
    if (address.at(-1) === 0) reader.fail('an address prefix that ends in a zero octet');
    prefixes.push({ family, prefix, negated: (lengths & 0x80) !== 0, address });
  }
  return { prefixes };
}

function parsePrefix(tokens: TokenReader): AddressPrefix {
  const word = tokens.word('prefix');
  const [, not = '', family = '', text = '', bits = ''] = /^(!?)([12]):([^/]+)\/(\d{1,3})$/.exec(word) ?? [];
  const address = family === '1' ? parseIpv4(text) : parseIpv6(text);
  if (address === undefined || Number(bits) > address.length * 8) {
    tokens.fail(`'${word}' is not an address prefix like 1:192.0.2.0/24 or !2:2001:db8::/32`);
    return { family: 1, prefix: 0, negated: false, address: emptyBytes };
  }
  return {
    family: Number(family),
    prefix: Number(bits),
    negated: not !== '',
    address: address.subarray(0, address.findLastIndex((octet) => octet !== 0) + 1),
  };
}

function formatPrefix({ family, prefix, negated, address }: AddressPrefix): string {
  const text = family === 1 ? formatIpv4(address) : formatIpv6(address);
  return `${negated ? '!' : ''}${family}:${text}/${prefix}`;
}
