// Decodes DNS messages (RFC 1035 §4.1) with EDNS(0) (RFC 6891). Bounded by the message's own length: no count in the header makes
// it work or allocate before the octets for it are there, and names are bounded by the reader.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { rrClass } from './codes.ts';
import type { Edns, Message, Question } from './message.ts';
import { opt } from './rdata/opt.ts';
import { recordTypeOf } from './rdata/registry.ts';
import { WireReader } from './reader.ts';
import type { ResourceRecord } from './record.ts';
import { formatType, rrType } from './rr-type.ts';
import { WireWriter } from './writer.ts';

export interface MessageFault {
  /** A sentence for logs. */
  readonly reason: string;
  /** `undefined` where there was no whole header; such a message gets no reply. */
  readonly header: FaultyHeader | undefined;
}

/** What a FORMERR reply needs to repeat (RFC 1035 §4.1.1). */
export interface FaultyHeader {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  /** The first question, where it could be read. */
  readonly question: Question | undefined;
}

export const headerLength = 12;

/** Question, SOA of an IXFR, OPT, TSIG: no query that we know of holds more than four. */
const mostInQuery = 8;

/**
 * Whether the header's counts are small enough for a query. One that is not isn't worth decoding: names that lead through pointers make
 * each octet of it costly, and anybody may send 64 KiB of them.
 */
export function hasQueryCounts(bytes: Uint8Array): boolean {
  let count = 0;
  for (let at = 4; at < headerLength; at += 2) count += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return count <= mostInQuery;
}

/** Where compressed record data is written out in full. Decoding is synchronous, so one is enough. */
const expanded = new WireWriter();

/**
 * Decodes a whole message; octets after it are a fault. Nothing in the result refers to `bytes`. Record data of known types is
 * checked and its compressed names are written out; TTLs with the top bit set are 0 (RFC 2181 §8).
 */
export function decodeMessage(bytes: Uint8Array): Result<Message, MessageFault> {
  if (bytes.length < headerLength)
    return fault({ reason: `${bytes.length} octets are too few for a DNS header`, header: undefined });
  const header = new WireReader(bytes, 0, headerLength);
  const id = header.u16();
  const flags = header.u16();
  const counts = [header.u16(), header.u16(), header.u16(), header.u16()] as const;
  const reader = new WireReader(bytes, headerLength);
  const questions: Question[] = [];
  for (let i = 0; i < counts[0] && reader.fault === undefined; i++) {
    questions.push({ name: reader.name(), type: reader.u16(), class: reader.u16() });
  }
  const body: Body = { edns: undefined, ednsRcode: 0 };
  if (reader.fault !== undefined) questions.pop();
  const answers = readSection(reader, counts[1], 'answer', body);
  const authorities = readSection(reader, counts[2], 'authority', body);
  const additionals = readSection(reader, counts[3], 'additional', body);
  if (reader.fault === undefined && reader.remaining > 0)
    reader.fail(`${reader.remaining} octets after the message`);
  const [response, opcode, recursionDesired] = [
    (flags & 0x8000) !== 0,
    (flags >>> 11) & 15,
    (flags & 0x100) !== 0,
  ];
  if (reader.fault !== undefined) {
    const told = { id, response, opcode, recursionDesired, question: questions[0] };
    return fault({ reason: reader.fault, header: told });
  }
  return ok({
    id,
    response,
    opcode,
    authoritative: (flags & 0x400) !== 0,
    truncated: (flags & 0x200) !== 0,
    recursionDesired,
    recursionAvailable: (flags & 0x80) !== 0,
    authenticData: (flags & 0x20) !== 0,
    checkingDisabled: (flags & 0x10) !== 0,
    rcode: (flags & 15) | (body.ednsRcode << 4),
    questions,
    answers,
    authorities,
    additionals,
    edns: body.edns,
  });
}

interface Body {
  edns: Edns | undefined;
  /** The upper eight bits of the response code (RFC 6891 §6.1.3). */
  ednsRcode: number;
}

type Section = 'answer' | 'authority' | 'additional';

function readSection(reader: WireReader, count: number, section: Section, body: Body): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let i = 0; i < count && reader.fault === undefined; i++) {
    const owner = reader.name();
    const type = reader.u16();
    const recordClass = reader.u16();
    const ttl = reader.u32();
    const length = reader.u16();
    if (type === rrType.OPT) {
      // RFC 6891 §6.1.1: at most one, in the additional section, owned by the root.
      if (section !== 'additional') reader.fail(`an OPT record in the ${section} section`);
      else if (!owner.isRoot) reader.fail('an OPT record whose owner is not the root');
      else if (body.edns !== undefined) reader.fail('two OPT records');
      else readEdns(reader, recordClass, ttl, length, body);
      continue;
    }
    // RFC 8945 §5.1: TSIG is the last record of the message.
    if (type === rrType.TSIG && !(section === 'additional' && i === count - 1))
      reader.fail('a TSIG record that is not the last of the message');
    const rdata = readRecordData(reader, type, recordClass, length);
    records.push({ owner, type, class: recordClass, ttl: ttl > 0x7fff_ffff ? 0 : ttl, rdata });
  }
  return records;
}

function readEdns(reader: WireReader, udpSize: number, ttl: number, length: number, body: Body): void {
  const data = reader.slice(length, false);
  const version = (ttl >>> 16) & 0xff;
  // The options of another version may look otherwise; RFC 6891 §6.1.3 has only the version looked at.
  const options = version === 0 ? opt.read(data).options : [];
  if (data.fault !== undefined) reader.fail(`malformed EDNS options: ${data.fault}`);
  body.ednsRcode = ttl >>> 24;
  body.edns = {
    udpSize,
    version,
    dnssecOk: (ttl & 0x8000) !== 0,
    options: options.map(({ code, bytes }) => ({ code, bytes: bytes.slice() })),
  };
}

/** The uncompressed, checked data of a record; a copy. */
function readRecordData(reader: WireReader, type: number, recordClass: number, length: number): Uint8Array {
  const known = recordTypeOf(type);
  if (known === undefined || isOpaque(type, recordClass, length)) return reader.take(length).slice();
  const pointers = known.names === 'compressed' || known.names === 'decompressed';
  const from = reader.at;
  const data = reader.slice(length, pointers);
  if (pointers) {
    expanded.rewind(0);
    known.copy(data, expanded, 'plain');
  } else {
    known.check(data);
  }
  if (data.fault !== undefined) reader.fail(`malformed ${formatType(type)} data: ${data.fault}`);
  else if (data.remaining > 0)
    reader.fail(`malformed ${formatType(type)} data: ${data.remaining} octets too many`);
  return pointers ? expanded.finish() : reader.bytes.slice(from, from + length);
}

/** Data that need not fit its type. */
function isOpaque(type: number, recordClass: number, length: number): boolean {
  // The formats of addresses belong to class IN; CHAOS has others (RFC 1035 §3.4.1, RFC 3596 §2.1).
  if (type === rrType.A || type === rrType.AAAA) {
    if (recordClass === rrClass.CH || recordClass === rrClass.HS) return true;
  }
  // RFC 2136 §2.4: prerequisites and deletions name a type without data.
  return length === 0 && (recordClass === rrClass.ANY || recordClass === rrClass.NONE);
}
