// Signs zones for tests, in zone-file form: rightly, or with whatever a test wants to be wrong.
import { hash } from 'node:crypto';
import { nsec3Hash } from '../../src/dns/dnssec/nsec3-hash.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { bytesToBase32Hex } from '../../src/dns/wire/rdata/base32hex.ts';
import { digestType } from '../../src/dns/wire/rdata/dnssec-algorithm.ts';
import { ds } from '../../src/dns/wire/rdata/ds.ts';
import { nsec } from '../../src/dns/wire/rdata/nsec.ts';
import { nsec3 } from '../../src/dns/wire/rdata/nsec3.ts';
import { nsec3param } from '../../src/dns/wire/rdata/nsec3param.ts';
import { writeRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { formatRdata } from '../../src/dns/wire/rdata/registry.ts';
import type { RrsigData } from '../../src/dns/wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../../src/dns/wire/record.ts';
import { recordsOf } from '../../src/dns/wire/record.ts';
import { formatType, rrType } from '../../src/dns/wire/rr-type.ts';
import { concatBytes, latin1ToBytes } from '../../src/lib/bytes.ts';
import { makeSigningKey, signRRset } from './dnssec-signer.ts';
import type { SigningKey } from './dnssec-signer.ts';
import { records } from './simulated-internet.ts';

export interface SignedZoneOptions {
  /** Signs the DNSKEY set, and is what the parent points to. The same as `zsk`, unless given. */
  readonly ksk?: SigningKey;
  readonly zsk?: SigningKey;
  /** DNSKEY data that is published beside these. */
  readonly moreKeys?: readonly Uint8Array[];
  readonly denial?: 'nsec' | { readonly iterations: number; readonly salt: string; readonly optOut: boolean };
  /** Seconds since the epoch. */
  readonly inception: number;
  readonly expiration: number;
  /** Another signature for a set: fields that differ, another key, or several or none at all. */
  readonly signing?: (rrset: RRset) => Partial<RrsigData> | readonly ResourceRecord[] | undefined;
  /** What is published instead of what was signed. */
  readonly publish?: (records: readonly ResourceRecord[]) => readonly ResourceRecord[];
}

export interface SignedZone {
  /** Zone file. */
  readonly text: string;
  /** For the parent, SHA-256 unless another. */
  readonly ds: ResourceRecord;
  readonly ksk: SigningKey;
  readonly zsk: SigningKey;
}

/** `text`: a zone file with SOA; DS records of zones below may be added by `dsText`. */
export function signZone(origin: string, text: string, options: SignedZoneOptions): SignedZone {
  const apex = domainName(origin);
  const zsk = options.zsk ?? makeSigningKey('ED25519', 257);
  const ksk = options.ksk ?? zsk;
  const keys = [...new Set([ksk.rdata, zsk.rdata, ...(options.moreKeys ?? [])])];
  const plain: ResourceRecord[] = [...records(origin, text)];
  for (const rdata of keys) plain.push({ owner: apex, type: rrType.DNSKEY, class: 1, ttl: 3600, rdata });
  const denial = options.denial ?? 'nsec';
  if (denial !== 'nsec') {
    const rdata = writeRdata(nsec3param, {
      hashAlgorithm: 1,
      flags: 0,
      iterations: denial.iterations,
      salt: latin1ToBytes(denial.salt),
    });
    plain.push({ owner: apex, type: rrType.NSEC3PARAM, class: 1, ttl: 0, rdata });
  }
  const sets = setsOf(plain);
  const cuts = sets
    .filter(({ owner, type }) => type === rrType.NS && !owner.equals(apex))
    .map(({ owner }) => owner);
  const isBelowCut = (name: DomainName): boolean => cuts.some((cut) => name.isBelow(cut));
  const own = sets.filter(({ owner }) => !isBelowCut(owner));
  const isSigned = ({ owner, type }: RRset): boolean =>
    !cuts.some((cut) => cut.equals(owner)) || type === rrType.DS || type === rrType.NSEC;
  const chain = denial === 'nsec' ? nsecChain(apex, own, isSigned) : nsec3Chain(apex, own, isSigned, denial);
  const signatures = [...own.filter(isSigned), ...chain].flatMap((rrset) => {
    const changes = options.signing?.(rrset);
    if (changes !== undefined && Array.isArray(changes)) return changes as readonly ResourceRecord[];
    const key = rrset.type === rrType.DNSKEY ? ksk : zsk;
    return [signRRset(rrset, key, apex, options, changes as Partial<RrsigData> | undefined)];
  });
  const all = [...plain, ...chain.flatMap(recordsOf), ...signatures];
  const published = options.publish?.(all) ?? all;
  return { text: published.map(recordText).join('\n'), ds: dsOf(apex, ksk), ksk, zsk };
}

export function dsOf(
  zone: DomainName,
  key: SigningKey,
  type: number = digestType['SHA-256'],
): ResourceRecord {
  const name = type === digestType['SHA-1'] ? 'sha1' : type === digestType['SHA-384'] ? 'sha384' : 'sha256';
  const digest = new Uint8Array(hash(name, concatBytes([zone.lowerCase().wire, key.rdata]), 'buffer'));
  const rdata = writeRdata(ds, { keyTag: key.tag, algorithm: key.algorithm, digestType: type, digest });
  return { owner: zone, type: rrType.DS, class: 1, ttl: 3600, rdata };
}

export function recordText({ owner, ttl, type, rdata }: ResourceRecord): string {
  return `${owner.toString()} ${ttl} IN ${formatType(type)} ${formatRdata(type, rdata)}`;
}

export function setsOf(all: readonly ResourceRecord[]): readonly RRset[] {
  const sets = new Map<string, RRset>();
  for (const { owner, type, ttl, rdata } of all) {
    const id = `${type} ${owner.key}`;
    const { rdatas } = sets.get(id) ?? { rdatas: [] };
    sets.set(id, { owner, type, class: 1, ttl, rdatas: [...rdatas, rdata] });
  }
  return [...sets.values()];
}

type IsSigned = (rrset: RRset) => boolean;

function typesAt(
  sets: readonly RRset[],
  owner: DomainName,
  isSigned: IsSigned,
  more: readonly number[],
): readonly number[] {
  const here = sets.filter((each) => each.owner.equals(owner));
  const types = here.map(({ type }) => type);
  const signed = here.some(isSigned) || more.includes(rrType.NSEC);
  return [...new Set([...types, ...more, ...(signed ? [rrType.RRSIG] : [])])].sort((a, b) => a - b);
}

function nsecChain(apex: DomainName, sets: readonly RRset[], isSigned: IsSigned): readonly RRset[] {
  const names = distinct(sets.map(({ owner }) => owner)).sort((a, b) => a.compare(b));
  return names.map((owner, i) => {
    const types = typesAt(sets, owner, isSigned, [rrType.NSEC]);
    const rdata = writeRdata(nsec, { next: names[i + 1] ?? apex, types });
    return { owner, type: rrType.NSEC, class: 1, ttl: 300, rdatas: [rdata] };
  });
}

function nsec3Chain(
  apex: DomainName,
  sets: readonly RRset[],
  isSigned: IsSigned,
  {
    iterations,
    salt,
    optOut,
  }: { readonly iterations: number; readonly salt: string; readonly optOut: boolean },
): readonly RRset[] {
  const named = sets.filter(
    ({ owner, type }) =>
      !optOut ||
      type !== rrType.NS ||
      owner.equals(apex) ||
      sets.some((each) => each.type === rrType.DS && each.owner.equals(owner)),
  );
  const names = distinct(
    named.flatMap(({ owner }) =>
      Array.from({ length: owner.labelCount - apex.labelCount + 1 }, (_, i) =>
        owner.ancestor(apex.labelCount + i),
      ),
    ),
  );
  const octets = latin1ToBytes(salt);
  const hashed = names
    .map((name) => ({ name, hash: nsec3Hash(name, { iterations, salt: octets }) }))
    .sort((a, b) => (bytesToBase32Hex(a.hash) < bytesToBase32Hex(b.hash) ? -1 : 1));
  return hashed.map(({ name, hash: own }, i) => {
    const nextHashed = (hashed[i + 1] ?? hashed[0])?.hash ?? own;
    const types = typesAt(sets, name, isSigned, []);
    const rdata = writeRdata(nsec3, {
      hashAlgorithm: 1,
      flags: optOut ? 1 : 0,
      iterations,
      salt: octets,
      nextHashed,
      types,
    });
    const owner = domainName(`${bytesToBase32Hex(own)}.${apex.isRoot ? '' : apex.toString()}`);
    return { owner, type: rrType.NSEC3, class: 1, ttl: 300, rdatas: [rdata] };
  });
}

function distinct(names: readonly DomainName[]): DomainName[] {
  return [...new Map(names.map((name) => [name.key, name])).values()];
}
