// The digest over a whole zone by the scheme SIMPLE (RFC 8976 §3.3): all records in canonical form and order, less those that the digest
// itself changes. Work: sorting the zone's names and hashing its records once, in slices.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { Breather } from '../../lib/breather.ts';
import { compareBytes } from '../../lib/bytes.ts';
import type { Clock } from '../../lib/clock.ts';
import { sortInSlices } from '../../lib/sort-in-slices.ts';
import type { DomainName } from '../wire/name.ts';
import { canonicalRdata } from '../wire/rdata/registry.ts';
import type { RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneView } from './zone-view.ts';

/** RFC 8976 §5.3: 1 and 2. */
export type ZonemdHash = 'sha384' | 'sha512';

/** The digests by each hash, in their order. `clock` times the slices. */
export async function zoneDigests(
  view: ZoneView,
  hashes: readonly ZonemdHash[],
  clock: Clock,
): Promise<readonly Uint8Array[]> {
  const breather = new Breather(clock);
  const steps = digestSteps(view, hashes);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (breather.due) await breather.rest();
  }
}

/** The digest in one go: for zones of a few thousand names, or threads of their own. */
export function computeZonemd(view: ZoneView, hash: ZonemdHash): Uint8Array {
  const steps = digestSteps(view, [hash]);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value[0] ?? new Uint8Array(0);
  }
}

interface Owner {
  readonly name: DomainName;
  readonly sortKey: string;
}

const namesBetweenRests = 64;

function* digestSteps(view: ZoneView, hashes: readonly ZonemdHash[]): Generator<void, readonly Uint8Array[]> {
  // Not a map: growing one to a million entries would hold up everybody.
  const owners: Owner[] = [];
  let before: DomainName | undefined;
  for (const { owner } of view.all()) {
    if (before?.equals(owner) === true) continue;
    before = owner;
    owners.push({ name: owner, sortKey: sortKeyOf(owner.wire) });
    if (owners.length % namesBetweenRests === 0) yield;
  }
  const sorted = yield* sortInSlices(owners, (a, b) =>
    a.sortKey < b.sortKey ? -1 : Number(a.sortKey !== b.sortKey),
  );
  const digest = new RecordDigest(hashes);
  let last: string | undefined;
  for (const [index, { name, sortKey }] of sorted.entries()) {
    if (index % namesBetweenRests === 0) yield;
    // A name that came more than once.
    if (sortKey === last) continue;
    last = sortKey;
    digest.name(name, [...(view.rrsets(name) ?? [])], name.equals(view.origin));
  }
  return digest.finish();
}

/**
 * A text whose order as such is the canonical order of names (RFC 4034 §6.1): labels from the root on in lower case, each octet one
 * higher, so that the zeros between labels come before all of them.
 */
function sortKeyOf(wire: Uint8Array): string {
  let sortKey = '';
  for (let at = 0, length = wire[0] ?? 0; length > 0; length = wire[at] ?? 0) {
    let label = '';
    for (let i = at + 1; i <= at + length; i++) label += raised[wire[i] ?? 0] ?? '';
    sortKey = sortKey === '' ? label : `${label}\0${sortKey}`;
    at += length + 1;
  }
  return sortKey;
}

const raised: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  String.fromCharCode((octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet) + 1),
);

/** Larger than any record, so that there is always room for one after a flush. */
const bufferLength = 256 * 1024;

class RecordDigest {
  readonly #hashes: readonly Hash[];
  readonly #buffer = new Uint8Array(bufferLength);
  #length = 0;

  constructor(hashes: readonly ZonemdHash[]) {
    this.#hashes = hashes.map((hash) => createHash(hash));
  }

  /** All RRsets of one name; names come in canonical order. */
  name(name: DomainName, rrsets: RRset[], apex: boolean): void {
    const owner = name.lowerCase().wire;
    const ttls = new Map(rrsets.map(({ type, ttl }) => [type, ttl]));
    // RFC 8976 §3.3.2: in ascending order of their types.
    for (const rrset of rrsets.sort((a, b) => a.type - b.type)) {
      if (apex && rrset.type === rrType.ZONEMD) continue;
      const { type } = rrset;
      const rdatas = rrset.rdatas.map((rdata) => canonicalRdata(type, rdata));
      rdatas.sort(compareBytes);
      let before: Uint8Array | undefined;
      for (const rdata of rdatas) {
        // RFC 4034 §6.3: those that are the same in canonical form are one.
        if (before !== undefined && compareBytes(before, rdata) === 0) continue;
        before = rdata;
        const covered = type === rrType.RRSIG ? ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0) : 0;
        // RFC 8976 §3.3.1: the digest and its signature are not in the digest.
        if (apex && covered === rrType.ZONEMD) continue;
        // RFC 4034 §3: a signature has the TTL of what it covers, and a set of signatures so has several.
        const ttl = type === rrType.RRSIG ? (ttls.get(covered) ?? rrset.ttl) : rrset.ttl;
        this.#record(owner, type, rrset.class, ttl, rdata);
      }
    }
  }

  finish(): readonly Uint8Array[] {
    this.#flush();
    return this.#hashes.map((hash) => new Uint8Array(hash.digest()));
  }

  #record(owner: Uint8Array, type: number, recordClass: number, ttl: number, rdata: Uint8Array): void {
    if (this.#length + owner.length + 10 + rdata.length > bufferLength) this.#flush();
    const bytes = this.#buffer;
    bytes.set(owner, this.#length);
    let at = this.#length + owner.length;
    bytes[at++] = type >>> 8;
    bytes[at++] = type;
    bytes[at++] = recordClass >>> 8;
    bytes[at++] = recordClass;
    bytes[at++] = ttl >>> 24;
    bytes[at++] = ttl >>> 16;
    bytes[at++] = ttl >>> 8;
    bytes[at++] = ttl;
    bytes[at++] = rdata.length >>> 8;
    bytes[at++] = rdata.length;
    bytes.set(rdata, at);
    this.#length = at + rdata.length;
  }

  #flush(): void {
    for (const hash of this.#hashes) hash.update(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }
}
