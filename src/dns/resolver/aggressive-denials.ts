// What the NSEC and NSEC3 records of proved answers say of other names (RFC 8198): what a signed zone has proved of the gap between two of its names
// holds for all that lies in it. Saves questions, and keeps names that were made up at random away from the zone's servers.
//
// On the way of every miss: where nothing is known of any zone above a name, that costs a look at a few small integers, and nothing is hashed.
// `npm run bench -- --only cold` measures it.
import type { Clock } from '../../lib/clock.ts';
import { compareBytes, equalBytes } from '../../lib/bytes.ts';
import { denialsOf } from '../dnssec/denials.ts';
import { nsec3Hash } from '../dnssec/nsec3-hash.ts';
import { coversHash, hashInOwner, hasParameters, readNsec3Link } from '../dnssec/nsec3-link.ts';
import type { Nsec3Link } from '../dnssec/nsec3-link.ts';
import { endsAtOwner } from '../dnssec/proof.ts';
import type { ValidationWork } from '../dnssec/work.ts';
import type { DomainName } from '../wire/name.ts';
import { WireReader } from '../wire/reader.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { KeptAnswer } from './answer-cache.ts';
import { BoundedCache } from './bounded-cache.ts';
import { ProvedSpans } from './proved-spans.ts';
import type { ProvedSpan } from './proved-spans.ts';
import { rrsetOf, signaturesOf } from './rrset-of.ts';

interface Gap extends ProvedSpan<DomainName> {
  readonly next: DomainName;
}

interface HashedGap extends ProvedSpan<Uint8Array> {
  readonly link: Nsec3Link;
}

interface KnownZone {
  readonly zone: DomainName;
  /** The SOA with its RRSIGs. */
  soa: readonly ResourceRecord[];
  /** By the monotonic clock, in milliseconds. */
  soaExpires: number;
  readonly gaps: ProvedSpans<DomainName, Gap>;
  /** Of one chain: where the parameters change, the old one is forgotten. */
  hashed: { readonly parameters: Nsec3Link; readonly gaps: ProvedSpans<Uint8Array, HashedGap> } | undefined;
}

/** What `zone` has proved of a name that nobody has asked for. */
export type Inference = {
  readonly zone: DomainName;
  /** Seconds that it holds. */
  readonly ttl: number;
} & (
  | { readonly kind: 'denied'; readonly answer: KeptAnswer & { readonly kind: 'nodata' | 'nxdomain' } }
  /** The name is not there, and nothing is nearer to it than `wildcard`, which may be (RFC 8198 §5.3). `proofs`: NSEC or NSEC3 with RRSIGs. */
  | { readonly kind: 'wildcard'; readonly wildcard: DomainName; readonly proofs: readonly ResourceRecord[] }
);

/** Hashes that validation will not need. */
export interface SpareHashes {
  takeSpareHash(): boolean;
}

/** Of one zone, in each of both forms. */
const mostGaps = 1_000;
/** Estimated, of one gap with one signature. */
const gapOctets = 1_200;

export class AggressiveDenials {
  readonly #clock: Clock;
  readonly #zones: BoundedCache<KnownZone>;
  readonly #mostGaps: number;
  /** How many labels the zones have that there ever were: one bit each, the last for more. */
  #depths = 0;

  constructor(clock: Clock, octets: number) {
    this.#clock = clock;
    this.#zones = new BoundedCache(octets);
    // A zone that is all that there is room for must not be too large to be kept.
    this.#mostGaps = Math.max(2, Math.min(mostGaps, Math.floor(octets / gapOctets / 4)));
  }

  get octets(): number {
    return this.#zones.octets;
  }

  /**
   * Takes the NSEC and NSEC3 records of what was proved, with their RRSIGs and perhaps the zone's SOA, all valid for `ttl` seconds: the least of
   * theirs, where there is a SOA no more than its own TTL and its minimum (RFC 9077 §3.4, RFC 8198 §5.4).
   */
  note(proofs: readonly ResourceRecord[], ttl: number): void {
    const zone = ttl > 0 ? zoneOf(proofs) : undefined;
    if (zone === undefined) return;
    const now = this.#clock.monotonic();
    const expires = now + ttl * 1000;
    const known = this.#zones.get(zone.key) ?? this.#newZone(zone);
    const soa = proofs.find(({ type }) => type === rrType.SOA);
    if (soa !== undefined) {
      known.soa = [soa, ...signaturesOf(proofs, zone, rrType.SOA)];
      known.soaExpires = expires;
    }
    for (const record of proofs) {
      if (record.type !== rrType.NSEC && record.type !== rrType.NSEC3) continue;
      const own = ownSet(record, proofs, zone);
      if (own === undefined) continue;
      if (record.type === rrType.NSEC) {
        const next = new WireReader(record.rdata).name();
        known.gaps.put({ ...own, from: record.owner, next, expires }, now);
      } else this.#noteHashed(known, record, { ...own, expires }, now);
    }
    const gaps = known.gaps.size + (known.hashed?.gaps.size ?? 0);
    if (gaps > 0) this.#zones.set(zone.key, known, 1_000 + gaps * gapOctets);
  }

  /** What is proved of the name and type, as far as `work` allows for hashes. */
  infer(name: DomainName, type: number, work: SpareHashes): Inference | undefined {
    // RFC 4035 §2.4: at a cut, DS records are another zone's than all else.
    if (type === rrType.DS) return undefined;
    const known = this.#deepest(name);
    if (known === undefined) return undefined;
    return (
      (known.gaps.size === 0 ? undefined : this.#byNames(known, name, type)) ??
      (known.hashed === undefined ? undefined : this.#byHashes(known, known.hashed, name, type, work))
    );
  }

  clear(): void {
    this.#zones.clear();
    this.#depths = 0;
  }

  /** RFC 8198 §5.1 */
  #byNames(known: KnownZone, name: DomainName, type: number): Inference | undefined {
    const now = this.#clock.monotonic();
    const first = known.gaps.at(name, now);
    if (first === undefined) return undefined;
    const isThere = first.from.equals(name) || first.next.isAtOrBelow(name);
    if (isThere) return this.#conclude(known, [first], name, type, undefined, noWork);
    const encloser = name.ancestor(Math.max(name.commonLabels(first.from), name.commonLabels(first.next)));
    const wildcard = encloser.wildcard();
    const second = wildcard === undefined ? undefined : known.gaps.at(wildcard, now);
    const used = second === undefined || second === first ? [first] : [first, second];
    return this.#conclude(known, used, name, type, { wildcard, proof: first }, noWork);
  }

  /**
   * RFC 8198 §5.2. Names are hashed from the zone's own downwards, as far as they are known to be there: so a name costs one hash more than is known of
   * it, however long it is.
   */
  #byHashes(
    known: KnownZone,
    { parameters, gaps }: NonNullable<KnownZone['hashed']>,
    name: DomainName,
    type: number,
    work: SpareHashes,
  ): Inference | undefined {
    const now = this.#clock.monotonic();
    const { zone } = known;
    const gapAt = (place: DomainName): { readonly gap: HashedGap; readonly isThere: boolean } | undefined => {
      const hash = work.takeSpareHash() ? nsec3Hash(place, parameters) : undefined;
      const gap = hash && gaps.at(hash, now);
      if (hash === undefined || gap === undefined) return undefined;
      if (equalBytes(gap.from, hash)) return { gap, isThere: true };
      // RFC 5155 §6: what opt-out covers may be there all the same.
      return coversHash(gap.link, hash) && !gap.link.optOut ? { gap, isThere: false } : undefined;
    };
    let encloser: HashedGap | undefined;
    for (let labels = Math.min(zone.labelCount + 1, name.labelCount); labels <= name.labelCount; labels++) {
      const found = gapAt(name.ancestor(labels));
      if (found === undefined) return undefined;
      const { gap, isThere } = found;
      if (isThere) {
        encloser = gap;
        // RFC 5155 §8.3
        if (labels < name.labelCount && endsAtOwner(gap.link.bitmap)) return undefined;
        continue;
      }
      const above = name.ancestor(labels - 1);
      const wildcard = above.wildcard();
      const closest = encloser ?? gapAt(above)?.gap;
      const second = wildcard && gapAt(wildcard)?.gap;
      const used = new Set([closest, gap, second].filter((each) => each !== undefined));
      return this.#conclude(known, [...used], name, type, { wildcard, proof: gap }, spareWork(work));
    }
    return encloser && this.#conclude(known, [encloser], name, type, undefined, spareWork(work));
  }

  /** `absent`: what covers the name, and the wildcard that may stand for it; not where the name is there. */
  #conclude(
    known: KnownZone,
    used: readonly ProvedSpan<unknown>[],
    name: DomainName,
    type: number,
    absent: { readonly wildcard: DomainName | undefined; readonly proof: ProvedSpan<unknown> } | undefined,
    work: ValidationWork,
  ): Inference | undefined {
    const now = this.#clock.monotonic();
    const sets = used.map(({ set }) => set);
    const denials = denialsOf(known.zone, sets, work);
    const ends = Math.min(...used.map(({ expires }) => expires));
    if (known.soaExpires > now) {
      const kind = isProved(denials.noData(name, type))
        ? 'nodata'
        : absent !== undefined && isProved(denials.nameError(name))
          ? 'nxdomain'
          : undefined;
      if (kind !== undefined) {
        const authorities = [...known.soa, ...used.flatMap(({ records }) => records)];
        const ttl = Math.floor((Math.min(known.soaExpires, ends) - now) / 1000);
        const answer = { kind, authorities, security: 'secure', fault: undefined } as const;
        return { kind: 'denied', zone: known.zone, answer, ttl };
      }
    }
    const { wildcard, proof } = absent ?? {};
    if (wildcard === undefined || proof === undefined) return undefined;
    const nothingNearer = denialsOf(known.zone, [proof.set], work).wildcardAnswer(name, wildcard);
    if (!isProved(nothingNearer)) return undefined;
    const ttl = Math.floor((proof.expires - now) / 1000);
    return { kind: 'wildcard', zone: known.zone, wildcard, proofs: proof.records, ttl };
  }

  #noteHashed(
    known: KnownZone,
    { owner, rdata }: ResourceRecord,
    own: Omit<ProvedSpan<unknown>, 'from'>,
    now: number,
  ): void {
    const hash = hashInOwner(owner, known.zone);
    const link = hash && readNsec3Link(hash, rdata);
    if (link === undefined) return;
    if (!hasParameters(link, known.hashed?.parameters))
      known.hashed = { parameters: link, gaps: new ProvedSpans(compareBytes, this.#mostGaps) };
    known.hashed?.gaps.put({ ...own, from: link.hash, link }, now);
  }

  #newZone(zone: DomainName): KnownZone {
    this.#depths |= 1 << Math.min(zone.labelCount, 31);
    const gaps = new ProvedSpans<DomainName, Gap>((a, b) => a.compare(b), this.#mostGaps);
    return { zone, soa: [], soaExpires: 0, gaps, hashed: undefined };
  }

  #deepest(name: DomainName): KnownZone | undefined {
    for (let labels = name.labelCount; labels >= 0; labels--) {
      if ((this.#depths & (1 << Math.min(labels, 31))) === 0) continue;
      const zone = this.#zones.get(name.ancestor(labels).key);
      if (zone !== undefined) return zone;
    }
    return undefined;
  }
}

function isProved(proof: { readonly kind: string; readonly optOut?: boolean }): boolean {
  return proof.kind === 'proved' && proof.optOut !== true;
}

const noWork: ValidationWork = { takeCheck: () => false, takeDigest: () => false, takeHash: () => false };

function spareWork(work: SpareHashes): ValidationWork {
  return { ...noWork, takeHash: () => work.takeSpareHash() };
}

/** The zone that has signed the proofs. */
function zoneOf(proofs: readonly ResourceRecord[]): DomainName | undefined {
  const signature = proofs.find(({ type }) => type === rrType.RRSIG);
  return signature && signerOf(signature);
}

/** RFC 4034 §3.1.7: the signer's name follows 18 octets. */
function signerOf({ rdata }: ResourceRecord): DomainName {
  return new WireReader(rdata, 18).name();
}

/** The set of the record with its RRSIGs, if the zone has signed it for this very owner. */
function ownSet(
  { owner, type }: ResourceRecord,
  proofs: readonly ResourceRecord[],
  zone: DomainName,
): Pick<ProvedSpan<unknown>, 'set' | 'records'> | undefined {
  const rrset = rrsetOf(proofs, owner, type);
  const signatures = signaturesOf(proofs, owner, type);
  const labels = owner.labelCount - (owner.isWildcard ? 1 : 0);
  // RFC 4035 §5.3.4: one that a wildcard made says nothing about its owner.
  const isOwn =
    signatures.length > 0 &&
    signatures.every((each) => each.rdata[3] === labels && signerOf(each).equals(zone));
  if (rrset === undefined || !isOwn || !owner.isAtOrBelow(zone)) return undefined;
  return { set: { rrset, signer: zone, wildcard: undefined }, records: [...recordsOf(rrset), ...signatures] };
}
