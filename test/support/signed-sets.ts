// Sets of records as validation has verified them, from lines of a zone file: for tests of proofs, which begin after that.
import type { SignedRRset } from '../../src/dns/dnssec/verify-rrset.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { recordsOfText } from './records.ts';

/** Each line is a set of its own, signed by the zone and made by no wildcard. */
export function signedSetsOf(zone: DomainName, lines: readonly string[]): readonly SignedRRset[] {
  return recordsOfText(zone, lines.join('\n')).map(({ owner, type, ttl, rdata }) => ({
    rrset: { owner, type, class: 1, ttl, rdatas: [rdata] },
    signer: zone,
    wildcard: undefined,
  }));
}
