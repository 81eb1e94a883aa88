// The verdict on an answer that something is not there (RFC 4035 §5.4, RFC 5155 §8): proved by the zone that the name is in, or that zone is insecure.
import { unreachable } from '../../lib/result.ts';
import { denialsOf } from '../dnssec/denials.ts';
import { nameInWords, setInWords, validationFault } from '../dnssec/faults.ts';
import { securityBy } from '../dnssec/proof.ts';
import type { Denials, Proof } from '../dnssec/proof.ts';
import type { Security, ValidationFault } from '../dnssec/security.ts';
import { extendedError } from '../wire/edns-option.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { chainLink, tellLink } from './chain-links.ts';
import type { Engine, Work } from './engine.ts';
import type { Judged } from './second-opinion.ts';
import type { Task } from './task.ts';
import { verifySets } from './verify-sets.ts';
import type { CheckedSets } from './verify-sets.ts';
import { homeOf, vouchingZone } from './vouching-zone.ts';
import type { SecureZone, ZoneTrust } from './zone-trust.ts';

export interface Denial {
  readonly kind: 'nodata' | 'nxdomain';
  readonly name: DomainName;
  /** The type that was asked for. */
  readonly type: number;
  /** SOA, NSEC and NSEC3 with their RRSIGs. */
  readonly authorities: readonly ResourceRecord[];
  /** Seconds. */
  readonly ttl: number;
}

/** The denial as it may be kept and given on. */
export interface CheckedDenial {
  readonly kind: 'nodata' | 'nxdomain';
  readonly authorities: readonly ResourceRecord[];
  readonly ttl: number;
  readonly security: Security;
  readonly fault: ValidationFault | undefined;
}

export function* judgeDenial(engine: Engine, work: Work, denial: Denial): Task<Judged<CheckedDenial>> {
  const { name, type, authorities } = denial;
  const by = yield* vouchingZone(engine, work, denial, authorities);
  if (by === undefined) return checked(denial, 'insecure', undefined);
  switch (by.kind) {
    case 'insecure':
      tell(engine, work, denial, by, undefined, 'insecure', by.fault);
      return checked(denial, 'insecure', by.fault);
    case 'bogus':
      return checked(denial, 'bogus', by.fault);
    case 'secure': {
      if (by.signed) return judgeSigned(engine, work, denial, by.zone);
      const reason = `${nameInWords(by.zone.zone)} should have proved that there is not ${setInWords(name, type)}, and has not`;
      return doubted(engine, work, denial, by.zone, validationFault('NSEC_MISSING', reason));
    }
    default:
      return unreachable(by);
  }
}

function judgeSigned(engine: Engine, work: Work, denial: Denial, trust: SecureZone): Judged<CheckedDenial> {
  const types = [rrType.SOA, rrType.NSEC, rrType.NSEC3];
  const found = verifySets(engine, work, denial.authorities, types, trust.keys);
  const denials = denialsOf(trust.zone, found.sets, work.budget);
  const { kind, proof } = proofOf(denial, denials);
  switch (proof.kind) {
    case 'proved':
    case 'insecure': {
      // The SOA says for how long the denial holds, and is given on with it; without one it holds for this question.
      if (
        found.fault !== undefined &&
        hasSoa(denial.authorities) &&
        !found.sets.some(({ rrset }) => rrset.type === rrType.SOA)
      )
        return doubted(engine, work, denial, trust, found.fault);
      const { security, fault } = securityBy(proof);
      const ttl = Math.min(denial.ttl, found.ttl);
      tell(engine, work, denial, trust, found, security, fault);
      return { verdict: { kind, authorities: found.records, ttl, security, fault }, doubtful: false };
    }
    case 'not-proved': {
      if (!isBelowInsecureDelegation(denial, trust.zone, denials))
        return doubted(engine, work, denial, trust, found.fault ?? unconvincing(proof.fault, found));
      // The zone above speaks for one that it delegates without DS: servers that have both do so.
      tell(engine, work, denial, trust, found, 'insecure', undefined);
      return checked(denial, 'insecure', undefined);
    }
    default:
      return unreachable(proof);
  }
}

/** What is proved: servers that take an empty non-terminal for a name that isn't there prove that it is (RFC 8020 §2). */
function proofOf(
  { kind, name, type }: Denial,
  denials: Denials,
): { readonly kind: Denial['kind']; readonly proof: Proof } {
  if (kind === 'nodata') return { kind, proof: denials.noData(name, type) };
  const proof = denials.nameError(name);
  if (proof.kind !== 'not-proved') return { kind, proof };
  const noData = denials.noData(name, type);
  return noData.kind === 'proved' && !noData.optOut ? { kind: 'nodata', proof: noData } : { kind, proof };
}

/** RFC 8914 §4.13: "NSEC missing" is for denials that come without any; what comes and doesn't prove it makes the answer bogus. */
function unconvincing(fault: ValidationFault, { sets }: CheckedSets): ValidationFault {
  const came = sets.some(({ rrset }) => rrset.type !== rrType.SOA);
  return came ? { ...fault, code: extendedError.DNSSEC_BOGUS } : fault;
}

function hasSoa(records: readonly ResourceRecord[]): boolean {
  return records.some(({ type }) => type === rrType.SOA);
}

/** Whether the same records prove that the name is in no signed zone. */
function isBelowInsecureDelegation({ name, type }: Denial, zone: DomainName, denials: Denials): boolean {
  const home = homeOf(name, type);
  for (let labels = zone.labelCount + 1; labels <= home.labelCount; labels++) {
    const proof = denials.noDs(home.ancestor(labels));
    if (proof.kind === 'insecure-delegation') return true;
    if (proof.kind !== 'no-cut') return false;
  }
  return false;
}

function doubted(
  engine: Engine,
  work: Work,
  denial: Denial,
  trust: SecureZone,
  fault: ValidationFault,
): Judged<CheckedDenial> {
  tell(engine, work, denial, trust, undefined, 'bogus', fault);
  return { ...checked(denial, 'bogus', fault), doubtful: true };
}

function checked(
  { kind, authorities, ttl }: Denial,
  security: Security,
  fault: ValidationFault | undefined,
): Judged<CheckedDenial> {
  return { verdict: { kind, authorities, ttl, security, fault }, doubtful: false };
}

function tell(
  engine: Engine,
  work: Work,
  { name, type }: Denial,
  trust: ZoneTrust,
  found: CheckedSets | undefined,
  verdict: 'secure' | 'insecure' | 'bogus',
  fault: ValidationFault | undefined,
): void {
  if (!work.journal.isWatched) return;
  const keys = trust.kind === 'secure' ? trust.keys : undefined;
  const verified = found?.sets[0];
  tellLink(
    engine,
    work,
    chainLink({ zone: trust.zone, checks: 'denial', name, type, keys, verified, verdict, fault }),
  );
}
