// The client's address as SPF compares and prints it (RFC 7208 §5, §7.3), and its name in the reverse tree (RFC 1035 §3.5, RFC 3596 §2.5).
import { domainName } from '../../dns/wire/name.ts';
import type { DomainName } from '../../dns/wire/name.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from '../../dns/wire/ip-address.ts';

export interface ClientAddress {
  /** 4 or 16. */
  readonly octets: Uint8Array;
  readonly family: 4 | 6;
  /** Shortest form. */
  readonly text: string;
}

/** `undefined` for what is no address. RFC 7208 §5: an IPv4-mapped IPv6 address is the IPv4 address. */
export function clientAddress(text: string): ClientAddress | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return { octets: v4, family: 4, text };
  const v6 = parseIpv6(text);
  if (v6 === undefined) return undefined;
  const mapped = v6.subarray(0, 12).every((octet, i) => octet === (i < 10 ? 0 : 0xff));
  if (mapped) {
    const octets = v6.slice(12);
    return { octets, family: 4, text: formatIpv4(octets) };
  }
  return { octets: v6, family: 6, text: formatIpv6(v6) };
}

/** Whether both are of one family and agree in the first `bits` bits. */
export function sameNetwork(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  if (a.length !== b.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (((a[whole] ?? 0) ^ (b[whole] ?? 0)) & (0xff00 >> rest) & 0xff) === 0;
}

/** The macro `i`: dotted decimal, or dotted nibbles. */
export function dottedAddress(address: ClientAddress): string {
  return address.family === 4 ? address.text : address.octets.toHex().toUpperCase().split('').join('.');
}

/** Where PTR records of the address stand. */
export function reverseName(address: ClientAddress): DomainName {
  const labels = address.family === 4 ? Array.from(address.octets, String) : address.octets.toHex().split('');
  return domainName(`${labels.reverse().join('.')}.${address.family === 4 ? 'in-addr' : 'ip6'}.arpa`);
}
