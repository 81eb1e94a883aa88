// Fetches a zone's keys, and holds them against what vouches for them: DS records of the zone above (RFC 4035 §5.2), or a trust anchor (§5.1).
import { keysByDs } from '../dnssec/ds-set.ts';
import type { UsableDsSet, VouchedKeys } from '../dnssec/ds-set.ts';
import { nameInWords, validationFault } from '../dnssec/faults.ts';
import type { ValidationFault } from '../dnssec/security.ts';
import { keysByAnchor } from '../dnssec/trust-anchor.ts';
import type { TrustAnchor } from '../dnssec/trust-anchor.ts';
import type { ZoneKeys } from '../dnssec/zone-key.ts';
import type { ChainLink } from '../../lib/journey.ts';
import type { DomainName } from '../wire/name.ts';
import { keyTag } from '../wire/rdata/dnskey.ts';
import { ds as dsType } from '../wire/rdata/ds.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { rrType } from '../wire/rr-type.ts';
import { chainLink } from './chain-links.ts';
import type { Engine, Work } from './engine.ts';
import { askUntilItHolds } from './second-opinion.ts';
import type { FoundAnswer, Judged } from './second-opinion.ts';
import type { Task } from './task.ts';
import { verifySet } from './verify-sets.ts';
import type { SecureZone, ZoneTrust } from './zone-trust.ts';

/** DS records of the zone above, which were validated. */
export interface SecureDelegation {
  readonly set: UsableDsSet;
  readonly above: SecureZone;
  readonly link: ChainLink;
  /** By the monotonic clock, in milliseconds. */
  readonly expires: number;
}

/** What a zone's key set must be signed by. */
interface Voucher {
  readonly zone: DomainName;
  readonly above: SecureZone | undefined;
  readonly links: readonly ChainLink[];
  readonly tags: readonly number[];
  readonly expires: number;
  vouch(keys: ZoneKeys): VouchedKeys;
}

export function* trustByDelegation(engine: Engine, work: Work, by: SecureDelegation): Task<ZoneTrust> {
  const { set, above, link, expires } = by;
  return yield* trustByKeys(engine, work, {
    zone: set.zone,
    above,
    links: [link],
    tags: set.records.map(({ keyTag }) => keyTag),
    expires,
    vouch: (keys) => keysByDs(set, keys, work.budget),
  });
}

export function* trustByAnchor(engine: Engine, work: Work, anchor: TrustAnchor): Task<ZoneTrust> {
  const { ring } = engine.trust;
  const { zone } = anchor;
  // Whether any of it can be used shows without the zone's keys.
  const use = keysByAnchor(anchor, { zone, keys: [] }, ring, work.budget);
  if (use.ok === 'insecure')
    return {
      kind: 'insecure',
      zone,
      links: [],
      above: undefined,
      expires: Number.POSITIVE_INFINITY,
      fault: use.fault,
    };
  return yield* trustByKeys(engine, work, {
    zone,
    above: undefined,
    links: [],
    tags: tagsOf(anchor),
    expires: Number.POSITIVE_INFINITY,
    vouch: (keys) => {
      const vouched = keysByAnchor(anchor, keys, ring, work.budget);
      return vouched.ok === 'insecure' ? { ok: false, fault: vouched.fault, exhausted: false } : vouched;
    },
  });
}

function tagsOf({ ds, keys }: TrustAnchor): readonly number[] {
  const tags = [...ds.map((rdata) => readRdata(dsType, rdata)?.keyTag), ...keys.map(keyTag)];
  return tags.filter((tag) => tag !== undefined);
}

function* trustByKeys(engine: Engine, work: Work, voucher: Voucher): Task<ZoneTrust> {
  const { zone } = voucher;
  const opinion = yield* askUntilItHolds(engine, work, { name: zone, type: rrType.DNSKEY }, (found) =>
    judgeKeys(engine, work, voucher, found),
  );
  if (opinion.kind === 'answer') return opinion.verdict;
  const fault = { code: opinion.extendedError, reason: opinion.reason };
  return brokenKeys(engine, voucher, undefined, fault, engine.limits.failureTtl);
}

// eslint-disable-next-line require-yield
function* judgeKeys(
  engine: Engine,
  work: Work,
  voucher: Voucher,
  { links, end }: FoundAnswer,
): Task<Judged<ZoneTrust>> {
  const { zone, above, tags } = voucher;
  if (end.kind !== 'records' || links.length > 0) {
    const by = above === undefined ? 'a trust anchor' : `DS records in ${nameInWords(above.zone)}`;
    const fault = validationFault('DNSKEY_MISSING', `${nameInWords(zone)} has ${by}, and no DNSKEY records`);
    return { verdict: brokenKeys(engine, voucher, undefined, fault), doubtful: true };
  }
  const keys = engine.trust.ring.keysOf(end.rrset);
  const vouched = voucher.vouch(keys);
  if (!vouched.ok) return { verdict: brokenKeys(engine, voucher, keys, vouched.fault), doubtful: true };
  const verified = verifySet(engine, work, end.rrset, end.signatures, vouched.keys);
  if (!verified.ok) return { verdict: brokenKeys(engine, voucher, keys, verified.fault), doubtful: true };
  const ttl = Math.min(verified.rrset.ttl, engine.limits.maxTtl);
  const { signatures } = end;
  engine.answers.put(
    zone,
    rrType.DNSKEY,
    { kind: 'records', rrset: { ...verified.rrset, ttl }, signatures, proofs: [], security: 'secure' },
    ttl,
    end.rank,
  );
  const link = chainLink({
    zone,
    checks: 'keys',
    name: zone,
    type: rrType.DNSKEY,
    dsTags: tags,
    anchored: above === undefined,
    keys,
    verified,
    verdict: 'secure',
  });
  const expires = Math.min(voucher.expires, engine.clock.monotonic() + ttl * 1000);
  const verdict: ZoneTrust = { kind: 'secure', zone, keys, links: [...voucher.links, link], above, expires };
  return { verdict, doubtful: false };
}

function brokenKeys(
  engine: Engine,
  { zone, above, tags, links }: Voucher,
  keys: ZoneKeys | undefined,
  fault: ValidationFault,
  ttl: number = engine.limits.bogusTtl,
): ZoneTrust {
  const link = chainLink({
    zone,
    checks: 'keys',
    name: zone,
    type: rrType.DNSKEY,
    dsTags: tags,
    anchored: above === undefined,
    keys,
    verdict: 'bogus',
    fault,
  });
  const expires = engine.clock.monotonic() + ttl * 1000;
  return { kind: 'bogus', zone, links: [...links, link], above, expires, fault };
}
