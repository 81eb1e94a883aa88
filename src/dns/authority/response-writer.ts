// Turns an answer into octets, at most as many as the client takes: whole RRsets only, TC where something that the answer
// needs is missing (RFC 2181 §9), and glue that a referral can't do without counts as needed (RFC 9471 §3.1).
import type { ZoneRRset } from '../zone/zone.ts';
import type { DomainName } from '../wire/name.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { recordTypeOf } from '../wire/rdata/registry.ts';
import { WireReader } from '../wire/reader.ts';
import { rrType } from '../wire/rr-type.ts';
import { WireWriter, maxMessageLength } from '../wire/writer.ts';
import type { Answer, AnswerRRset } from './answer.ts';
import type { ParsedQuestion } from './query.ts';

/** RFC 6891 §6.1.2, without options. */
const optLength = 11;

export interface Reply {
  readonly bytes: Uint8Array;
  /** Nothing was left out, so the same octets answer any client that takes as many. */
  readonly complete: boolean;
}

/** What all replies of one server share. */
export interface ReplyLimits {
  /** Octets. */
  readonly limit: number;
  /** The largest UDP message that we take ourselves, for our OPT record. */
  readonly ownUdpSize: number;
}

/** One for all answers: writing is synchronous, and its buffer and tables need not be made anew each time. */
const writer = new WireWriter();

/** Answers `question`, which was read from `query`. `limit` is 512 at least, so header, question and OPT always fit. */
export function writeAnswer(
  query: Uint8Array,
  question: ParsedQuestion,
  answer: Answer,
  { limit, ownUdpSize }: ReplyLimits,
): Reply {
  start(query, answer.rcode, answer.authoritative);
  writer.patchU16(4, 1);
  writer.name(question.name, 'compressed');
  writer.u16(question.type);
  writer.u16(question.class);
  writer.limit = limit - (question.edns === undefined ? 0 : optLength);
  const counts = writeSections(answer);
  writer.limit = maxMessageLength;
  if (question.edns !== undefined) writeOpt(answer.rcode, question.edns.dnssecOk, ownUdpSize);
  if (counts.truncated) writer.patchU16(2, flagsOf(query, answer.rcode, answer.authoritative) | 0x200);
  writer.patchU16(6, counts.answers);
  writer.patchU16(8, counts.authorities);
  writer.patchU16(10, counts.additionals + (question.edns === undefined ? 0 : 1));
  return { bytes: writer.finish(), complete: counts.complete };
}

/**
 * A reply without records: an error. `questionEnd` is the end of the question to repeat, 12 for none; with `edns` there is an
 * OPT record, which a code above 15 needs (RFC 6891 §6.1.3).
 */
export function writeError(
  query: Uint8Array,
  rcode: number,
  questionEnd: number,
  edns: { readonly dnssecOk: boolean } | undefined,
  ownUdpSize: number,
): Uint8Array {
  start(query, rcode, false);
  if (questionEnd > headerLength) {
    writer.put(query.subarray(headerLength, questionEnd));
    writer.patchU16(4, 1);
  }
  if (edns !== undefined) {
    writeOpt(rcode, edns.dnssecOk, ownUdpSize);
    writer.patchU16(10, 1);
  }
  return writer.finish();
}

function start(query: Uint8Array, rcode: number, authoritative: boolean): void {
  writer.limit = maxMessageLength;
  writer.rewind(0);
  writer.put(query.subarray(0, 2));
  writer.u16(flagsOf(query, rcode, authoritative));
  writer.u32(0);
  writer.u32(0);
}

/** QR set; opcode and RD as they came (RFC 1035 §4.1.1); CD and AD clear (RFC 4035 §3.1.6). */
function flagsOf(query: Uint8Array, rcode: number, authoritative: boolean): number {
  return 0x8000 | (((query[2] ?? 0) & 0x79) << 8) | (authoritative ? 0x400 : 0) | (rcode & 15);
}

interface SectionCounts {
  answers: number;
  authorities: number;
  additionals: number;
  truncated: boolean;
  complete: boolean;
}

function writeSections(answer: Answer): SectionCounts {
  const counts: SectionCounts = {
    answers: 0,
    authorities: 0,
    additionals: 0,
    truncated: false,
    complete: true,
  };
  counts.answers = writeNeeded(answer.answers, counts);
  if (counts.truncated) return counts;
  counts.authorities = writeNeeded(answer.authorities, counts);
  if (counts.truncated && answer.authoritiesOptional) counts.truncated = false;
  if (!counts.complete) return counts;
  for (const { rrset, inDomain } of answer.additionals) {
    const mark = writer.length;
    writeRRset(rrset.owner, rrset);
    if (!writer.overflowed) {
      counts.additionals += rrset.rdatas.length;
      continue;
    }
    writer.rewind(mark);
    counts.complete = false;
    // RFC 9471 §3.1; a name server's address beside an answer is a courtesy. In-domain glue comes first, so nothing that is
    // needed follows, and trying all the rest would be work without a bound.
    counts.truncated = inDomain && answer.answers.length === 0 && !answer.authoritative;
    break;
  }
  return counts;
}

/** Writes RRset by RRset until one doesn't fit; gives the number of records written. */
function writeNeeded(section: readonly AnswerRRset[], counts: SectionCounts): number {
  let written = 0;
  for (const { owner, rrset } of section) {
    const mark = writer.length;
    writeRRset(owner, rrset);
    if (writer.overflowed) {
      writer.rewind(mark);
      counts.truncated = true;
      counts.complete = false;
      break;
    }
    written += rrset.rdatas.length;
  }
  return written;
}

function writeRRset(owner: DomainName, rrset: ZoneRRset): void {
  const type = recordTypeOf(rrset.type);
  // RFC 3597 §4: names in the data of RFC 1035's types only.
  const compressed = type?.names === 'compressed' ? type : undefined;
  for (const rdata of rrset.rdatas) {
    writer.name(owner, 'compressed');
    writer.u16(rrset.type);
    writer.u16(rrset.class);
    writer.u32(rrset.ttl);
    if (compressed === undefined) {
      writer.u16(rdata.length);
      writer.put(rdata);
    } else {
      const lengthAt = writer.length;
      writer.u16(0);
      compressed.copy(new WireReader(rdata, 0, rdata.length, false), writer, 'compressed');
      if (!writer.overflowed) writer.patchU16(lengthAt, writer.length - lengthAt - 2);
    }
    if (writer.overflowed) return;
  }
}

/** RFC 6891 §6.1.3: version 0, DO as it came (RFC 3225 §3). */
function writeOpt(rcode: number, dnssecOk: boolean, ownUdpSize: number): void {
  writer.u8(0);
  writer.u16(rrType.OPT);
  writer.u16(ownUdpSize);
  writer.u8(rcode >>> 4);
  writer.u8(0);
  writer.u16(dnssecOk ? 0x8000 : 0);
  writer.u16(0);
}
