// Denies names and types by NSEC records that denied others before (RFC 8198): what a signed zone has proved of the gap between two of its names holds for all
// that lies in it. Saves questions, and keeps names that were made up at random away from the zone's servers.
import type { Clock } from '../../lib/clock.ts';
import { denialsOf } from '../dnssec/denials.ts';
import type { SignedRRset } from '../dnssec/verify-rrset.ts';
import type { ValidationWork } from '../dnssec/work.ts';
import type { DomainName } from '../wire/name.ts';
import { WireReader } from '../wire/reader.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { KeptAnswer } from './answer-cache.ts';
import { BoundedCache } from './bounded-cache.ts';
import { rrsetOf, signaturesOf } from './rrset-of.ts';

interface Gap {
  readonly owner: DomainName;
  readonly next: DomainName;
  readonly set: SignedRRset;
  /** The NSEC with its RRSIGs. */
  readonly records: readonly ResourceRecord[];
  /** By the monotonic clock, in milliseconds. */
  readonly expires: number;
}

interface ZoneGaps {
  readonly zone: DomainName;
  /** The SOA with its RRSIGs. */
  readonly soa: readonly ResourceRecord[];
  readonly soaExpires: number;
  /** In canonical order of their owners (RFC 4034 §6.1). */
  readonly gaps: readonly Gap[];
}

/** Of one zone: a list is copied for each one that is new. */
const mostGaps = 500;
/** Estimated, of one gap with one signature. */
const gapOctets = 1_200;

export class AggressiveDenials {
  readonly #clock: Clock;
  readonly #zones: BoundedCache<ZoneGaps>;

  constructor(clock: Clock, octets: number) {
    this.#clock = clock;
    this.#zones = new BoundedCache(octets);
  }

  get octets(): number {
    return this.#zones.octets;
  }

  /** Takes the NSEC records of a denial that was proved: `authorities` are its SOA, NSEC and RRSIG records, valid for `ttl` seconds. */
  note(authorities: readonly ResourceRecord[], ttl: number): void {
    const soa = authorities.find(({ type }) => type === rrType.SOA);
    if (soa === undefined || ttl <= 0) return;
    const zone = soa.owner;
    const soaRecords = [soa, ...signaturesOf(authorities, zone, rrType.SOA)];
    const now = this.#clock.monotonic();
    const expires = now + ttl * 1000;
    let gaps = this.#zones.get(zone.key)?.gaps ?? [];
    for (const record of authorities) {
      const gap = record.type === rrType.NSEC ? gapOf(record, authorities, zone, expires) : undefined;
      if (gap === undefined) continue;
      if (gaps.length >= mostGaps) gaps = gaps.filter((each) => each.expires > now).slice(0, mostGaps / 2);
      const at = indexBelow(gaps, gap.owner);
      const replaced = gaps[at]?.owner.equals(gap.owner) === true;
      gaps = gaps.toSpliced(replaced ? at : at + 1, replaced ? 1 : 0, gap);
    }
    if (gaps.length > 0)
      this.#zones.set(
        zone.key,
        { zone, soa: soaRecords, soaExpires: expires, gaps },
        1_000 + gaps.length * gapOctets,
      );
  }

  /** That there is no such name, or not that type of it, as far as it is proved; with the seconds for which it is. */
  denial(
    name: DomainName,
    type: number,
    work: ValidationWork,
  ): { readonly answer: KeptAnswer; readonly ttl: number } | undefined {
    // RFC 4035 §2.4: at a cut, DS records are another zone's than all else.
    if (type === rrType.DS) return undefined;
    const known = this.#deepest(name);
    const now = this.#clock.monotonic();
    if (known === undefined || known.soaExpires <= now) return undefined;
    const first = covering(known.gaps, name, now);
    if (first === undefined) return undefined;
    const encloser = name.ancestor(Math.max(name.commonLabels(first.owner), name.commonLabels(first.next)));
    const isThere = first.owner.equals(name) || first.next.isAtOrBelow(name);
    const wildcard = isThere ? undefined : encloser.wildcard();
    const second = wildcard === undefined ? undefined : covering(known.gaps, wildcard, now);
    const used = second === undefined || second === first ? [first] : [first, second];
    const denials = denialsOf(
      known.zone,
      used.map(({ set }) => set),
      work,
    );
    const kind = isProved(denials.noData(name, type))
      ? 'nodata'
      : !isThere && isProved(denials.nameError(name))
        ? 'nxdomain'
        : undefined;
    if (kind === undefined) return undefined;
    const authorities = [...known.soa, ...used.flatMap(({ records }) => records)];
    const ends = Math.min(known.soaExpires, ...used.map(({ expires }) => expires));
    const answer: KeptAnswer = { kind, authorities, security: 'secure', fault: undefined };
    return { answer, ttl: Math.floor((ends - now) / 1000) };
  }

  clear(): void {
    this.#zones.clear();
  }

  #deepest(name: DomainName): ZoneGaps | undefined {
    for (let labels = name.labelCount; labels >= 0; labels--) {
      const zone = this.#zones.get(name.ancestor(labels).key);
      if (zone !== undefined) return zone;
    }
    return undefined;
  }
}

function isProved(proof: { readonly kind: string; readonly optOut?: boolean }): boolean {
  return proof.kind === 'proved' && proof.optOut !== true;
}

function gapOf(
  record: ResourceRecord,
  authorities: readonly ResourceRecord[],
  zone: DomainName,
  expires: number,
): Gap | undefined {
  const { owner, rdata } = record;
  const rrset = rrsetOf(authorities, owner, rrType.NSEC);
  const signatures = signaturesOf(authorities, owner, rrType.NSEC);
  const labels = owner.labelCount - (owner.isWildcard ? 1 : 0);
  // RFC 4035 §5.3.4: one that a wildcard made says nothing about its owner.
  const isOwn =
    signatures.length > 0 &&
    signatures.every((each) => each.rdata[3] === labels && signerOf(each).equals(zone));
  if (rrset === undefined || !isOwn || !owner.isAtOrBelow(zone)) return undefined;
  const next = new WireReader(rdata).name();
  return {
    owner,
    next,
    set: { rrset, signer: zone, wildcard: undefined },
    records: [record, ...signatures],
    expires,
  };
}

/** RFC 4034 §3.1.7: the signer's name follows 18 octets. */
function signerOf({ rdata }: ResourceRecord): DomainName {
  return new WireReader(rdata, 18).name();
}

/** The gap that begins at `name` or nearest before it, if it is still valid. */
function covering(gaps: readonly Gap[], name: DomainName, now: number): Gap | undefined {
  const gap = gaps[indexBelow(gaps, name)];
  return gap !== undefined && gap.expires > now ? gap : undefined;
}

/** The last index whose owner is not behind `name`; -1 where there is none. */
function indexBelow(gaps: readonly Gap[], name: DomainName): number {
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const owner = gaps[middle]?.owner;
    if (owner !== undefined && owner.compare(name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
