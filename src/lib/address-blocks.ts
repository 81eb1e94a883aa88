// Ranges of IP addresses as octets: whether an address is in one is told from where its octets lie, without text or objects, for
// threads that ask it of every datagram. `AddressRanges` is the same for addresses in text form.
import ipaddr from 'ipaddr.js';

interface Block {
  readonly octets: Uint8Array;
  readonly bits: number;
}

/** ::ffff:0:0/96, in which an IPv4 client stands on a socket for both families (RFC 4291 §2.5.5.2). */
const mappedAt = 12;

export class AddressBlocks {
  readonly #blocks: readonly Block[];

  /** `ranges` such as `127.0.0.0/8`, `::1/128`, or a single address. Throws where one is none: the config has checked them. */
  constructor(ranges: readonly string[]) {
    this.#blocks = ranges.map(parseBlock);
  }

  /** Whether any range has the address that is 4 or 16 octets of `addresses` from `at` on. */
  include(addresses: Uint8Array, at: number, length: number): boolean {
    const start = length === 16 && isMapped(addresses, at) ? at + mappedAt : at;
    const octets = start === at ? length : 4;
    for (const block of this.#blocks) if (isIn(block, addresses, start, octets)) return true;
    return false;
  }
}

function parseBlock(text: string): Block {
  const [address, bits] = ipaddr.parseCIDR(
    text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`,
  );
  return { octets: Uint8Array.from(address.toByteArray()), bits };
}

function isIn({ octets, bits }: Block, addresses: Uint8Array, at: number, length: number): boolean {
  if (octets.length !== length) return false;
  let left = bits;
  for (let i = 0; left > 0; i++, left -= 8) {
    const mask = left >= 8 ? 0xff : 0xff << (8 - left);
    if ((((addresses[at + i] ?? 0) ^ (octets[i] ?? 0)) & mask & 0xff) !== 0) return false;
  }
  return true;
}

function isMapped(addresses: Uint8Array, at: number): boolean {
  for (let i = 0; i < mappedAt; i++) if (addresses[at + i] !== (i < 10 ? 0 : 0xff)) return false;
  return true;
}
