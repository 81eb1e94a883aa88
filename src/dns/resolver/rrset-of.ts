// Takes RRsets out of a section of a message (RFC 2181 §5).
import { bytesToLatin1, equalBytes } from '../../lib/bytes.ts';
import { rrClass } from '../wire/codes.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';

/** The records of this owner and type, class IN, as a set: duplicates dropped, the least TTL for all (RFC 2181 §5.2). */
export function rrsetOf(
  section: readonly ResourceRecord[],
  owner: DomainName,
  type: number,
): RRset | undefined {
  const rdatas: Uint8Array[] = [];
  let ttl = Number.POSITIVE_INFINITY;
  for (const record of section) {
    if (record.type !== type || record.class !== rrClass.IN || !record.owner.equals(owner)) continue;
    ttl = Math.min(ttl, record.ttl);
    rdatas.push(record.rdata);
  }
  return rdatas.length === 0
    ? undefined
    : { owner, type, class: rrClass.IN, ttl, rdatas: withoutDuplicates(rdatas) };
}

/** A set of so few is compared each with each: to make keys of its data costs several times more. */
const few = 8;

function withoutDuplicates(rdatas: readonly Uint8Array[]): readonly Uint8Array[] {
  if (rdatas.length > few) return [...new Map(rdatas.map((rdata) => [bytesToLatin1(rdata), rdata])).values()];
  return rdatas.filter((rdata, i) => rdatas.findIndex((other) => equalBytes(other, rdata)) === i);
}

/** The RRSIGs over that set (RFC 4034 §3.1.1: the type covered is the first field). */
export function signaturesOf(
  section: readonly ResourceRecord[],
  owner: DomainName,
  type: number,
): readonly ResourceRecord[] {
  return section.filter(
    (record) =>
      record.type === rrType.RRSIG &&
      record.class === rrClass.IN &&
      record.rdata[0] === type >>> 8 &&
      record.rdata[1] === (type & 0xff) &&
      record.owner.equals(owner),
  );
}
