// Whether a record can be part of a zone at all.
import { formatClass, rrClass } from '../wire/codes.ts';
import type { DomainName } from '../wire/name.ts';
import { formatType, isValidRdata } from '../wire/rdata/registry.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneFaultList } from './zone-fault.ts';

export function checkRecord(origin: DomainName, record: ResourceRecord, faults: ZoneFaultList): boolean {
  const { owner, type, rdata } = record;
  const why =
    recordFault(origin, owner, type, record.class) ??
    (isValidRdata(type, rdata) ? undefined : 'has data that does not fit its type');
  if (why === undefined) return true;
  faults.add('error', `${owner.toString()} ${formatType(type)} ${why}`, record);
  return false;
}

/** All but the data. */
export function recordFault(
  origin: DomainName,
  owner: DomainName,
  type: number,
  recordClass: number,
): string | undefined {
  if (!owner.isAtOrBelow(origin)) return `does not belong to the zone ${origin.toString()}`;
  if (recordClass !== rrClass.IN) return `has class ${formatClass(recordClass)}; only IN is served`;
  // RFC 1035 §5.2
  if (type === rrType.SOA && !owner.equals(origin))
    return `stands below the zone's origin ${origin.toString()}`;
  return undefined;
}
