// Makes a zone of its records, wherever they come from. What makes answering impossible or wrong by the standard is an error and
// refuses the zone; `zone-checks.ts` says which. For zone files there is `zone-assembly.ts`, which makes no objects of records.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { ImageBuilder } from './image-builder.ts';
import { checkRecord } from './record-checks.ts';
import { checkZone } from './zone-checks.ts';
import { ZoneFaultList } from './zone-fault.ts';
import type { ZoneFault } from './zone-fault.ts';
import { openZone } from './zone.ts';
import type { Zone } from './zone.ts';

export interface BuiltZone {
  readonly zone: Zone;
  readonly warnings: readonly ZoneFault[];
}

/**
 * `records` may come in any order and repeat. On refusal the faults hold all errors found and the warnings too. `now`: seconds since
 * the epoch, for signatures; without it their times are not looked at.
 * Work: a constant number of look-ups for each record and for each label between its owner and the origin.
 */
export function buildZone(
  origin: DomainName,
  records: Iterable<ResourceRecord>,
  now?: number,
): Result<BuiltZone, readonly ZoneFault[]> {
  const builder = new ZoneBuilder(origin);
  builder.add(records);
  return builder.finish(now);
}

/** The same for records that come little by little, none of which is kept as an object. */
export class ZoneBuilder {
  readonly #origin: DomainName;
  readonly #faults = new ZoneFaultList();
  readonly #builder = new ImageBuilder();

  constructor(origin: DomainName) {
    this.#origin = origin;
    this.#builder.addZone(origin);
  }

  add(records: Iterable<ResourceRecord>): void {
    for (const record of records) {
      if (!checkRecord(this.#origin, record, this.#faults)) continue;
      const { owner, type, ttl, rdata } = record;
      this.#builder.addRecord(owner.wire, owner.wire.length, false, type, ttl, rdata, rdata.length);
    }
  }

  /** Once, when all are there. */
  finish(now?: number): Result<BuiltZone, readonly ZoneFault[]> {
    const faults = this.#faults;
    const { image, zones, notes } = this.#builder.finish();
    const entry = zones[0]?.zone ?? 0;
    checkZone(image, entry, notes, now, faults);
    const zone = faults.hasErrors ? undefined : openZone(image, entry);
    return zone === undefined ? fault(faults.list()) : ok({ zone, warnings: faults.list() });
  }
}
