// Changes that an operator makes by hand: records added and taken away by a command, and a zone set back to what it was.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { formatRecord } from '../wire/presentation.ts';
import { formatType, rrType } from '../wire/rr-type.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { nextSerial, serialOfSoa, soaWithSerial } from '../zone/serial.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import { soaRecord } from '../zone/zone-change.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import { DraftZone } from './draft-zone.ts';
import { changeOf } from './update-section.ts';

export interface HandAddition {
  readonly record: ResourceRecord;
  /** Without one it takes that of its set, or `record`'s where there is no set yet. */
  readonly ttlGiven: boolean;
}

/** What to take away: a record, all of a type, or all of a name. */
export type HandRemoval =
  | { readonly kind: 'record'; readonly record: ResourceRecord }
  | { readonly kind: 'rrset'; readonly name: DomainName; readonly type: number }
  | { readonly kind: 'name'; readonly name: DomainName };

/** One change with all of them; `undefined` where all are there. The fault is a sentence. */
export function additionsTo(
  view: ZoneView,
  additions: readonly HandAddition[],
): Result<ZoneChange | undefined> {
  const draft = new DraftZone(view);
  for (const { record, ttlGiven } of additions) {
    const { owner, type, rdata } = record;
    if (!owner.isAtOrBelow(view.origin))
      return fault(`${owner.toString()} is not in the zone ${view.origin.toString()}`);
    if (type === rrType.SOA && !owner.equals(view.origin))
      return fault(`a SOA record belongs to ${view.origin.toString()}, not to ${owner.toString()}`);
    if (type === rrType.SOA && !isLater(serialOfSoa(rdata), view.serial))
      return fault(`the serial of a new SOA record must be later than ${view.serial}, which is the zone's`);
    const ttl = ttlGiven ? undefined : view.rrset(owner, type)?.ttl;
    draft.add(ttl === undefined ? record : { ...record, ttl });
  }
  return ok(changeOf(view, draft));
}

/** One change that takes them all away. The fault names the first that isn't there, or must stay. */
export function removalsFrom(
  view: ZoneView,
  removals: readonly HandRemoval[],
): Result<ZoneChange | undefined> {
  const draft = new DraftZone(view);
  for (const removal of removals) {
    const removed = removeFrom(draft, removal);
    if (!removed.ok) return removed;
  }
  return ok(changeOf(view, draft));
}

function removeFrom(draft: DraftZone, removal: HandRemoval): Result<undefined> {
  const name = removal.kind === 'record' ? removal.record.owner : removal.name;
  const apex = name.equals(draft.origin);
  const soaStays = `the SOA record of ${draft.origin.toString()} must stay: a zone has one`;
  if (removal.kind === 'name') {
    const types = draft.typesAt(name).filter((type) => !apex || (type !== rrType.SOA && type !== rrType.NS));
    if (types.length === 0)
      return fault(`there are no records at ${name.toString()}${apex ? ' but its SOA and NS' : ''}`);
    for (const type of types) draft.removeAll(name, type);
    return ok(undefined);
  }
  const type = removal.kind === 'record' ? removal.record.type : removal.type;
  if (type === rrType.SOA) return fault(soaStays);
  const there = removal.kind === 'record' ? draft.has(removal.record) : draft.recordCount(name, type) > 0;
  if (!there) {
    const what =
      removal.kind === 'record' ? `record '${withoutTtl(removal.record)}'` : `${formatType(type)} record`;
    return fault(`there is no ${what} at ${name.toString()}`);
  }
  if (removal.kind === 'record') draft.remove(removal.record);
  else draft.removeAll(name, type);
  return apex && type === rrType.NS && draft.recordCount(name, type) === 0
    ? fault(`${name.toString()} would have no NS record left: add another one first`)
    : ok(undefined);
}

/** One change that undoes those, of which the last one led to `view`; the serial goes up. Everything but that is again what it was. */
export function changeBack(view: ZoneView, changes: readonly ZoneChange[]): ZoneChange | undefined {
  const [first] = changes;
  if (first === undefined) return undefined;
  const removed = new Map<string, ResourceRecord>();
  const added = new Map<string, ResourceRecord>();
  for (const change of changes.toReversed()) {
    for (const record of change.added) if (!added.delete(keyOf(record))) removed.set(keyOf(record), record);
    for (const record of change.removed) if (!removed.delete(keyOf(record))) added.set(keyOf(record), record);
  }
  const { from } = first;
  const to = { ...from, rdata: soaWithSerial(from.rdata, nextSerial(view.serial)) };
  return { from: soaRecord(view), to, removed: [...removed.values()], added: [...added.values()] };
}

function keyOf({ owner, type, ttl, rdata }: ResourceRecord): string {
  return `${type} ${ttl} ${rdata.toHex()} ${owner.key}`;
}

function withoutTtl(record: ResourceRecord): string {
  return formatRecord(record).split('\t').slice(3).join(' ');
}
