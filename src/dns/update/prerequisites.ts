// Whether a zone is as an update wants it to be (RFC 2136 §3.2).
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { DraftZone } from './draft-zone.ts';
import { isMetaType } from './meta-type.ts';

/** Checks that need no zone but its name (RFC 2136 §3.2.5); the fault is a response code. */
export function scanPrerequisites(
  origin: DomainName,
  prerequisites: readonly ResourceRecord[],
): Result<undefined, number> {
  for (const { owner, type, class: ofClass, ttl, rdata } of prerequisites) {
    if (ttl !== 0) return fault(rcode.FORMERR);
    if (!owner.isAtOrBelow(origin)) return fault(rcode.NOTZONE);
    const withoutData = ofClass === rrClass.ANY || ofClass === rrClass.NONE;
    if (withoutData && (rdata.length > 0 || (isMetaType(type) && type !== rrType.ANY)))
      return fault(rcode.FORMERR);
    if (!withoutData && (ofClass !== rrClass.IN || isMetaType(type))) return fault(rcode.FORMERR);
  }
  return ok(undefined);
}

/** The prerequisites have been scanned; the fault is the response code of one that isn't met. */
export function checkPrerequisites(
  zone: DraftZone,
  prerequisites: readonly ResourceRecord[],
): Result<undefined, number> {
  /** RRsets whose whole content is asked for (RFC 2136 §3.2.3): by name and type, the data named. */
  const wanted = new Map<string, ResourceRecord[]>();
  for (const record of prerequisites) {
    const { owner, type, class: ofClass } = record;
    if (ofClass === rrClass.IN) {
      const key = `${type} ${owner.key}`;
      const known = wanted.get(key);
      if (known === undefined) wanted.set(key, [record]);
      else known.push(record);
      continue;
    }
    // RFC 2136 §2.4.4: a name without records of its own isn't in use.
    const exists = type === rrType.ANY ? zone.typesAt(owner).length > 0 : zone.recordCount(owner, type) > 0;
    if (ofClass === rrClass.ANY && !exists)
      return fault(type === rrType.ANY ? rcode.NXDOMAIN : rcode.NXRRSET);
    if (ofClass === rrClass.NONE && exists)
      return fault(type === rrType.ANY ? rcode.YXDOMAIN : rcode.YXRRSET);
  }
  for (const records of wanted.values()) {
    const [first] = records;
    if (first === undefined) continue;
    const distinct = new Set(records.map(({ rdata }) => rdata.toHex())).size;
    if (
      !records.every((record) => zone.has(record)) ||
      distinct !== zone.recordCount(first.owner, first.type)
    )
      return fault(rcode.NXRRSET);
  }
  return ok(undefined);
}
