// How a zone is made of records that arrive little by little: from a transfer, or from the store.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { ZoneBuilder } from '../zone/zone-builder.ts';
import type { Zone } from '../zone/zone.ts';

export interface ZoneBuild extends Disposable {
  add(records: Iterable<ResourceRecord>): void;
  /** The faults are sentences: why the records make no zone. Without it, disposal gives up what was begun. */
  finish(): Promise<Result<Zone, readonly string[]>>;
}

export type NewZoneBuild = (origin: DomainName) => ZoneBuild;

/** Builds in this thread: right for small zones, since `finish` of a large one holds up everybody. */
export const newZoneBuild: NewZoneBuild = (origin) => {
  const builder = new ZoneBuilder(origin);
  return {
    add: (records) => builder.add(records),
    finish: () => {
      const built = builder.finish();
      return Promise.resolve(
        built.ok ? ok(built.value.zone) : fault(built.fault.map(({ message }) => message)),
      );
    },
    [Symbol.dispose]: () => undefined,
  };
};
