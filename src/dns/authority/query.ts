// Reads what the authority needs of a query (RFC 1035 §4.1, RFC 6891): one question and EDNS. The common shapes, a question
// with or without an OPT record behind it, are read where they lie; anything else goes through the message decoder.
import { rrType } from '../wire/rr-type.ts';
import { decodeMessage, hasQueryCounts, headerLength } from '../wire/message-decoder.ts';
import type { Edns } from '../wire/message.ts';
import { DomainName, maxLabelLength, maxNameLength } from '../wire/name.ts';
import { opcode } from '../wire/codes.ts';
import { WireReader } from '../wire/reader.ts';

export interface QueryEdns {
  readonly version: number;
  /** As the client gave it; below 512 it counts as 512 (RFC 6891 §6.2.3). */
  readonly udpSize: number;
  readonly dnssecOk: boolean;
  /** Where its options lie, which may be malformed: none are read of another version (RFC 6891 §6.1.3). */
  readonly optionsAt: number;
  readonly optionsEnd: number;
}

export type ParsedQuery =
  /** Nothing is said: too short for a header, or a response itself (answering one could make two servers talk for ever). */
  | { readonly kind: 'ignored' }
  /** The opcode is not QUERY. */
  | {
      readonly kind: 'other-opcode';
      readonly questionEnd: number;
      readonly edns: QueryEdns | undefined;
    }
  /** No question that can be answered; `questionEnd` is where a readable one ends, else 12. */
  | { readonly kind: 'malformed'; readonly questionEnd: number }
  /** No question at all, but EDNS: what a client asks a cookie by (RFC 7873 §5.4). */
  | { readonly kind: 'no-question'; readonly edns: QueryEdns }
  | ParsedQuestion;

export interface ParsedQuestion {
  readonly kind: 'question';
  readonly name: DomainName;
  readonly type: number;
  readonly class: number;
  /** Where the question ends: octets 12 to here are repeated in the answer as they came. */
  readonly questionEnd: number;
  readonly edns: QueryEdns | undefined;
}

const ignored: ParsedQuery = { kind: 'ignored' };

/** Copies what it keeps; `bytes` may be reused afterwards. */
export function parseQuery(bytes: Uint8Array): ParsedQuery {
  if (bytes.length < headerLength || isResponse(bytes)) return ignored;
  if (opcodeOf(bytes) !== opcode.QUERY) return parseOther(bytes);
  // RFC 9619 §3: a query has one question; none is for DNS cookies alone.
  if (u16(bytes, 4) === 0) return parseNoQuestion(bytes);
  if (u16(bytes, 4) !== 1) return { kind: 'malformed', questionEnd: headerLength };
  const nameEnd = endOfName(bytes, headerLength);
  if (nameEnd === undefined || nameEnd + 4 > bytes.length)
    return { kind: 'malformed', questionEnd: headerLength };
  const questionEnd = nameEnd + 4;
  const edns = readEdns(bytes, questionEnd);
  if (edns === 'malformed') return { kind: 'malformed', questionEnd };
  return {
    kind: 'question',
    name: DomainName.unchecked(bytes.slice(headerLength, nameEnd)),
    type: u16(bytes, nameEnd),
    class: u16(bytes, nameEnd + 2),
    questionEnd,
    edns,
  };
}

function parseNoQuestion(bytes: Uint8Array): ParsedQuery {
  const edns = readEdns(bytes, headerLength);
  return edns === undefined || edns === 'malformed'
    ? { kind: 'malformed', questionEnd: headerLength }
    : { kind: 'no-question', edns };
}

/** Only as far as a refusal repeats it: without an OPT record it would say that we know no EDNS (RFC 6891 §7). */
function parseOther(bytes: Uint8Array): ParsedQuery {
  if (!hasQueryCounts(bytes)) return { kind: 'other-opcode', questionEnd: headerLength, edns: undefined };
  const message = decodeMessage(bytes);
  const nameEnd = u16(bytes, 4) === 1 ? endOfName(bytes, headerLength) : undefined;
  return {
    kind: 'other-opcode',
    questionEnd: message.ok && nameEnd !== undefined ? nameEnd + 4 : headerLength,
    edns: message.ok ? locateEdns(bytes, message.value.edns) : undefined,
  };
}

function isResponse(bytes: Uint8Array): boolean {
  return ((bytes[2] ?? 0) & 0x80) !== 0;
}

function opcodeOf(bytes: Uint8Array): number {
  return ((bytes[2] ?? 0) >>> 3) & 15;
}

/**
 * Where the name that starts at `at` ends. A pointer has nothing to point to before the first name of a message, so only
 * plain labels are read.
 */
export function endOfName(bytes: Uint8Array, at: number): number | undefined {
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    if (length > maxLabelLength) return undefined;
    at += length + 1;
    if (at - headerLength > maxNameLength) return undefined;
    if (length === 0) return at;
  }
  return undefined;
}

/** The OPT record of what follows the question, if there is one. */
function readEdns(bytes: Uint8Array, at: number): QueryEdns | undefined | 'malformed' {
  const [answers, authorities, additionals] = [u16(bytes, 6), u16(bytes, 8), u16(bytes, 10)];
  if (answers === 0 && authorities === 0) {
    if (additionals === 0) return at === bytes.length ? undefined : 'malformed';
    // A root owner and type OPT, its data reaching to the end.
    if (additionals === 1 && bytes[at] === 0 && u16(bytes, at + 1) === rrType.OPT)
      return readOpt(bytes, at + 1);
  }
  if (!hasQueryCounts(bytes)) return 'malformed';
  const message = decodeMessage(bytes);
  if (!message.ok) return 'malformed';
  // An IXFR question has a SOA in its authority section (RFC 1995 §3); nothing else has a use there, or among the answers.
  if (message.value.answers.length > 0) return 'malformed';
  return locateEdns(bytes, message.value.edns);
}

/** Finds the options of an OPT record that stands among others, in a message that was decoded. */
function locateEdns(bytes: Uint8Array, edns: Edns | undefined): QueryEdns | undefined {
  if (edns === undefined) return undefined;
  const reader = new WireReader(bytes, headerLength);
  for (let questions = u16(bytes, 4); questions > 0; questions--) {
    reader.skipName();
    reader.skip(4);
  }
  while (reader.fault === undefined && reader.remaining > 0) {
    reader.skipName();
    const type = reader.u16();
    reader.skip(6);
    const length = reader.u16();
    if (type === rrType.OPT) return { ...edns, optionsAt: reader.at, optionsEnd: reader.at + length };
    reader.skip(length);
  }
  return undefined;
}

/** `at` is where OPT's type stands: type, size, extended rcode, version, flags, length, options (RFC 6891 §6.1.2). */
function readOpt(bytes: Uint8Array, at: number): QueryEdns | 'malformed' {
  const version = bytes[at + 5] ?? 0;
  if (!reachesToEnd(bytes, at)) return 'malformed';
  return {
    udpSize: u16(bytes, at + 2),
    version,
    dnssecOk: ((bytes[at + 6] ?? 0) & 0x80) !== 0,
    optionsAt: at + 10,
    optionsEnd: bytes.length,
  };
}

function reachesToEnd(bytes: Uint8Array, at: number): boolean {
  return bytes.length === at + 10 + u16(bytes, at + 8);
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
