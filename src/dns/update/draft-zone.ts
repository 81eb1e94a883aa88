// A zone while one update works on it: what it was, with what has been changed so far. Only names that the update touches
// are looked at, and each RRset is taken apart once, however often it is touched.
import { bytesToHex } from '../../lib/bytes.ts';
import { rrClass } from '../wire/codes.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import type { DomainName } from '../wire/name.ts';
import { canonicalRdata } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneView } from '../zone/zone-view.ts';

/** RFC 1035 §3.4.2: the octets of address and protocol, with which the data of WKS begins. */
const wksIdentityOctets = 5;

interface DraftRRset {
  readonly original: RRset | undefined;
  readonly owner: DomainName;
  readonly type: number;
  ttl: number;
  /** By what tells the records of a set apart (RFC 2136 §1.1.5). */
  readonly records: Map<string, Uint8Array>;
}

export class DraftZone {
  readonly #view: ZoneView;
  /** Name key → type → RRset. */
  readonly #names = new Map<string, Map<number, DraftRRset>>();

  constructor(view: ZoneView) {
    this.#view = view;
  }

  get origin(): DomainName {
    return this.#view.origin;
  }

  get soa(): ResourceRecord | undefined {
    const rrset = this.#at(this.origin).get(rrType.SOA);
    const [rdata] = rrset?.records.values() ?? [];
    return rrset === undefined || rdata === undefined
      ? undefined
      : { owner: rrset.owner, type: rrset.type, class: rrClass.IN, ttl: rrset.ttl, rdata };
  }

  /** Types that the name has records of now. */
  typesAt(name: DomainName): readonly number[] {
    return [...this.#at(name).values()].filter(({ records }) => records.size > 0).map(({ type }) => type);
  }

  recordCount(name: DomainName, type: number): number {
    return this.#at(name).get(type)?.records.size ?? 0;
  }

  /** Where there is one that the new one replaces, it does; all records of the set get its TTL (RFC 2181 §5.2). */
  add({ owner, type, ttl, rdata }: ResourceRecord): void {
    const rrset = this.#rrset(owner, type);
    const identity = identityOf(type, rdata);
    const known = rrset.records.get(identity);
    if (known === undefined || !isEqualData(type, known, rdata)) rrset.records.set(identity, rdata);
    rrset.ttl = ttl;
  }

  has({ owner, type, rdata }: ResourceRecord): boolean {
    const known = this.#at(owner).get(type)?.records.get(identityOf(type, rdata));
    return known !== undefined && isEqualData(type, known, rdata);
  }

  remove(record: ResourceRecord): void {
    if (!this.has(record)) return;
    this.#at(record.owner).get(record.type)?.records.delete(identityOf(record.type, record.rdata));
  }

  removeAll(name: DomainName, type: number): void {
    this.#at(name).get(type)?.records.clear();
  }

  /** What differs from what was, without the SOA. */
  difference(): { readonly removed: readonly ResourceRecord[]; readonly added: readonly ResourceRecord[] } {
    const removed: ResourceRecord[] = [];
    const added: ResourceRecord[] = [];
    for (const rrsets of this.#names.values()) {
      for (const rrset of rrsets.values())
        if (rrset.type !== rrType.SOA) addDifference(rrset, removed, added);
    }
    return { removed, added };
  }

  #at(name: DomainName): Map<number, DraftRRset> {
    const known = this.#names.get(name.key);
    if (known !== undefined) return known;
    const rrsets = new Map<number, DraftRRset>();
    for (const original of this.#view.rrsets(name) ?? []) {
      const { owner, type, ttl, rdatas } = original;
      const records = new Map(rdatas.map((rdata) => [identityOf(type, rdata), rdata]));
      rrsets.set(type, { original, owner, type, ttl, records });
    }
    this.#names.set(name.key, rrsets);
    return rrsets;
  }

  #rrset(owner: DomainName, type: number): DraftRRset {
    const rrsets = this.#at(owner);
    const known = rrsets.get(type);
    if (known !== undefined) return known;
    const made = { original: undefined, owner, type, ttl: 0, records: new Map<string, Uint8Array>() };
    rrsets.set(type, made);
    return made;
  }
}

/** RFC 2136 §1.1.5: of SOA and CNAME there is one, of WKS one an address and protocol. RFC 6672 §2.4: of DNAME there is one. */
function identityOf(type: number, rdata: Uint8Array): string {
  if (type === rrType.SOA || type === rrType.CNAME || type === rrType.DNAME) return '';
  return bytesToHex(type === rrType.WKS ? rdata.subarray(0, wksIdentityOctets) : canonicalRdata(type, rdata));
}

/** RFC 2136 §1.1.1, §1.1.2: letter case in names doesn't count. */
function isEqualData(type: number, a: Uint8Array, b: Uint8Array): boolean {
  return a === b || bytesToHex(canonicalRdata(type, a)) === bytesToHex(canonicalRdata(type, b));
}

function addDifference(
  { original, owner, type, ttl, records }: DraftRRset,
  removed: ResourceRecord[],
  added: ResourceRecord[],
): void {
  const now = { owner, type, class: rrClass.IN, ttl };
  if (original === undefined) {
    for (const rdata of records.values()) added.push({ ...now, rdata });
    return;
  }
  // By TTL and octets: those that were taken away may have come back.
  const lacking = new Map([...records.values()].map((rdata) => [`${ttl} ${bytesToHex(rdata)}`, rdata]));
  for (const record of recordsOf(original))
    if (!lacking.delete(`${record.ttl} ${bytesToHex(record.rdata)}`)) removed.push(record);
  for (const rdata of lacking.values()) added.push({ ...now, rdata });
}
