// One step of a zone from a serial to the next: what a dynamic update or an edit makes, what the journal keeps and what IXFR
// carries (RFC 1995 §4).
import type { ResourceRecord } from '../wire/record.ts';
import type { ZoneView } from './zone-view.ts';

export interface ZoneChange {
  /** The SOA records before and after; the second's serial is the later one. */
  readonly from: ResourceRecord;
  readonly to: ResourceRecord;
  /** Records that were there; without the SOA. */
  readonly removed: readonly ResourceRecord[];
  /** Records that weren't; without the SOA. A changed TTL removes the records of a set and adds them again. */
  readonly added: readonly ResourceRecord[];
}

/** The SOA of a version of a zone, as a change begins or ends with it. */
export function soaRecord({ soa }: ZoneView): ResourceRecord {
  const [rdata] = soa.rdatas;
  // Every version of a zone has one.
  if (rdata === undefined) throw new Error('a zone without a SOA record');
  return { owner: soa.owner, type: soa.type, class: soa.class, ttl: soa.ttl, rdata };
}
