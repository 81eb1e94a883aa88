// Records and changes as octets: how zones are kept. A record is what a message has of it (RFC 1035 §3.2.1), uncompressed;
// a change is how many records it removes and how many it adds (32 bits each), the SOA before, the SOA after, the records
// removed, the records added.
import { equalBytes } from '../../lib/bytes.ts';
import type { DomainName } from '../wire/name.ts';
import { WireReader } from '../wire/reader.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import type { ZoneChange } from '../zone/zone-change.ts';

/** Type, class, TTL and length of the data. */
const fixedLength = 10;

/** Octets of a record as it is kept. */
export function recordLength({
  owner,
  rdata,
}: {
  readonly owner: DomainName;
  readonly rdata: Uint8Array;
}): number {
  return owner.wire.length + fixedLength + rdata.length;
}

/** Octets of a change as it is kept: what a journal's size counts. */
export function changeLength(change: ZoneChange): number {
  let length = 8 + recordLength(change.from) + recordLength(change.to);
  for (const record of change.removed) length += recordLength(record);
  for (const record of change.added) length += recordLength(record);
  return length;
}

/** Writes the record into `bytes` from `at` on, where there must be room; gives where it ends. */
export function writeRecord(bytes: Uint8Array, at: number, record: ResourceRecord): number {
  return writeMember(bytes, at, record, record.rdata);
}

/** Writes the record of a set that has this data, as {@link writeRecord} does. */
export function writeMember(
  bytes: Uint8Array,
  at: number,
  { owner, type, class: ofClass, ttl }: Omit<RRset, 'rdatas'>,
  rdata: Uint8Array,
): number {
  bytes.set(owner.wire, at);
  let next = putU16(bytes, at + owner.wire.length, type);
  next = putU16(bytes, next, ofClass);
  next = putU32(bytes, next, ttl);
  next = putU16(bytes, next, rdata.length);
  bytes.set(rdata, next);
  return next + rdata.length;
}

export function encodeChange(change: ZoneChange): Uint8Array {
  const bytes = new Uint8Array(changeLength(change));
  writeChange(bytes, 0, change);
  return bytes;
}

/** Writes the change into `bytes` from `start` on, where there must be room; gives where it ends. */
export function writeChange(bytes: Uint8Array, start: number, change: ZoneChange): number {
  let at = putU32(bytes, start, change.removed.length);
  at = putU32(bytes, at, change.added.length);
  at = writeRecord(bytes, at, change.from);
  at = writeRecord(bytes, at, change.to);
  for (const record of change.removed) at = writeRecord(bytes, at, record);
  for (const record of change.added) at = writeRecord(bytes, at, record);
  return at;
}

/** Gives `undefined` for octets that are no change: what was kept is damaged. */
export function decodeChange(bytes: Uint8Array): ZoneChange | undefined {
  const reader = new WireReader(bytes, 0, bytes.length, false);
  const removedCount = reader.u32();
  const addedCount = reader.u32();
  const from = readRecord(reader);
  const to = readRecord(reader);
  const removed = readCounted(reader, removedCount);
  const added = readCounted(reader, addedCount);
  return reader.fault === undefined && reader.remaining === 0 ? { from, to, removed, added } : undefined;
}

/** Records that fill `bytes`; `undefined` where they don't. */
export function decodeRecords(bytes: Uint8Array): readonly ResourceRecord[] | undefined {
  const reader = new WireReader(bytes, 0, bytes.length, false);
  const records: ResourceRecord[] = [];
  while (reader.remaining > 0) {
    const record = readRecord(reader);
    if (reader.fault !== undefined) return undefined;
    records.push(record);
  }
  return reader.fault === undefined ? records : undefined;
}

/** Whether both are the same record; the TTL is no part of what a record is (RFC 2136 §1.1). */
export function isSameRecord(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.class === b.class && a.owner.equals(b.owner) && equalBytes(a.rdata, b.rdata);
}

function readCounted(reader: WireReader, count: number): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let i = 0; i < count && reader.fault === undefined; i++) records.push(readRecord(reader));
  return records;
}

/** The data is a copy: what a whole chunk's memory is held by would be one record that lives long. */
function readRecord(reader: WireReader): ResourceRecord {
  const owner = reader.name();
  const [type, recordClass, ttl] = [reader.u16(), reader.u16(), reader.u32()];
  const rdata = reader.take(reader.u16()).slice();
  return { owner, type, class: recordClass, ttl, rdata };
}

function putU16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
  return at + 2;
}

function putU32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
