// The SOA record of a zone that is served empty (RFC 6303 §3).
import { concatBytes } from '../../lib/bytes.ts';
import { rrClass } from '../wire/codes.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';

/** Seconds; how long a denial is kept, too (RFC 2308 §5). */
export const emptyZoneTtl = 10_800;
const nobody = domainName('nobody.invalid.');
/** Serial, refresh, retry, expire and minimum, as RFC 6303 §3 has them. */
const numbers: Uint8Array = new Uint8Array(20);
for (const [i, number] of [1, 3600, 1200, 604_800, emptyZoneTtl].entries())
  new DataView(numbers.buffer).setUint32(4 * i, number);

export function emptyZoneSoa(zone: DomainName): ResourceRecord {
  const rdata = concatBytes([zone.wire, nobody.wire, numbers]);
  return { owner: zone, type: rrType.SOA, class: rrClass.IN, ttl: emptyZoneTtl, rdata };
}
