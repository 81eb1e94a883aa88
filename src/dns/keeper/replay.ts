// The content that changes lead to, upon the content that they begin at.
import type { Breather } from '../../lib/breather.ts';
import { equalBytes } from '../../lib/bytes.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { serialOfSoa } from '../zone/serial.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Zone } from '../zone/zone.ts';

/**
 * Makes the changes one after the other, in slices. Gives `undefined` where they don't fit: each must begin at the serial that is
 * there, remove only what is there, add only what isn't, and leave a zone.
 */
export async function replay(
  zone: Zone,
  changes: readonly ZoneChange[],
  breather: Breather,
): Promise<Zone | undefined> {
  const { origin } = zone;
  const set = new ZoneSet([zone]);
  for (const change of changes) {
    const now = set.get(origin);
    if (now === undefined || !fits(now, change)) return undefined;
    const prepared = set.prepare(origin, change);
    if (!prepared.ok) return undefined;
    set.publish(origin, prepared.value.serial);
    if (breather.due) await breather.rest();
  }
  return set.get(origin);
}

function fits(view: ZoneView, change: ZoneChange): boolean {
  return (
    serialOfSoa(change.from.rdata) === view.serial &&
    change.removed.every((record) => holds(view, record)) &&
    // A changed TTL removes a record and adds it again.
    change.added.every(
      (record) => !holds(view, record) || change.removed.some((gone) => isSame(gone, record)),
    )
  );
}

function holds(view: ZoneView, record: ResourceRecord): boolean {
  const rrset = view.rrset(record.owner, record.type);
  return rrset?.rdatas.some((rdata) => equalBytes(rdata, record.rdata)) === true;
}

function isSame(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.owner.equals(b.owner) && equalBytes(a.rdata, b.rdata);
}
