// The names inside record data that a client will want the addresses of, and so get with the answer.
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';

export const addressTypes: readonly number[] = [rrType.A, rrType.AAAA];

/** Octets before the name: NS (RFC 1035 §3.3.11), MX (RFC 1035 §3.3.9), SRV (RFC 2782). */
const nameOffsets: ReadonlyMap<number, number> = new Map([
  [rrType.NS, 0],
  [rrType.MX, 2],
  [rrType.SRV, 6],
]);

/** `rdata` must be valid for its type. The root, which says "no service" in MX and SRV, is no target. */
export function targetsOf(type: number, rdata: Uint8Array): readonly DomainName[] {
  const offset = nameOffsets.get(type);
  if (offset === undefined || rdata.length <= offset + 1) return [];
  return [DomainName.unchecked(rdata.subarray(offset))];
}
