// Who may use the resolver: a list of address ranges in CIDR form.
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../../lib/endpoint.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

export class AccessList {
  readonly #ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];
  /** Verdicts for the addresses seen last: most queries come from few clients. */
  readonly #verdicts = new Map<string, boolean>();

  private constructor(ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[]) {
    this.#ranges = ranges;
  }

  /** Reads ranges such as `127.0.0.0/8`, `::1/128`, or a single address. The fault names the one that is none. */
  static parse(ranges: readonly string[]): Result<AccessList> {
    const parsed: (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[] = [];
    for (const range of ranges) {
      const text = range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`;
      // The library also takes old forms such as 192.0.2/24, which are read in more than one way.
      if (!ipaddr.isValidCIDR(text) || parseAddress(text.replace(/\/.*/, '')) === undefined)
        return fault(`'${range}' is not a range of addresses, like 192.0.2.0/24`);
      parsed.push(ipaddr.parseCIDR(text));
    }
    return ok(new AccessList(parsed));
  }

  /** `address`: an IP address in text form. */
  allows(address: string): boolean {
    const known = this.#verdicts.get(address);
    if (known !== undefined) return known;
    if (this.#verdicts.size >= 1000) this.#verdicts.clear();
    const verdict = this.#check(address);
    this.#verdicts.set(address, verdict);
    return verdict;
  }

  #check(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // An IPv4 client on a socket for both families counts as what it is.
    const client = ipaddr.process(address);
    return this.#ranges.some(([range, bits]) => client.kind() === range.kind() && client.match(range, bits));
  }
}
