// Who may use the resolver: a list of address ranges in CIDR form.
import { AddressRanges } from '../../lib/address-ranges.ts';
import { ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';

export class AccessList {
  readonly #ranges: AddressRanges;
  /** Verdicts for the addresses seen last: most queries come from few clients. */
  readonly #verdicts = new Map<string, boolean>();

  private constructor(ranges: AddressRanges) {
    this.#ranges = ranges;
  }

  /** Reads ranges such as `127.0.0.0/8`, `::1/128`, or a single address. The fault names the one that is none. */
  static parse(ranges: readonly string[]): Result<AccessList> {
    const parsed = AddressRanges.parse(ranges);
    return parsed.ok ? ok(new AccessList(parsed.value)) : parsed;
  }

  /** `address`: an IP address in text form. */
  allows(address: string): boolean {
    const known = this.#verdicts.get(address);
    if (known !== undefined) return known;
    if (this.#verdicts.size >= 1000) this.#verdicts.clear();
    const verdict = this.#ranges.include(address);
    this.#verdicts.set(address, verdict);
    return verdict;
  }
}
