// Turns an answer into octets, at most as many as the client takes: whole RRsets only, TC where something that the answer
// needs is missing (RFC 2181 §9), and glue that a referral can't do without counts as needed (RFC 9471 §3.1).
import type { ZoneRRset } from '../zone/zone.ts';
import { utf8ToBytes } from '../../lib/bytes.ts';
import { rcode } from '../wire/codes.ts';
import type { DomainName } from '../wire/name.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { recordTypeOf } from '../wire/rdata/registry.ts';
import { WireReader } from '../wire/reader.ts';
import { rrType } from '../wire/rr-type.ts';
import { WireWriter, maxMessageLength } from '../wire/writer.ts';
import type { Answer, AnswerRRset } from './answer.ts';
import type { AnswerProtocol } from '../protocol/answer-protocol.ts';
import type { ParsedQuestion, QueryEdns } from './query.ts';

/** How much there may be. */
export interface ReplyLimits {
  /** Octets of the whole message. */
  readonly limit: number;
  /** Of them the most that the OPT record takes, as `AnswerProtocol.readOptions` gave it. */
  readonly optLength: number;
}

/** One for all answers: writing is synchronous, and its buffer and tables need not be made anew each time. */
const writer = new WireWriter();

/** Answers `question`, which was read from `query`. `limit` is 512 at least, so header, question and OPT always fit. */
export function writeAnswer(
  query: Uint8Array,
  question: ParsedQuestion,
  answer: Answer,
  protocol: AnswerProtocol,
  { limit, optLength }: ReplyLimits,
): Uint8Array {
  start(query, answer.rcode, answer.authoritative);
  writer.patchU16(4, 1);
  writer.name(question.name, 'compressed');
  writer.u16(question.type);
  writer.u16(question.class);
  writer.limit = limit - (question.edns === undefined ? 0 : optLength);
  const counts = writeSections(answer);
  writer.limit = maxMessageLength;
  if (question.edns !== undefined) writeOpt(question.edns, answer.rcode, protocol, limit);
  if (counts.truncated) writer.patchU16(2, flagsOf(query, answer.rcode, answer.authoritative) | 0x200);
  writer.patchU16(6, counts.answers);
  writer.patchU16(8, counts.authorities);
  writer.patchU16(10, counts.additionals + (question.edns === undefined ? 0 : 1));
  return writer.finish();
}

/** What a reply without records says. */
export interface BareReply {
  readonly rcode: number;
  /** The end of the question to repeat, 12 for none. */
  readonly questionEnd: number;
  /** Where there was EDNS in the query: a code above 15 needs it (RFC 6891 §6.1.3). */
  readonly edns: QueryEdns | undefined;
  /** TC: ask again over TCP. */
  readonly truncated?: boolean;
}

/** A reply without records: an error, most often. */
export function writeBare(query: Uint8Array, reply: BareReply, protocol: AnswerProtocol): Uint8Array {
  const { questionEnd, edns } = reply;
  start(query, reply.rcode, false);
  if (reply.truncated === true) writer.patchU16(2, flagsOf(query, reply.rcode, false) | 0x200);
  if (questionEnd > headerLength) {
    writer.put(query.subarray(headerLength, questionEnd));
    writer.patchU16(4, 1);
  }
  if (edns !== undefined) {
    writeOpt(edns, reply.rcode, protocol, maxMessageLength);
    writer.patchU16(10, 1);
  }
  return writer.finish();
}

/** Answers a question of class CHAOS by one TXT record, which nobody is to keep (RFC 4892 §3): at most 255 octets of `text`. */
export function writeText(
  query: Uint8Array,
  question: ParsedQuestion,
  text: string,
  protocol: AnswerProtocol,
): Uint8Array {
  const octets = utf8ToBytes(text).subarray(0, 255);
  start(query, rcode.NOERROR, true);
  writer.patchU16(4, 1);
  writer.patchU16(6, 1);
  writer.name(question.name, 'compressed');
  writer.u16(question.type);
  writer.u16(question.class);
  writer.name(question.name, 'compressed');
  writer.u16(rrType.TXT);
  writer.u16(question.class);
  writer.u32(0);
  writer.u16(1 + octets.length);
  writer.u8(octets.length);
  writer.put(octets);
  if (question.edns !== undefined) {
    writeOpt(question.edns, rcode.NOERROR, protocol, maxMessageLength);
    writer.patchU16(10, 1);
  }
  return writer.finish();
}

function start(query: Uint8Array, code: number, authoritative: boolean): void {
  writer.limit = maxMessageLength;
  writer.rewind(0);
  writer.put(query.subarray(0, 2));
  writer.u16(flagsOf(query, code, authoritative));
  writer.u32(0);
  writer.u32(0);
}

/** QR set; opcode and RD as they came (RFC 1035 §4.1.1); CD and AD clear (RFC 4035 §3.1.6). */
function flagsOf(query: Uint8Array, code: number, authoritative: boolean): number {
  return 0x8000 | (((query[2] ?? 0) & 0x79) << 8) | (authoritative ? 0x400 : 0) | (code & 15);
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
  counts.authorities = writeNeeded(answer.authorities.slice(0, answer.authoritiesNeeded), counts);
  if (counts.truncated) return counts;
  counts.authorities += writeNeeded(answer.authorities.slice(answer.authoritiesNeeded), counts);
  // RFC 2181 §9: nothing that is needed is missing.
  counts.truncated = false;
  if (!counts.complete) return counts;
  for (const { rrset, inDomain } of answer.additionals) {
    const mark = writer.length;
    const written = writeSigned(rrset.owner, rrset, answer.dnssecOk);
    if (!writer.overflowed) {
      counts.additionals += written;
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
  for (const { owner, rrset, signed } of section) {
    const mark = writer.length;
    const records = writeSigned(owner, rrset, signed);
    if (writer.overflowed) {
      writer.rewind(mark);
      counts.truncated = true;
      counts.complete = false;
      break;
    }
    written += records;
  }
  return written;
}

/** Writes an RRset, and with it what signs it (RFC 4035 §3.1.1); gives the number of records. */
function writeSigned(owner: DomainName, rrset: ZoneRRset, signed: boolean): number {
  writeRRset(owner, rrset);
  const signatures = signed && !writer.overflowed ? rrset.signatures : undefined;
  if (signatures === undefined) return rrset.rdatas.length;
  writeRRset(owner, signatures);
  return rrset.rdatas.length + signatures.rdatas.length;
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

/** Options and padding: less than a block of it and all the others. */
const optScratch = new Uint8Array(1024);

function writeOpt(edns: QueryEdns, code: number, protocol: AnswerProtocol, limit: number): void {
  // The message starts as many octets before the scratch buffer as there are of it already.
  const length = protocol.writeOpt(optScratch, -writer.length, 0, limit, code, edns.dnssecOk);
  writer.put(optScratch.subarray(0, length));
}
