// The verdict on an RRset of an answer (RFC 4035 §5.3): signed by its zone, whose keys are trusted; or from a zone that is insecure.
import { unreachable } from '../../lib/result.ts';
import { denialsOf } from '../dnssec/denials.ts';
import { nameInWords, setInWords, validationFault } from '../dnssec/faults.ts';
import { securityBy } from '../dnssec/proof.ts';
import type { Security, ValidationFault } from '../dnssec/security.ts';
import type { VerifiedRRset } from '../dnssec/verify-rrset.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { chainLink, tellLink } from './chain-links.ts';
import type { Engine, Work } from './engine.ts';
import type { Judged } from './second-opinion.ts';
import type { Task } from './task.ts';
import { verifySet, verifySets } from './verify-sets.ts';
import { vouchingZone } from './vouching-zone.ts';
import type { SecureZone, ZoneTrust } from './zone-trust.ts';

export interface SignedRecords {
  readonly rrset: RRset;
  readonly signatures: readonly ResourceRecord[];
  readonly proofs: readonly ResourceRecord[];
}

/** The records as they may be kept and given on: with TTLs that their signatures allow, and with proofs only where they prove something. */
export interface CheckedRecords extends SignedRecords {
  readonly security: Security;
  readonly fault: ValidationFault | undefined;
}

export function* judgeRecords(
  engine: Engine,
  work: Work,
  { rrset, signatures, proofs }: SignedRecords,
): Task<Judged<CheckedRecords>> {
  const records: SignedRecords = { rrset, signatures, proofs };
  // RFC 4035 §2.2: signatures aren't signed, so that nothing can be said of them.
  if (rrset.type === rrType.RRSIG) return insecure(records, undefined);
  const by = yield* vouchingZone(engine, work, { name: rrset.owner, type: rrset.type }, signatures);
  if (by === undefined) return insecure(records, undefined);
  switch (by.kind) {
    case 'insecure':
      tellAnswer(engine, work, records, by, undefined, 'insecure', by.fault);
      return insecure(records, by.fault);
    case 'bogus':
      return bogus(records, by.fault, false);
    case 'secure': {
      if (by.signed) return judgeSigned(engine, work, records, by.zone);
      const reason = `${setInWords(rrset.owner, rrset.type)} should be signed by ${nameInWords(by.zone.zone)}, and is not`;
      const fault = validationFault('RRSIGS_MISSING', reason);
      tellAnswer(engine, work, records, by.zone, undefined, 'bogus', fault);
      return bogus(records, fault, true);
    }
    default:
      return unreachable(by);
  }
}

function judgeSigned(
  engine: Engine,
  work: Work,
  records: SignedRecords,
  trust: SecureZone,
): Judged<CheckedRecords> {
  const { rrset, signatures } = records;
  const verified = verifySet(engine, work, rrset, signatures, trust.keys);
  if (!verified.ok) {
    tellAnswer(engine, work, records, trust, undefined, 'bogus', verified.fault);
    return bogus(records, verified.fault, true);
  }
  const { wildcard } = verified;
  const held = { ...records, rrset: verified.rrset };
  if (wildcard === undefined) {
    tellAnswer(engine, work, records, trust, verified, 'secure', undefined);
    return sure({ ...held, proofs: [], security: 'secure', fault: undefined });
  }
  // RFC 4035 §5.3.4: a name of its own would come before the wildcard.
  const found = verifySets(engine, work, records.proofs, [rrType.NSEC, rrType.NSEC3], trust.keys);
  const proof = denialsOf(trust.zone, found.sets, work.budget).wildcardAnswer(rrset.owner, wildcard);
  switch (proof.kind) {
    case 'proved':
    case 'insecure': {
      const { security, fault } = securityBy(proof);
      const ttl = Math.min(held.rrset.ttl, found.ttl);
      tellAnswer(engine, work, records, trust, verified, security, fault);
      return sure({ ...held, rrset: { ...held.rrset, ttl }, proofs: found.records, security, fault });
    }
    case 'not-proved': {
      const fault = found.fault ?? proof.fault;
      tellAnswer(engine, work, records, trust, verified, 'bogus', fault);
      return bogus(records, fault, true);
    }
    default:
      return unreachable(proof);
  }
}

function tellAnswer(
  engine: Engine,
  work: Work,
  { rrset }: SignedRecords,
  trust: ZoneTrust,
  verified: VerifiedRRset | undefined,
  verdict: 'secure' | 'insecure' | 'bogus',
  fault: ValidationFault | undefined,
): void {
  if (!work.journal.isWatched) return;
  const { owner: name, type } = rrset;
  const keys = trust.kind === 'secure' ? trust.keys : undefined;
  tellLink(
    engine,
    work,
    chainLink({ zone: trust.zone, checks: 'answer', name, type, keys, verified, verdict, fault }),
  );
}

function insecure(records: SignedRecords, fault: ValidationFault | undefined): Judged<CheckedRecords> {
  return sure({ ...records, security: 'insecure', fault });
}

function bogus(records: SignedRecords, fault: ValidationFault, doubtful: boolean): Judged<CheckedRecords> {
  return { verdict: { ...records, security: 'bogus', fault }, doubtful };
}

function sure(verdict: CheckedRecords): Judged<CheckedRecords> {
  return { verdict, doubtful: false };
}
