// The order in which a zone's records are sent: all of them between two SOAs (RFC 5936 §2.2), or the steps from the client's
// serial to ours, each as what went and what came (RFC 1995 §4).
import type { ResourceRecord } from '../../wire/record.ts';
import { recordsOf } from '../../wire/record.ts';
import { rrType } from '../../wire/rr-type.ts';
import type { ZoneChange } from '../../zone/zone-change.ts';
import type { ZoneView } from '../../zone/zone-view.ts';

/** The whole zone: its SOA, all other records, its SOA again. */
export function* wholeZone(view: ZoneView): Generator<ResourceRecord, void> {
  const soa = recordsOf(view.soa);
  yield* soa;
  for (const rrset of view.all()) {
    if (rrset.type === rrType.SOA) continue;
    const { owner, type, class: rrClass, ttl } = rrset;
    for (const rdata of rrset.rdatas) yield { owner, type, class: rrClass, ttl, rdata };
  }
  yield* soa;
}

/** The steps between the newest SOA and itself again. `changes` has one at least. */
export function* zoneSteps(changes: readonly ZoneChange[]): Generator<ResourceRecord, void> {
  const newest = changes.at(-1)?.to;
  if (newest === undefined) return;
  yield newest;
  for (const { from, removed, to, added } of changes) {
    yield from;
    yield* removed;
    yield to;
    yield* added;
  }
  yield newest;
}

/** Whether the steps have more records than the zone, so that the zone is sent instead. Work: no more than the steps have records. */
export function outweigh(changes: readonly ZoneChange[], view: ZoneView): boolean {
  let room = 2;
  for (const { removed, added } of changes) room += 2 + removed.length + added.length;
  for (const rrset of view.all()) {
    room -= rrset.rdatas.length;
    if (room <= 0) return false;
  }
  return true;
}
