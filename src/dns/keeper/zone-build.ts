// How a zone is made of records that arrive little by little: from a transfer, or from the store.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { buildZone } from '../zone/zone-builder.ts';
import type { Zone } from '../zone/zone.ts';

export interface ZoneBuild {
  add(records: Iterable<ResourceRecord>): void;
  /** The faults are sentences: why the records make no zone. */
  finish(): Promise<Result<Zone, readonly string[]>>;
}

export type NewZoneBuild = (origin: DomainName) => ZoneBuild;

/** Keeps the records until the end. */
export const newZoneBuild: NewZoneBuild = (origin) => {
  const all: ResourceRecord[] = [];
  return {
    add: (records) => void all.push(...records),
    finish: async () => {
      const built = buildZone(origin, all);
      return built.ok ? ok(built.value.zone) : fault(built.fault.map(({ message }) => message));
    },
  };
};
