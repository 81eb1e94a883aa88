// Finds out how far a zone is trusted (RFC 4035 §5, RFC 6840): from the anchor nearest above it, by the DS records of each zone on the way and the
// keys that they vouch for. It goes upwards, from the zone that signed to the one that signed its DS records, so that only zones are asked about that
// are there; and downwards, name by name, only where something is not signed that perhaps should be.
import type { ChainLink } from '../../lib/journey.ts';
import { unreachable } from '../../lib/result.ts';
import { denialsOf } from '../dnssec/denials.ts';
import { readDsSet } from '../dnssec/ds-set.ts';
import type { UsableDsSet } from '../dnssec/ds-set.ts';
import { nameInWords, setInWords, validationFault } from '../dnssec/faults.ts';
import type { ValidationFault } from '../dnssec/security.ts';
import type { TrustAnchor } from '../dnssec/trust-anchor.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { credibility } from './answer-cache.ts';
import { chainLink } from './chain-links.ts';
import type { Engine, Work } from './engine.ts';
import type { DsNote } from './read-reply.ts';
import { askUntilItHolds } from './second-opinion.ts';
import type { FoundAnswer, Judged } from './second-opinion.ts';
import { until } from './task.ts';
import type { Task } from './task.ts';
import { signersOf, verifySet, verifySets } from './verify-sets.ts';
import { trustByAnchor, trustByDelegation } from './zone-keys.ts';
import type { CutStatus, SecureZone, ZoneTrust } from './zone-trust.ts';

/** How far names of the zone that `name` is in are trusted. */
export function* trustAt(engine: Engine, work: Work, name: DomainName): Task<ZoneTrust> {
  const anchor = engine.trust.anchors.closest(name);
  if (anchor === undefined) return unanchored(name);
  // Where the servers were that were asked is a hint where to begin: all of it is proved.
  const hint = engine.delegations.deepest(name)?.zone ?? anchor.zone;
  const start = yield* trustOf(engine, work, hint.isAtOrBelow(anchor.zone) ? hint : anchor.zone);
  let trust: ZoneTrust = start.kind === 'no-cut' ? start.within : start;
  for (
    let labels = trust.zone.labelCount + 1;
    trust.kind === 'secure' && labels <= name.labelCount;
    labels++
  ) {
    const below: CutStatus = yield* trustOf(engine, work, name.ancestor(labels));
    if (below.kind !== 'no-cut') trust = below;
    else if (below.absent) break;
  }
  return trust;
}

/** What is known of a name that is said to be a zone's. Whoever asks meanwhile waits for the same. */
export function* trustOf(engine: Engine, work: Work, zone: DomainName): Task<CutStatus> {
  const { zones } = engine.trust;
  const anchor = engine.trust.anchors.closest(zone);
  if (anchor === undefined) return unanchored(zone);
  for (;;) {
    const known = zones.get(zone);
    if (known !== undefined) return known;
    if (!zones.isSought(zone)) break;
    const told = yield* until<CutStatus | undefined>((done) => {
      if (!zones.join(zone, done)) done(undefined);
    });
    if (told !== undefined) return told;
  }
  const finish = zones.begin(zone);
  let shared: CutStatus | undefined;
  try {
    // What is asked on the way is shown with the link that it was needed for.
    const within: Work = { ...work, checking: false, journal: work.journal.nest() };
    const status = anchor.zone.equals(zone)
      ? yield* trustByAnchor(engine, within, anchor)
      : yield* belowAnchor(engine, within, zone, anchor);
    const { budget } = work;
    // What one question had no budget for is nothing that others should be told.
    if (status.kind !== 'bogus' || (!budget.validationSpent && budget.exhausted === undefined)) {
      shared = status;
      zones.put(zone, status);
    }
    return status;
  } finally {
    finish(shared);
  }
}

function unanchored(zone: DomainName): ZoneTrust {
  const expires = Number.POSITIVE_INFINITY;
  return { kind: 'insecure', zone, links: [], above: undefined, expires, fault: undefined };
}

type Delegated =
  | {
      readonly kind: 'ds';
      readonly set: UsableDsSet;
      readonly above: SecureZone;
      readonly link: ChainLink;
      readonly expires: number;
    }
  | { readonly kind: 'status'; readonly status: CutStatus };

function* belowAnchor(engine: Engine, work: Work, zone: DomainName, anchor: TrustAnchor): Task<CutStatus> {
  const delegated = yield* delegatedBy(engine, work, zone, anchor);
  if (delegated.kind === 'status' && delegated.status.kind === 'no-cut' && isOwn(engine, zone)) {
    // A zone of this very server that the world has never heard of: nobody is there to vouch for it.
    const { within, expires } = delegated.status;
    return { kind: 'insecure', zone, links: [], above: within, expires, fault: undefined };
  }
  return delegated.kind === 'status' ? delegated.status : yield* trustByDelegation(engine, work, delegated);
}

function isOwn(engine: Engine, zone: DomainName): boolean {
  const delegation = engine.routes.deepest(zone)?.delegation;
  return delegation?.askOwn !== undefined && delegation.zone.equals(zone);
}

/** What the zone above says of this one's keys: as its referral did, else asked for. */
function* delegatedBy(engine: Engine, work: Work, zone: DomainName, anchor: TrustAnchor): Task<Delegated> {
  const known = engine.delegations.deepest(zone);
  const note = known?.zone.equals(zone) === true ? known.ds : undefined;
  if (note !== undefined) {
    const age = (engine.clock.monotonic() - note.noted) / 1000;
    const { verdict, doubtful } = yield* judgeDs(engine, work, zone, anchor, {
      ...note,
      alias: undefined,
      age,
    });
    if (!doubtful) return verdict;
  }
  if (!work.budget.takeDsLookup()) return bogusZone(engine, zone, undefined, tooManyNames(zone));
  const opinion = yield* askUntilItHolds(engine, work, { name: zone, type: rrType.DS }, (found) =>
    judgeDs(engine, work, zone, anchor, materialOf(found)),
  );
  if (opinion.kind === 'answer') return opinion.verdict;
  const fault = { code: opinion.extendedError, reason: opinion.reason };
  return bogusZone(engine, zone, undefined, fault, engine.limits.failureTtl);
}

/** What may say that a zone is delegated securely, or isn't, or is no zone. */
interface DsMaterial extends DsNote {
  /** A CNAME or DNAME in place of DS records. */
  readonly alias: { readonly rrset: RRset; readonly signatures: readonly ResourceRecord[] } | undefined;
  /** Seconds since it came. */
  readonly age: number;
}

function materialOf({ links, end }: FoundAnswer): DsMaterial {
  const [alias] = links;
  const records = end.kind === 'records' ? end : undefined;
  return {
    alias,
    rrset: records?.rrset,
    signatures: records?.signatures ?? [],
    proofs: end.kind === 'nodata' || end.kind === 'nxdomain' ? end.authorities : [],
    age: 0,
  };
}

function* judgeDs(
  engine: Engine,
  work: Work,
  zone: DomainName,
  anchor: TrustAnchor,
  material: DsMaterial,
): Task<Judged<Delegated>> {
  const { alias, rrset, signatures, proofs } = material;
  const relevant = alias?.signatures ?? (rrset === undefined ? proofs : signatures);
  const parent = zone.parent() ?? zone;
  const signer = signersOf(relevant, parent).find((each) => each.isAtOrBelow(anchor.zone));
  if (signer === undefined) {
    const above = yield* trustAt(engine, work, parent);
    if (above.kind !== 'secure') return certain(below(zone, above));
    const what =
      rrset === undefined
        ? `the proof that there is not ${setInWords(zone, rrType.DS)}`
        : setInWords(zone, rrType.DS);
    const fault = validationFault(
      rrset === undefined ? 'NSEC_MISSING' : 'RRSIGS_MISSING',
      `${what} should be signed by ${nameInWords(above.zone)}, and is not`,
    );
    return doubtful(bogusZone(engine, zone, above, fault));
  }
  const above = yield* trustOf(engine, work, signer);
  if (above.kind === 'no-cut') {
    const fault = validationFault(
      'DNSSEC_BOGUS',
      `${setInWords(zone, rrType.DS)} is signed by ${nameInWords(signer)}, which is no zone`,
    );
    return doubtful(bogusZone(engine, zone, above.within, fault));
  }
  if (above.kind !== 'secure') return certain(below(zone, above));
  if (alias !== undefined) {
    const verified = verifySet(engine, work, alias.rrset, alias.signatures, above.keys);
    if (!verified.ok) return doubtful(bogusZone(engine, zone, above, verified.fault));
    return certain(noCut(engine, above, alias.rrset.type === rrType.DNAME, verified.rrset.ttl));
  }
  return rrset === undefined
    ? judgeNoDs(engine, work, zone, above, material)
    : judgeDsSet(engine, work, zone, above, rrset, material);
}

function judgeDsSet(
  engine: Engine,
  work: Work,
  zone: DomainName,
  above: SecureZone,
  rrset: RRset,
  { signatures, age }: DsMaterial,
): Judged<Delegated> {
  const verified = verifySet(engine, work, rrset, signatures, above.keys);
  if (!verified.ok) return doubtful(bogusZone(engine, zone, above, verified.fault));
  if (verified.wildcard !== undefined) {
    const fault = validationFault(
      'DNSSEC_BOGUS',
      `${setInWords(zone, rrType.DS)} was made by a wildcard, which delegates nothing`,
    );
    return doubtful(bogusZone(engine, zone, above, fault));
  }
  const ttl = Math.min(verified.rrset.ttl, engine.limits.maxTtl) - age;
  const set = readDsSet(zone, verified.rrset.rdatas, engine.trust.ring);
  const answer = { kind: 'records', signatures, proofs: [], security: 'secure' } as const;
  const left = Math.floor(ttl);
  engine.answers.put(
    zone,
    rrType.DS,
    { ...answer, rrset: { ...verified.rrset, ttl: left } },
    left,
    credibility.answer,
  );
  const expires = engine.clock.monotonic() + ttl * 1000;
  const secure = set.kind === 'usable';
  const link = chainLink({
    zone: above.zone,
    checks: 'delegation',
    name: zone,
    type: rrType.DS,
    dsTags: secure ? set.records.map(({ keyTag }) => keyTag) : [],
    keys: above.keys,
    verified,
    verdict: secure ? 'secure' : 'insecure',
    fault: secure ? undefined : set.fault,
  });
  const delegated: Delegated = secure
    ? { kind: 'ds', set, above, link, expires }
    : { kind: 'status', status: { kind: 'insecure', zone, links: [link], above, expires, fault: set.fault } };
  // A note may have become too old.
  return { verdict: delegated, doubtful: ttl <= 0 && age > 0 };
}

function judgeNoDs(
  engine: Engine,
  work: Work,
  zone: DomainName,
  above: SecureZone,
  { proofs, age }: DsMaterial,
): Judged<Delegated> {
  const found = verifySets(engine, work, proofs, [rrType.NSEC, rrType.NSEC3], above.keys);
  const ttl = Math.min(found.ttl, engine.limits.maxTtl) - age;
  const expires = engine.clock.monotonic() + ttl * 1000;
  const insecure = (fault: ValidationFault | undefined): Judged<Delegated> => {
    const link = chainLink({
      zone: above.zone,
      checks: 'delegation',
      name: zone,
      type: rrType.DS,
      keys: above.keys,
      verified: found.sets[0],
      verdict: 'insecure',
      fault,
    });
    const status: CutStatus = { kind: 'insecure', zone, links: [link], above, expires, fault };
    return { verdict: { kind: 'status', status }, doubtful: ttl <= 0 && age > 0 };
  };
  const proof = denialsOf(above.zone, found.sets, work.budget).noDs(zone);
  switch (proof.kind) {
    case 'insecure-delegation':
      return insecure(undefined);
    case 'insecure':
      return insecure(proof.fault);
    case 'no-cut':
    case 'absent':
      return certain(noCut(engine, above, proof.kind === 'absent', ttl));
    case 'not-proved':
      return doubtful(bogusZone(engine, zone, above, found.fault ?? proof.fault));
    default:
      return unreachable(proof);
  }
}

/** A zone below one that isn't secure is as that one is. */
function below(zone: DomainName, above: Exclude<ZoneTrust, SecureZone>): Delegated {
  return { kind: 'status', status: { ...above, zone, links: [], above } };
}

function noCut(engine: Engine, within: SecureZone, absent: boolean, ttl: number): Delegated {
  const expires = Math.min(
    within.expires,
    engine.clock.monotonic() + Math.min(ttl, engine.limits.maxNegativeTtl) * 1000,
  );
  return { kind: 'status', status: { kind: 'no-cut', within, absent, expires } };
}

function bogusZone(
  engine: Engine,
  zone: DomainName,
  above: ZoneTrust | undefined,
  fault: ValidationFault,
  ttl: number = engine.limits.bogusTtl,
): Delegated {
  const link = chainLink({
    zone: above?.zone ?? zone,
    checks: 'delegation',
    name: zone,
    type: rrType.DS,
    keys: above?.kind === 'secure' ? above.keys : undefined,
    verdict: 'bogus',
    fault,
  });
  const expires = engine.clock.monotonic() + ttl * 1000;
  return { kind: 'status', status: { kind: 'bogus', zone, links: [link], above, expires, fault } };
}

function tooManyNames(zone: DomainName): ValidationFault {
  return validationFault(
    'DNSSEC_INDETERMINATE',
    `more names would have to be asked about than is done for one question, of which ${nameInWords(zone)} is one`,
  );
}

function certain(verdict: Delegated): Judged<Delegated> {
  return { verdict, doubtful: false };
}

function doubtful(verdict: Delegated): Judged<Delegated> {
  return { verdict, doubtful: true };
}
