// The name that an address has in the reverse tree (RFC 1035 §3.5, RFC 3596 §2.5), and the address that such a name stands for.
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';

const ip6 = domainName('ip6.arpa.');

/** Of 4 or 16 octets. */
export function reverseName(octets: Uint8Array): DomainName {
  if (octets.length === 4) return domainName(`${[...octets].toReversed().join('.')}.in-addr.arpa.`);
  const digits = [...octets]
    .toReversed()
    .map((octet) => `${(octet & 15).toString(16)}.${(octet >> 4).toString(16)}`);
  return domainName(`${digits.join('.')}.ip6.arpa.`);
}

/** The IPv6 address of a whole reverse name, or `undefined`. */
export function ipv6OfReverse(name: DomainName): Uint8Array | undefined {
  if (name.labelCount !== 34 || !name.isBelow(ip6)) return undefined;
  const octets = new Uint8Array(16);
  for (let i = 0; i < 32; i++) {
    const label = name.label(i);
    const digit = label.length === 1 ? Number.parseInt(String.fromCharCode(label[0] ?? 0), 16) : Number.NaN;
    if (Number.isNaN(digit)) return undefined;
    const at = 15 - (i >> 1);
    octets[at] = (octets[at] ?? 0) | (digit << ((i & 1) * 4));
  }
  return octets;
}
