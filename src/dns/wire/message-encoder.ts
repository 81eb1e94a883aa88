// Encodes DNS messages (RFC 1035 §4.1) with EDNS(0) (RFC 6891), whole or cut down to a limit at the bounds of RRsets
// (RFC 2181 §9). Owner names, and names in the data of RFC 1035's types only, are compressed (RFC 3597 §4).
import type { Edns, Message } from './message.ts';
import { opt } from './rdata/opt.ts';
import type { ResourceRecord } from './record.ts';
import { writeRecord } from './record-writer.ts';
import { rrType } from './rr-type.ts';
import { maxMessageLength, WireWriter } from './writer.ts';

/** One for all messages: encoding is synchronous, and its buffer and tables need not be made anew each time. */
const writer = new WireWriter();

/**
 * The message in at most `limit` octets (65,535 unless given). What doesn't fit is left out by whole RRsets: from the answer and
 * authority sections TC is then set and nothing follows; from the additional section only glue that a referral can't do without sets
 * TC (RFC 9471 §3.1). Question, OPT and TSIG are always kept, whatever the limit.
 * A response code above 15 needs `edns`; without it the lower four bits would mean something else, so SERVFAIL stands for it.
 */
export function encodeMessage(message: Message, limit: number = maxMessageLength): Uint8Array {
  writer.limit = maxMessageLength;
  writer.rewind(0);
  const { edns, additionals } = message;
  const last = additionals.at(-1);
  const tsig = last?.type === rrType.TSIG ? last : undefined;
  writer.u16(message.id);
  writer.u16(flagsOf(message));
  writer.u16(message.questions.length);
  writer.u16(0);
  writer.u32(0);
  for (const question of message.questions) {
    writer.name(question.name, 'compressed');
    writer.u16(question.type);
    writer.u16(question.class);
  }
  let reserved = 0;
  if (edns !== undefined) reserved += ednsLength(edns);
  if (tsig !== undefined) reserved += tsig.owner.wire.length + 10 + tsig.rdata.length;
  writer.limit = Math.max(writer.length, Math.min(limit, maxMessageLength) - reserved);
  let truncated = message.truncated;
  const answers = writeRRsets(message.answers);
  let authorities = 0;
  let extras = 0;
  if (answers < message.answers.length) truncated = true;
  else {
    authorities = writeRRsets(message.authorities);
    if (authorities < message.authorities.length) truncated = true;
    else {
      const fitting = tsig === undefined ? additionals : additionals.slice(0, -1);
      const { written, leftOut } = writeAdditionals(fitting);
      extras = written;
      if (leftOut.length > 0 && lacksNeededGlue(message, leftOut)) truncated = true;
    }
  }
  writer.limit = maxMessageLength;
  if (edns !== undefined) {
    writeEdns(edns, message.rcode);
    extras += 1;
  }
  if (tsig !== undefined) {
    // RFC 8945 §5.1: last of the message; its names are never compressed, so that what was reserved is right.
    writer.put(tsig.owner.wire);
    writer.u16(tsig.type);
    writer.u16(tsig.class);
    writer.u32(tsig.ttl);
    writer.u16(tsig.rdata.length);
    writer.put(tsig.rdata);
    extras += 1;
  }
  if (writer.overflowed)
    throw new RangeError('a DNS message whose questions, OPT and TSIG exceed 65535 octets');
  writer.patchU16(6, answers);
  writer.patchU16(8, authorities);
  writer.patchU16(10, extras);
  if (truncated !== message.truncated) writer.patchU16(2, flagsOf(message) | 0x200);
  return writer.finish();
}

function flagsOf(message: Message): number {
  const rcode = message.rcode > 15 && message.edns === undefined ? 2 : message.rcode & 15;
  return (
    (message.response ? 0x8000 : 0) |
    ((message.opcode & 15) << 11) |
    (message.authoritative ? 0x400 : 0) |
    (message.truncated ? 0x200 : 0) |
    (message.recursionDesired ? 0x100 : 0) |
    (message.recursionAvailable ? 0x80 : 0) |
    (message.authenticData ? 0x20 : 0) |
    (message.checkingDisabled ? 0x10 : 0) |
    rcode
  );
}

/** Writes RRset by RRset until one doesn't fit; gives the number of records written. */
function writeRRsets(records: readonly ResourceRecord[]): number {
  let at = 0;
  while (at < records.length) {
    const mark = writer.length;
    const end = endOfRRset(records, at);
    writeRange(records, at, end);
    if (writer.overflowed) {
      writer.rewind(mark);
      return at;
    }
    at = end;
  }
  return at;
}

/** Writes the RRsets that fit, and passes over those that don't. */
function writeAdditionals(records: readonly ResourceRecord[]): {
  readonly written: number;
  readonly leftOut: readonly ResourceRecord[];
} {
  let written = 0;
  const leftOut: ResourceRecord[] = [];
  for (let at = 0; at < records.length;) {
    const end = endOfRRset(records, at);
    const mark = writer.length;
    writeRange(records, at, end);
    if (writer.overflowed) {
      writer.rewind(mark);
      leftOut.push(...records.slice(at, end));
    } else {
      written += end - at;
    }
    at = end;
  }
  return { written, leftOut };
}

function writeRange(records: readonly ResourceRecord[], from: number, to: number): void {
  for (let i = from; i < to && !writer.overflowed; i++) {
    const record = records[i];
    if (record !== undefined) writeRecord(writer, record);
  }
}

/** Where the RRset that starts at `from` ends: at the first record of another owner, class or type. */
function endOfRRset(records: readonly ResourceRecord[], from: number): number {
  const first = records[from];
  let end = from + 1;
  if (first === undefined) return end;
  for (; end < records.length; end++) {
    const record = records[end];
    if (record?.type !== first.type || record.class !== first.class) break;
    if (record.owner !== first.owner && !record.owner.equals(first.owner)) break;
  }
  return end;
}

/**
 * RFC 9471 §3.1: a referral whose glue for name servers inside the delegated zone is not all there is a truncated one. Whether glue is
 * in the zone shows by its name being at or below the NS records' owner.
 */
function lacksNeededGlue(message: Message, leftOut: readonly ResourceRecord[]): boolean {
  if (message.answers.length > 0 || message.authoritative || !message.response) return false;
  const cut = message.authorities.find((record) => record.type === rrType.NS)?.owner;
  if (cut === undefined) return false;
  return leftOut.some(
    ({ type, owner }) => (type === rrType.A || type === rrType.AAAA) && owner.isAtOrBelow(cut),
  );
}

function ednsLength(edns: Edns): number {
  let length = 11;
  for (const option of edns.options) length += 4 + option.bytes.length;
  return length;
}

/*              +0 (MSB)                            +1 (LSB)         RFC 6891 §6.1.3: the TTL of OPT
   +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
0: |         EXTENDED-RCODE        |            VERSION            |
   +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+
2: | DO|                           Z                               |
   +---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+---+  */
function writeEdns(edns: Edns, rcode: number): void {
  writer.u8(0);
  writer.u16(rrType.OPT);
  writer.u16(edns.udpSize);
  writer.u8(rcode >>> 4);
  writer.u8(edns.version);
  writer.u16(edns.dnssecOk ? 0x8000 : 0);
  writer.u16(ednsLength(edns) - 11);
  opt.write(writer, edns);
}
