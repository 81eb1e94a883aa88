// Checks the signatures of what a message brings, at the price of the client query's budget.
import type { ValidationFault } from '../dnssec/security.ts';
import { verifyWithKeys } from '../dnssec/verify-rrset.ts';
import type { Verification, VerifiedRRset } from '../dnssec/verify-rrset.ts';
import type { ZoneKeys } from '../dnssec/zone-key.ts';
import { DomainName } from '../wire/name.ts';
import { rrsigHead, signerEnd } from '../wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { Engine, Work } from './engine.ts';
import { rrsetOf, signaturesOf } from './rrset-of.ts';

/** A denial by NSEC3 has three records and the SOA; of more than twice that the rest is passed over. */
const mostSets = 8;

export function verifySet(
  engine: Engine,
  work: Work,
  rrset: RRset,
  signatures: readonly ResourceRecord[],
  keys: ZoneKeys,
): Verification {
  return verifyWithKeys(rrset, signatures, keys, Math.floor(engine.clock.now() / 1000), work.budget);
}

/** As {@link verifySet}, but for sets that come again and again. */
function verifySetOnce(
  engine: Engine,
  work: Work,
  rrset: RRset,
  signatures: readonly ResourceRecord[],
  keys: ZoneKeys,
): Verification {
  const { verified } = engine.trust;
  const known = verified.find(rrset, signatures, keys, Math.floor(engine.clock.now() / 1000));
  if (known !== undefined) return known;
  const verification = verifySet(engine, work, rrset, signatures, keys);
  if (verification.ok) verified.keep(verification, signatures);
  return verification;
}

export interface CheckedSets {
  readonly sets: readonly VerifiedRRset[];
  /** Those sets with their signatures. */
  readonly records: readonly ResourceRecord[];
  /** Seconds that all of them stay valid. */
  readonly ttl: number;
  /** What is wrong with one that can't be used. */
  readonly fault: ValidationFault | undefined;
}

/** The sets among `records` of any of those types that one of the zone's keys signed. */
export function verifySets(
  engine: Engine,
  work: Work,
  records: readonly ResourceRecord[],
  types: readonly number[],
  keys: ZoneKeys,
): CheckedSets {
  const sets: VerifiedRRset[] = [];
  const kept: ResourceRecord[] = [];
  const seen = new Set<string>();
  let fault: ValidationFault | undefined;
  let ttl = Number.POSITIVE_INFINITY;
  for (const { owner, type } of records) {
    const id = `${type} ${owner.key}`;
    if (!types.includes(type) || seen.has(id)) continue;
    if (seen.size === mostSets) break;
    seen.add(id);
    const rrset = rrsetOf(records, owner, type);
    if (rrset === undefined) continue;
    const signatures = signaturesOf(records, owner, type);
    const verified = verifySetOnce(engine, work, rrset, signatures, keys);
    if (!verified.ok) {
      ({ fault } = verified);
      continue;
    }
    sets.push(verified);
    ttl = Math.min(ttl, verified.rrset.ttl);
    for (const rdata of rrset.rdatas) kept.push({ ...verified.rrset, rdata });
    kept.push(...signatures);
  }
  return { sets, records: kept, ttl, fault };
}

/**
 * The zones that these RRSIGs say they are of, at or above `name`, the deepest first. Two are enough: what a zone and the one above it may have to say.
 */
export function signersOf(signatures: readonly ResourceRecord[], name: DomainName): readonly DomainName[] {
  const signers: DomainName[] = [];
  for (const { type, rdata } of signatures) {
    const end = type === rrType.RRSIG ? signerEnd(rdata) : undefined;
    if (end === undefined) continue;
    const signer = DomainName.unchecked(rdata.subarray(rrsigHead, end));
    if (!name.isAtOrBelow(signer) || signers.some((each) => each.equals(signer))) continue;
    // The same name as an object that knows its key already.
    signers.push(name.ancestor(signer.labelCount));
  }
  return signers.sort((a, b) => b.labelCount - a.labelCount).slice(0, 2);
}
