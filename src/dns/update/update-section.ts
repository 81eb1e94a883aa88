// What an update does to a zone: the update section, scanned (RFC 2136 §3.4.1) and carried out (§3.4.2).
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { isZoneData } from '../wire/rdata/zone-data.ts';
import { formatType, rrType } from '../wire/rr-type.ts';
import { nextSerial, serialOfSoa, soaWithSerial } from '../zone/serial.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import { soaRecord } from '../zone/zone-change.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { ZoneView } from '../zone/zone-view.ts';

import type { DraftZone } from './draft-zone.ts';
import { isMetaType } from './meta-type.ts';
import type { UpdatePermit } from './update-policy.ts';

/** Why a section can't be carried out: the response code, and a sentence. */
export interface ScanFault {
  readonly code: number;
  readonly reason: string;
}

/** RFC 2136 §3.4.1.2; and what is added must be such that whoever takes the zone from us can read it. */
export function scanUpdates(
  origin: DomainName,
  updates: readonly ResourceRecord[],
): Result<undefined, ScanFault> {
  const noChange = { code: rcode.FORMERR, reason: 'a record of the update section is no change' };
  for (const { owner, type, class: ofClass, ttl, rdata } of updates) {
    if (!owner.isAtOrBelow(origin))
      return fault({ code: rcode.NOTZONE, reason: `${owner.toString()} is not in the zone` });
    const meta = isMetaType(type);
    if (ofClass === rrClass.IN ? meta : ttl !== 0) return fault(noChange);
    if (ofClass === rrClass.ANY && (rdata.length > 0 || (meta && type !== rrType.ANY)))
      return fault(noChange);
    if (ofClass === rrClass.NONE && meta) return fault(noChange);
    if (ofClass !== rrClass.IN && ofClass !== rrClass.ANY && ofClass !== rrClass.NONE) return fault(noChange);
    if (ofClass === rrClass.IN && !isZoneData(type, rdata)) {
      const what = `${owner.toString()} ${formatType(type)}`;
      return fault({ code: rcode.FORMERR, reason: `the data of ${what} is not such as that type has` });
    }
  }
  return ok(undefined);
}

/** RFC 2136 §3.3: gives the first record of the section that changes what isn't allowed. */
export function firstForbidden(
  zone: DraftZone,
  updates: readonly ResourceRecord[],
  permit: UpdatePermit,
): ResourceRecord | undefined {
  return updates.find(({ owner, type }) =>
    // Removing all that a name has takes a permit for each type that goes.
    type === rrType.ANY
      ? !permit.covers(owner) || !goingWithAll(zone, owner).every((each) => permit.allows(owner, each))
      : !permit.allows(owner, type),
  );
}

/** Carries out the section, record by record in its order. What can't be is passed over silently, as the standard has it. */
export function carryOut(zone: DraftZone, updates: readonly ResourceRecord[]): void {
  for (const record of updates) {
    if (record.class === rrClass.IN) addRecord(zone, record);
    else if (record.class === rrClass.NONE) removeRecord(zone, record);
    else removeRRsets(zone, record);
  }
}

/** What was carried out, as one change; `undefined` where the zone is as it was: then its serial stays (RFC 2136 §3.6). */
export function changeOf(view: ZoneView, zone: DraftZone): ZoneChange | undefined {
  const [from, newest] = [soaRecord(view), zone.soa];
  const { removed, added } = zone.difference();
  const raised = newest !== undefined && isLater(serialOfSoa(newest.rdata), view.serial);
  if (!raised && removed.length === 0 && added.length === 0) return undefined;
  // The sender's serial if it gave a good one, else the next.
  const to = raised ? newest : { ...from, rdata: soaWithSerial(from.rdata, nextSerial(view.serial)) };
  return { from, to, removed, added };
}

/** RFC 2136 §3.4.2.2 */
function addRecord(zone: DraftZone, record: ResourceRecord): void {
  const { owner, type } = record;
  if (type === rrType.SOA) {
    const known = owner.equals(zone.origin) ? zone.soa : undefined;
    if (known === undefined || !isLater(serialOfSoa(record.rdata), serialOfSoa(known.rdata))) return;
  }
  // Neither a CNAME beside other data nor other data beside a CNAME; DNSSEC's own may stand there (RFC 2181 §10.1, RFC 4035 §2.5).
  if (!besideCname.has(type)) {
    const others = zone.typesAt(owner).filter((each) => each !== type && !besideCname.has(each));
    if (type === rrType.CNAME ? others.length > 0 : others.includes(rrType.CNAME)) return;
  }
  zone.add(record);
}

const besideCname: ReadonlySet<number> = new Set([rrType.RRSIG, rrType.NSEC, rrType.KEY, rrType.SIG]);

/** RFC 2136 §3.4.2.3 */
function removeRRsets(zone: DraftZone, { owner, type }: ResourceRecord): void {
  const apex = owner.equals(zone.origin);
  if (type === rrType.ANY) for (const each of goingWithAll(zone, owner)) zone.removeAll(owner, each);
  else if (!(apex && (type === rrType.SOA || type === rrType.NS))) zone.removeAll(owner, type);
}

/** RFC 2136 §3.4.2.4 */
function removeRecord(zone: DraftZone, record: ResourceRecord): void {
  const { owner, type } = record;
  if (type === rrType.SOA) return;
  // The zone keeps its last name server.
  if (type === rrType.NS && owner.equals(zone.origin) && zone.recordCount(owner, type) < 2) return;
  zone.remove(record);
}

/** Types that go when all of a name is removed: at the apex SOA and NS stay (RFC 2136 §3.4.2.3). */
function goingWithAll(zone: DraftZone, owner: DomainName): readonly number[] {
  const types = zone.typesAt(owner);
  return owner.equals(zone.origin)
    ? types.filter((type) => type !== rrType.SOA && type !== rrType.NS)
    : types;
}
