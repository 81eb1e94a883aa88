// What leads from one version of a zone to another, as one change: what IXFR tells secondaries where a file was edited, and how a
// zone gets back to an earlier content.
import { equalBytes } from '../../lib/bytes.ts';
import type { Breather } from '../../lib/breather.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { soaRecord } from '../zone/zone-change.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { ZoneView } from '../zone/zone-view.ts';

/** Every so many RRsets the clock is looked at. */
const rrsetsBetweenLooks = 256;

/**
 * The change from one version to another of the same zone, whatever their serials. A set whose TTL differs is removed
 * and added whole. Takes as long as both are large, in slices.
 */
export async function differenceOf(from: ZoneView, to: ZoneView, breather: Breather): Promise<ZoneChange> {
  const removed: ResourceRecord[] = [];
  const added: ResourceRecord[] = [];
  let count = 0;
  for (const rrset of from.all()) {
    if (++count % rrsetsBetweenLooks === 0 && breather.due) await breather.rest();
    if (rrset.type !== rrType.SOA) addLacking(removed, rrset, to.rrset(rrset.owner, rrset.type));
  }
  for (const rrset of to.all()) {
    if (++count % rrsetsBetweenLooks === 0 && breather.due) await breather.rest();
    if (rrset.type !== rrType.SOA) addLacking(added, rrset, from.rrset(rrset.owner, rrset.type));
  }
  return { from: soaRecord(from), to: soaRecord(to), removed, added };
}

/** Whether nothing at all changes, the SOA included. */
export function isNoChange({ from, to, removed, added }: ZoneChange): boolean {
  return (
    removed.length === 0 && added.length === 0 && from.ttl === to.ttl && equalBytes(from.rdata, to.rdata)
  );
}

/** Puts into `records` those of the set that the other one lacks. */
function addLacking(records: ResourceRecord[], rrset: RRset, other: RRset | undefined): void {
  if (other === undefined || other.ttl !== rrset.ttl) {
    for (const record of recordsOf(rrset)) records.push(record);
    return;
  }
  const [first] = rrset.rdatas;
  // Nearly all sets of nearly all zones.
  if (rrset.rdatas.length === 1 && other.rdatas.length === 1 && first !== undefined) {
    if (!equalBytes(first, other.rdatas[0] ?? first)) records.push(...recordsOf(rrset));
    return;
  }
  const known = new Set(other.rdatas.map((rdata) => rdata.toHex()));
  for (const record of recordsOf(rrset)) if (!known.has(record.rdata.toHex())) records.push(record);
}
