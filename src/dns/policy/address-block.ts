// Blocks of addresses as the data of A and AAAA records is held against them: each family for itself, so that ::ffff:0:0/96 means records
// with such addresses, which `AddressBlocks` (of clients) takes for IPv4.
import { parseIpv4, parseIpv6 } from '../wire/ip-address.ts';

export interface AddressBlock {
  readonly octets: Uint8Array;
  readonly bits: number;
}

/** `10.0.0.0/8`, `fc00::/7`. Throws where it is none: the config has checked it. */
export function addressBlock(text: string): AddressBlock {
  const [address = '', length] = text.split('/');
  const octets = address.includes(':') ? parseIpv6(address) : parseIpv4(address);
  if (octets === undefined) throw new Error(`'${text}' is not a block of addresses`);
  return { octets, bits: length === undefined ? 8 * octets.length : Number(length) };
}

/** `rdata`: of an A or AAAA record. */
export function isInBlock({ octets, bits }: AddressBlock, rdata: Uint8Array): boolean {
  if (rdata.length !== octets.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (rdata[i] !== octets[i]) return false;
  const rest = bits & 7;
  return rest === 0 || (((rdata[whole] ?? 0) ^ (octets[whole] ?? 0)) & (0xff << (8 - rest))) === 0;
}
