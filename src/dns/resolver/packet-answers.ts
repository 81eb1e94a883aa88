// Answers the plain questions, almost all there are, from the packets in shared memory: opcode QUERY with RD, one question of class IN, nothing
// behind it but an OPT record. What isn't plain or isn't there goes to `ResolverFront`, which writes the same answers, and
// a test holds the two together. Clients that may not use the resolver get no further than here.
//
// A hot path, run by every datagram thread: no object is made for an answer, and no lock is taken. A slot's version tells whether what was
// copied is what the slot stood for (packet-memory.ts). Measure it by bench/micro/resolver-packets.ts: 0.7 µs for an address of a name
// of 14 octets on a busy 2-core machine, against 5 µs and more that the system takes for the datagrams.
import type { AddressBlocks } from '../../lib/address-blocks.ts';
import type { AnswerProtocol } from '../protocol/answer-protocol.ts';
import { answerKind, rateVerdict } from '../protocol/rate-limiter.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import { extendedError, extendedErrorOption } from '../wire/edns-option.ts';
import { lowerOctets } from '../wire/lower-octets.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import { inEntry, inSlot, slotsInBucket, slotWords, use, variantOf } from './packet-memory.ts';
import type { PacketMemory } from './packet-memory.ts';

/** What `answer` gives where nobody has an answer yet. */
export const notKept = -1;

/** Without EDNS (RFC 1035 §4.2.1). */
export const plainUdpSize = 512;
/** RFC 1035 §2.3.4 */
const mostNameOctets = 255;
const longestLabel = 63;
/** TC, in the third octet of a header. */
const truncated = 2;
/** Copies up to there are faster octet by octet than through a view made for them. */
const shortCopy = 256;
/** The share of its time that an answer has left when it counts as near its end. */
const nearEnd = 0.1;

const notForYou: Uint8Array = extendedErrorOption({
  code: extendedError.PROHIBITED,
  text: 'this resolver is not for your address',
}).bytes;

const tooMany: Uint8Array = extendedErrorOption({
  code: extendedError.OTHER,
  text: 'too many questions come from your network',
}).bytes;

export interface PacketAnswersOptions {
  /** `undefined`: no packet is looked for; clients that aren't allowed are refused, and that is all. */
  readonly memory: PacketMemory | undefined;
  readonly protocol: AnswerProtocol;
  /** Who may use the resolver. */
  readonly access: AddressBlocks;
  /** The monotonic clock that the packets were written by, in milliseconds. */
  readonly now: () => number;
}

export class PacketAnswers {
  readonly #memory: PacketMemory | undefined;
  readonly #protocol: AnswerProtocol;
  readonly #access: AddressBlocks;
  readonly #clock: () => number;
  #now = 0;

  // What was read of the query.
  #isPlain = false;
  #variant = 0;
  #type = 0;
  #questionLength = 0;
  #dnssecOk = false;
  /** Octets kept for the OPT record; 0 without one. */
  #most = 0;
  #room = 0;

  constructor(options: PacketAnswersOptions) {
    this.#memory = options.memory;
    this.#protocol = options.protocol;
    this.#access = options.access;
    this.#clock = options.now;
    this.tick();
  }

  /** Takes the time for all answers until the next call: once for each batch of datagrams. */
  tick(): void {
    this.#now = this.#clock();
    this.#protocol.tick();
  }

  /**
   * Answers the query that lies in `query` from `at`, `length` octets of it, into `out` from `outAt`, in at most `limit` octets and what the client takes.
   * The protocol must have been told of the client. Gives the answer's length; 0 where nothing must be said; {@link notKept} where the
   * resolver is to be asked (then `out` may have been scribbled on). Never writes to `query`. Doesn't throw on input.
   */
  answer(
    query: Uint8Array,
    at: number,
    length: number,
    out: Uint8Array,
    outAt: number,
    limit: number,
  ): number {
    // A response is never answered: two servers would answer each other for ever.
    if (length < headerLength || ((query[at + 2] ?? 0) & 0x80) !== 0) return 0;
    const protocol = this.#protocol;
    const isPlain = this.#read(query, at, length, limit);
    // Whatever it says, it has no options that could be believed.
    if (!isPlain) protocol.readOptions(query, at, at);
    if (protocol.limited) {
      const verdict = protocol.verdict(answerKind.positive, 0);
      if (verdict !== rateVerdict.send && !protocol.mayBeForged)
        return this.#refuse(query, at, out, outAt, isPlain, tooMany);
      if (verdict === rateVerdict.slip && isPlain) return this.#slip(query, at, out, outAt);
      if (verdict !== rateVerdict.send) return 0;
    }
    if (!protocol.isIn(this.#access)) return this.#refuse(query, at, out, outAt, isPlain, notForYou);
    this.#isPlain = isPlain;
    return isPlain ? this.#find(query, at, out, outAt) : notKept;
  }

  /**
   * As `answer`, for a query to which that gave {@link notKept} when it came, and that has waited since for a packet to be written: it was counted then. The
   * protocol must have been told of the client.
   */
  answerWaiting(query: Uint8Array, at: number, length: number, out: Uint8Array, limit: number): number {
    return this.#read(query, at, length, limit) ? this.#find(query, at, out, 0) : notKept;
  }

  /** Whether the query that `answer` gave {@link notKept} for is plain, and of a client that leaves validation to us and doesn't want to see signatures. */
  get asksPlainly(): boolean {
    return this.#isPlain && this.#variant === 0;
  }

  /** Of that query, its type, and octets of its header and question. */
  get type(): number {
    return this.#type;
  }

  get questionLength(): number {
    return this.#questionLength;
  }

  #find(query: Uint8Array, at: number, out: Uint8Array, outAt: number): number {
    const memory = this.#memory;
    const variant = variantOf(this.#dnssecOk, ((query[at + 3] ?? 0) & 0x10) !== 0);
    this.#variant = variant;
    if (memory === undefined) return notKept;
    const { words } = memory;
    const hash = memory.hash(query, at + headerLength, at + this.#questionLength - 4, this.#type, variant);
    const first = memory.bucketAt(hash);
    for (let slot = first; slot < first + slotsInBucket * slotWords; slot += slotWords) {
      if (words[slot + inSlot.hash] !== hash) continue;
      const version = Atomics.load(words, slot + inSlot.version);
      const place = words[slot + inSlot.place] ?? 0;
      if ((version & 1) !== 0 || place === 0 || words[slot + inSlot.hash] !== hash) continue;
      const written = this.#copy(memory, memory.logAt + place - 1, variant, slot, query, at, out, outAt);
      if (written < 0 || Atomics.load(words, slot + inSlot.version) !== version) return notKept;
      return written;
    }
    return notKept;
  }

  /** Whether it is a plain query; what there is to know of it is then in fields. */
  #read(query: Uint8Array, at: number, length: number, limit: number): boolean {
    const end = at + length;
    // RD alone; AD and CD may be set; one question, and at most an OPT record.
    if (query[at + 2] !== 1 || ((query[at + 3] ?? 0) & 0xcf) !== 0) return false;
    if (query[at + 4] !== 0 || query[at + 5] !== 1 || query[at + 6] !== 0 || query[at + 7] !== 0)
      return false;
    if (query[at + 8] !== 0 || query[at + 9] !== 0 || query[at + 10] !== 0) return false;
    let next = at + headerLength;
    for (;;) {
      if (next >= end) return false;
      const label = query[next] ?? 0;
      next += 1;
      if (label === 0) break;
      if (label > longestLabel) return false;
      next += label;
    }
    if (next - at - headerLength > mostNameOctets || next + 4 > end) return false;
    if (query[next + 2] !== 0 || query[next + 3] !== rrClass.IN) return false;
    this.#type = u16(query, next);
    next += 4;
    this.#questionLength = next - at;
    const protocol = this.#protocol;
    const isUdp = protocol.transport === 'udp';
    this.#dnssecOk = false;
    this.#most = 0;
    this.#room = isUdp && limit > plainUdpSize ? plainUdpSize : limit;
    if (query[at + 11] !== 1) {
      protocol.readOptions(query, end, end);
      return query[at + 11] === 0 && next === end;
    }
    // One OPT record of version 0 that reaches to the end (RFC 6891 §6.1.2).
    if (next + 11 > end || query[next] !== 0 || u16(query, next + 1) !== rrType.OPT) return false;
    if (query[next + 6] !== 0 || next + 11 + u16(query, next + 9) !== end) return false;
    this.#dnssecOk = ((query[next + 7] ?? 0) & 0x80) !== 0;
    this.#most = protocol.readOptions(query, next + 11, end);
    if (this.#most < 0) return false;
    // RFC 6891 §6.2.3: less than 512 counts as 512.
    if (isUdp) this.#room = Math.min(limit, Math.max(plainUdpSize, u16(query, next + 3)));
    return true;
  }

  /** The answer of the entry at `entry`, or -1 where it is another question's, or ended. What it reads may be overwritten meanwhile: the caller finds out. */
  #copy(
    memory: PacketMemory,
    entry: number,
    variant: number,
    slot: number,
    query: Uint8Array,
    at: number,
    out: Uint8Array,
    outAt: number,
  ): number {
    const { words, doubles, bytes } = memory;
    const now = this.#now;
    const kept = doubles[(entry + inEntry.kept) >>> 3] ?? 0;
    const expires = doubles[(entry + inEntry.expires) >>> 3] ?? 0;
    const questionLength = this.#questionLength;
    if (expires <= now || words[(entry + inEntry.questionEnd) >>> 2] !== questionLength) return -1;
    if (words[(entry + inEntry.variant) >>> 2] !== variant) return -1;
    const body = entry + inEntry.body;
    for (let i = headerLength; i < questionLength - 4; i++)
      if (bytes[body + i] !== lowerOctets[query[at + i] ?? 0]) return -1;
    for (let i = questionLength - 4; i < questionLength; i++)
      if (bytes[body + i] !== query[at + i]) return -1;

    let bodyLength = words[(entry + inEntry.bodyLength) >>> 2] ?? 0;
    const errorLength = words[(entry + inEntry.errorLength) >>> 2] ?? 0;
    const errorAt = body + bodyLength;
    const code = (bytes[body + 3] ?? 0) & 15;
    const authentic = ((bytes[body + 3] ?? 0) & 0x20) !== 0;
    this.#begin(query, at, out, outAt, code, authentic);
    if (bodyLength + this.#most > this.#room || bodyLength < questionLength) {
      // RFC 2181 §9: whoever asked comes back over TCP, for all of it.
      bodyLength = questionLength;
      out[outAt + 2] = (out[outAt + 2] ?? 0) | truncated;
    } else {
      // AA, where the resolver says so of its own accord.
      out[outAt + 2] = (out[outAt + 2] ?? 0) | ((bytes[body + 2] ?? 0) & 0x04);
      for (let i = 6; i < headerLength; i++) out[outAt + i] = bytes[body + i] ?? 0;
      if (bodyLength - questionLength > shortCopy)
        out.set(bytes.subarray(body + questionLength, body + bodyLength), outAt + questionLength);
      else for (let i = questionLength; i < bodyLength; i++) out[outAt + i] = bytes[body + i] ?? 0;
      // Rounded up: no TTL may come out longer than it is.
      const age = Math.ceil((now - kept) / 1000);
      const ttls = words[(entry + inEntry.ttls) >>> 2] ?? 0;
      if (age > 0) takeOff(bytes, errorAt + errorLength, ttls, age, out, outAt, bodyLength);
    }
    if (expires - now < (expires - kept) * nearEnd) {
      if (words[slot + inSlot.use] !== use.wanted) {
        words[slot + inSlot.use] = use.wanted;
        memory.want(slot);
      }
    } else if (words[slot + inSlot.use] === use.none) words[slot + inSlot.use] = use.answered;
    if (this.#most > 0 && errorLength > 0) this.#protocol.explainBy(bytes, errorAt, errorLength);
    return this.#finish(out, outAt, bodyLength, code);
  }

  /** Header and question; no records yet. */
  #begin(
    query: Uint8Array,
    at: number,
    out: Uint8Array,
    outAt: number,
    code: number,
    authentic: boolean,
  ): void {
    out[outAt] = query[at] ?? 0;
    out[outAt + 1] = query[at + 1] ?? 0;
    // QR, and RD as it came (RFC 1035 §4.1.1).
    out[outAt + 2] = 0x80 | ((query[at + 2] ?? 0) & 0x79);
    const flags = query[at + 3] ?? 0;
    // RA; CD is copied (RFC 4035 §3.2.2); AD is for those who say that they understand it, by DO or by AD (RFC 6840 §5.7).
    const tellsAuthentic = authentic && (this.#dnssecOk || (flags & 0x20) !== 0);
    out[outAt + 3] = 0x80 | (flags & 0x10) | (tellsAuthentic ? 0x20 : 0) | code;
    out[outAt + 4] = 0;
    out[outAt + 5] = 1;
    for (let i = 6; i < headerLength; i++) out[outAt + i] = 0;
    for (let i = headerLength; i < this.#questionLength; i++) out[outAt + i] = query[at + i] ?? 0;
  }

  /** Adds the OPT record, where the query has one (RFC 6891 §6.1.1). */
  #finish(out: Uint8Array, outAt: number, length: number, code: number): number {
    if (this.#most === 0) return length;
    out[outAt + 11] = 1;
    const end = outAt + length;
    return this.#protocol.writeOpt(out, outAt, end, this.#room, code, this.#dnssecOk) - outAt;
  }

  /** For clients that may not use the resolver, or not so much. `error`: an extended error, as of the option's data. */
  #refuse(
    query: Uint8Array,
    at: number,
    out: Uint8Array,
    outAt: number,
    isPlain: boolean,
    error: Uint8Array,
  ): number {
    // What isn't plain isn't decoded for a stranger.
    if (!isPlain) {
      this.#questionLength = headerLength;
      this.#most = 0;
    }
    this.#begin(query, at, out, outAt, rcode.REFUSED, false);
    if (!isPlain) out[outAt + 5] = 0;
    this.#protocol.explainBy(error, 0, error.length);
    return this.#finish(out, outAt, this.#questionLength, rcode.REFUSED);
  }

  /** In place of the answer: TC, so that a real client comes over TCP; one with a cookie is told ours (RFC 7873 §5.2.3). */
  #slip(query: Uint8Array, at: number, out: Uint8Array, outAt: number): number {
    const byCookie = this.#most > 0 && this.#protocol.hasCookie;
    const code = byCookie ? rcode.BADCOOKIE : rcode.NOERROR;
    this.#begin(query, at, out, outAt, code & 15, false);
    if (!byCookie) out[outAt + 2] = (out[outAt + 2] ?? 0) | truncated;
    return this.#finish(out, outAt, this.#questionLength, code);
  }
}

/** Takes `age` seconds off each TTL of the response at `out`: where they stand, `count` numbers of two octets at `places` of `bytes` say. */
function takeOff(
  bytes: Uint8Array,
  places: number,
  count: number,
  age: number,
  out: Uint8Array,
  outAt: number,
  length: number,
): void {
  for (let place = places; place < places + 2 * count; place += 2) {
    const offset = u16(bytes, place);
    // Only ever so where the entry was overwritten meanwhile.
    if (offset + 4 > length) return;
    const at = outAt + offset;
    const ttl = u16(out, at) * 0x1_0000 + u16(out, at + 2) - age;
    const left = ttl > 0 ? ttl : 0;
    out[at] = left >>> 24;
    out[at + 1] = left >>> 16;
    out[at + 2] = left >>> 8;
    out[at + 3] = left;
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
