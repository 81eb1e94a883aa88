// "0x20": each letter of a question's name in a random case, which a server repeats and a forger must guess
// (draft-vixie-dnsext-dns0x20; RFC 5452 §9.3 counts what there is to guess).
import type { Random } from '../../lib/random.ts';
import { DomainName } from '../wire/name.ts';

export function mixCase(name: DomainName, random: Random): DomainName {
  const bits = random.bytes((name.wire.length + 7) >> 3);
  const wire = name.wire.map((octet, i) => {
    const letter = octet | 0x20;
    // Length octets are below 64 and so are never letters.
    if (letter < 0x61 || letter > 0x7a) return octet;
    const bit = ((bits[i >> 3] ?? 0) >> (i & 7)) & 1;
    return bit === 1 ? letter & ~0x20 : letter;
  });
  return DomainName.unchecked(wire);
}
