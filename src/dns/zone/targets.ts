// The names inside record data that a client will want more about, and so gets it with the answer.
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';

export const addressTypes: readonly number[] = [rrType.A, rrType.AAAA];

/**
 * Octets before the name: NS, MD, MF, MB and MX (RFC 1035 §3.3), AFSDB and RT (RFC 1183 §1 and §3.3), SRV (RFC 2782), KX
 * (RFC 2230 §3), SVCB and HTTPS (RFC 9460 §2.2).
 */
const nameOffsets: ReadonlyMap<number, number> = new Map([
  [rrType.NS, 0],
  [rrType.MD, 0],
  [rrType.MF, 0],
  [rrType.MB, 0],
  [rrType.AFSDB, 2],
  [rrType.RT, 2],
  [rrType.KX, 2],
  [rrType.MX, 2],
  [rrType.SRV, 6],
  [rrType.SVCB, 2],
  [rrType.HTTPS, 2],
]);

export interface Target {
  readonly name: DomainName;
  /** What of that name belongs in the additional section, in this order. */
  readonly types: readonly number[];
}

/** The name that a record points to, if its type has one. `rdata` must be valid for its type. */
export function targetOf(owner: DomainName, type: number, rdata: Uint8Array): Target | undefined {
  const offset = nameOffsets.get(type);
  if (offset === undefined) return undefined;
  const name = nameAt(rdata, offset);
  if (type !== rrType.SVCB && type !== rrType.HTTPS) {
    // In MX and SRV the root says "no such service" (RFC 7505 §3, RFC 2782).
    const types = type === rrType.RT ? [...addressTypes, rrType.X25, rrType.ISDN] : addressTypes;
    return name.isRoot ? undefined : { name, types };
  }
  // RFC 9460 §4.1. Priority 0 makes an alias (§2.4.2), for which the root says "no such service" (§2.5.1), else the owner (§2.5.2).
  if (rdata[0] === 0 && rdata[1] === 0)
    return name.isRoot ? undefined : { name, types: [...addressTypes, type] };
  return { name: name.isRoot ? owner : name, types: addressTypes };
}

/** The uncompressed name that starts there. */
function nameAt(rdata: Uint8Array, start: number): DomainName {
  let end = start;
  for (let length = rdata[end] ?? 0; length !== 0; length = rdata[end] ?? 0) end += length + 1;
  return DomainName.unchecked(rdata.subarray(start, end + 1));
}
