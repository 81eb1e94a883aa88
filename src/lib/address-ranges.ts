// Ranges of IP addresses in CIDR form, as access lists name them.
import ipaddr from 'ipaddr.js';
import { parseAddress } from './endpoint.ts';
import { fault, ok } from './result.ts';
import type { Result } from './result.ts';

export class AddressRanges {
  readonly #ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

  private constructor(ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[]) {
    this.#ranges = ranges;
  }

  /** Reads ranges such as `127.0.0.0/8`, `::1/128`, or a single address. The fault names the one that is none. */
  static parse(ranges: readonly string[]): Result<AddressRanges> {
    const parsed: (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[] = [];
    for (const range of ranges) {
      const text = range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`;
      // The library also takes old forms such as 192.0.2/24, which are read in more than one way.
      if (!ipaddr.isValidCIDR(text) || parseAddress(text.replace(/\/.*/, '')) === undefined)
        return fault(`'${range}' is not a range of addresses, like 192.0.2.0/24`);
      parsed.push(ipaddr.parseCIDR(text));
    }
    return ok(new AddressRanges(parsed));
  }

  /** Of ranges that the config has checked: throws where one is none. */
  static of(ranges: readonly string[]): AddressRanges {
    const parsed = AddressRanges.parse(ranges);
    if (!parsed.ok) throw new Error(`the config has let through: ${parsed.fault}`);
    return parsed.value;
  }

  /** `address`: an IP address in text form. */
  include(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // An IPv4 client on a socket for both families counts as what it is.
    const client = ipaddr.process(address);
    return this.#ranges.some(([range, bits]) => client.kind() === range.kind() && client.match(range, bits));
  }
}
