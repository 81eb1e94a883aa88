// One step of a zone from a serial to the next: what a dynamic update or an edit makes, what the journal keeps and what IXFR
// carries (RFC 1995 §4).
import type { ResourceRecord } from '../wire/record.ts';

export interface ZoneChange {
  /** The SOA records before and after; the second's serial is the later one. */
  readonly from: ResourceRecord;
  readonly to: ResourceRecord;
  /** Records that were there; without the SOA. */
  readonly removed: readonly ResourceRecord[];
  /** Records that weren't; without the SOA. A changed TTL removes the records of a set and adds them again. */
  readonly added: readonly ResourceRecord[];
}
