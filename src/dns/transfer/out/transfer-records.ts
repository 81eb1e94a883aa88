// The order in which a zone's records are sent: all of them between two SOAs (RFC 5936 §2.2), or the steps from the client's
// serial to ours, each as what went and what came (RFC 1995 §4).
import type { ResourceRecord } from '../../wire/record.ts';
import { recordsOf } from '../../wire/record.ts';
import type { RRset } from '../../wire/record.ts';
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

/** The steps as they stand between the newest SOA and itself again. */
export function* zoneSteps(changes: readonly ZoneChange[]): Generator<ResourceRecord, void> {
  for (const { from, removed, to, added } of changes) {
    yield from;
    yield* removed;
    yield to;
    yield* added;
  }
}

/** Whether steps have more records than the zone, so that the zone is better sent instead. */
export class StepScale {
  readonly #rrsets: Iterator<RRset>;
  /** Records of the steps beyond those of the zone counted so far. */
  #room = 2;

  constructor(view: ZoneView) {
    this.#rrsets = view.all()[Symbol.iterator]();
  }

  /** Adds steps to those before; gives whether all are too many. Work: no more than the steps have records. */
  outweighs(changes: readonly ZoneChange[]): boolean {
    for (const { removed, added } of changes) this.#room += 2 + removed.length + added.length;
    while (this.#room > 0) {
      const rrset = this.#rrsets.next();
      if (rrset.done === true) return true;
      this.#room -= rrset.value.rdatas.length;
    }
    return false;
  }
}
