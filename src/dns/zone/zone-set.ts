// The zones of one server, found by the names asked for, each in the version that is answered from and, while changes are
// on their way to the disk, in newer ones that aren't answered from yet.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { equalBytes } from '../../lib/bytes.ts';
import { buildZone } from './zone-builder.ts';
import type { ZoneChange } from './zone-change.ts';
import type { ZoneFault } from './zone-fault.ts';
import type { Zone } from './zone.ts';

export class ZoneSet {
  readonly #zones = new Map<string, Zone>();
  /** Prepared and not yet published, oldest first. */
  readonly #prepared = new Map<string, Zone[]>();
  /** The least and the most labels that an origin has: no other ancestor of a name needs a look. */
  #fewestLabels = Number.POSITIVE_INFINITY;
  #mostLabels = 0;

  /** Of two zones with one origin the later one counts. */
  constructor(zones: Iterable<Zone> = []) {
    for (const zone of zones) this.put(zone);
  }

  get size(): number {
    return this.#zones.size;
  }

  /** All zones, by origin in canonical order. */
  zones(): readonly Zone[] {
    return [...this.#zones.values()].sort((a, b) => a.origin.compare(b.origin));
  }

  /** The version that is answered from. */
  get(origin: DomainName): Zone | undefined {
    return this.#zones.get(origin.key);
  }

  /** Answers from this zone from now on, in place of one with the same origin and all that was prepared upon it. */
  put(zone: Zone): void {
    const { key, labelCount } = zone.origin;
    this.#zones.set(key, zone);
    this.#prepared.delete(key);
    this.#fewestLabels = Math.min(this.#fewestLabels, labelCount);
    this.#mostLabels = Math.max(this.#mostLabels, labelCount);
  }

  /** Gives whether there was such a zone. */
  delete(origin: DomainName): boolean {
    this.#prepared.delete(origin.key);
    return this.#zones.delete(origin.key);
  }

  /** The newest version, prepared or answered from. */
  newest(origin: DomainName): Zone | undefined {
    return this.#prepared.get(origin.key)?.at(-1) ?? this.get(origin);
  }

  /** Makes a version of the newest one. Nothing is answered from it before `publish`. The fault: it would be no zone any more. */
  prepare(origin: DomainName, change: ZoneChange): Result<Zone, readonly ZoneFault[]> {
    const newest = this.newest(origin);
    if (newest === undefined)
      return fault([
        { severity: 'error', message: `there is no zone ${origin.toString()}`, about: undefined },
      ]);
    const gone = [change.from, ...change.removed];
    const kept = [...newest.all()]
      .flatMap(recordsOf)
      .filter((record) => !gone.some((other) => sameRecord(record, other)));
    const built = buildZone(newest.origin, [...kept, change.to, ...change.added]);
    if (!built.ok) return built;
    this.#prepared.set(origin.key, [...(this.#prepared.get(origin.key) ?? []), built.value.zone]);
    return ok(built.value.zone);
  }

  /** Answers from the prepared version with that serial from now on. */
  publish(origin: DomainName, serial: number): void {
    const prepared = this.#prepared.get(origin.key) ?? [];
    const index = prepared.findIndex((zone) => zone.serial === serial);
    const zone = prepared[index];
    if (zone === undefined) return;
    this.put(zone);
    if (index + 1 < prepared.length) this.#prepared.set(origin.key, prepared.slice(index + 1));
  }

  /** Forgets what was prepared and not published. */
  abandon(origin: DomainName): void {
    this.#prepared.delete(origin.key);
  }

  /** The zone with the longest origin at or above `name` (RFC 1034 §4.3.2, step 2). */
  enclosing(name: DomainName): Zone | undefined {
    return this.#enclosing(name.key, name.labelCount, this.#mostLabels);
  }

  /** The zone that would hold the delegation of `zone`: the longest one above its origin. */
  parent(zone: Zone): Zone | undefined {
    const labels = zone.origin.labelCount;
    return this.#enclosing(zone.origin.key, labels, labels - 1);
  }

  /** The longest origin with at most `most` labels. */
  #enclosing(key: string, labelCount: number, most: number): Zone | undefined {
    let labels = labelCount;
    for (let at = 0; labels >= this.#fewestLabels; at += key.charCodeAt(at) + 1, labels--) {
      if (labels > most) continue;
      const zone = this.#zones.get(at === 0 ? key : key.slice(at));
      if (zone !== undefined) return zone;
      if (labels === 0) return undefined;
    }
    return undefined;
  }
}

function sameRecord(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.owner.equals(b.owner) && equalBytes(a.rdata, b.rdata);
}
