// Resource records (RFC 1035 §3.2.1) and sets of them (RFC 2181 §5). The data of a record is kept in its wire form, uncompressed:
// that is what is compared, signed, hashed and copied into answers. `rdata/` gives the typed view of it.
import type { DomainName } from './name.ts';

export interface ResourceRecord {
  readonly owner: DomainName;
  readonly type: number;
  readonly class: number;
  /** Seconds, 0 to 2^31 - 1 (RFC 2181 §8). */
  readonly ttl: number;
  /** Uncompressed wire form. */
  readonly rdata: Uint8Array;
}

/** All records of one owner, class and type; they share one TTL (RFC 2181 §5.2). */
export interface RRset {
  readonly owner: DomainName;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  /** Without duplicates (RFC 2181 §5); at least one. */
  readonly rdatas: readonly Uint8Array[];
}

export function recordsOf(rrset: RRset): ResourceRecord[] {
  const { owner, type, ttl } = rrset;
  return rrset.rdatas.map((rdata) => ({ owner, type, class: rrset.class, ttl, rdata }));
}
