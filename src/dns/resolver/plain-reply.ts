// Reads the plainest replies of a zone's servers, and makes of them what a client is answered with: records of the very name and type that were
// asked for, or the zone's own SOA and nothing else (RFC 2308 §2). All else is left to `readReply`. What it takes, that one takes as well, and
// both say the same (a fuzz target holds them together); but into the data of records that nobody uses only that one looks.
//
// A hot path: the reply is read where it lies, and no object is made.
import { rcode, rrClass } from '../wire/codes.ts';
import { ednsOption } from '../wire/edns-option.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import {
  isLabelOfQuestion,
  isSameName,
  plainNameEnd,
  signedLabels,
  skipName,
  wholeNameEnd,
} from './plain-name.ts';
import { clientCookieLength, longestServerCookie, shortestServerCookie } from './upstream-cookie.ts';

export const plainReading = {
  /** It is no reply to the question: whoever sent it, the wait goes on (RFC 5452 §9.1). */
  foreign: 0,
  records: 1,
  /** Of the type, or of the name. */
  nodata: 2,
  nxdomain: 3,
  /** A reply to the question, but not so plain. */
  other: 4,
  /** As `other`, but without the server's cookie, which it should have: perhaps a forger's (RFC 7873 §5.3). */
  cookieLost: 5,
} as const;
export type PlainReading = (typeof plainReading)[keyof typeof plainReading];

/** The reply's question, octet for octet as it was sent, and what else it must fit. */
export interface PlainQuestion {
  /** The query as it was sent: id, name in its random case, type, class IN. */
  readonly sent: Uint8Array;
  /** Octets of its header and question. */
  readonly questionEnd: number;
  readonly type: number;
  /** Octets of the name of the zone whose server was asked; the question's name ends with it. */
  readonly zoneLength: number;
  /** Our cookie, of which the first octets are the client's (RFC 7873 §4); none was sent where its length is 0. */
  readonly cookie: Uint8Array;
  readonly cookieLength: number;
  readonly cookieRequired: boolean;
}

/** Records in one set: more are rare, and not so plain. */
const mostRecords = 16;
/** Of all sections. */
const mostInReply = 64;
const pointerToQuestion = 0xc0_00 | headerLength;
const soaNumbers = 20;
/** Octets in front of the signer's name (RFC 4034 §3.1). */
const signatureHead = 18;

/** Types whose data are taken as they are, but for what `#isPlainData` looks at. */
export function isPlainType(type: number): boolean {
  switch (type) {
    case rrType.A:
    case rrType.AAAA:
    case rrType.TXT:
    case rrType.MX:
    case rrType.PTR:
      return true;
    default:
      return false;
  }
}

/** What was read last is in its fields. */
export class PlainReply {
  /** Seconds, with nothing taken off by bounds: the least of the records', or of the SOA's TTL and its last field (RFC 2308 §5). */
  ttl = 0;
  rcode = 0;
  /** It neither answers nor denies, or is cut short (TC). */
  isFailure = false;
  /** Of the answer, without its signatures; or one for the SOA. */
  records = 0;
  /** Octets up to the end of the last of them: header, question, records as they lie in the reply. */
  end = 0;

  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #nameEnd = 0;
  #labels = 0;
  #hasCookie = false;
  #cookieIsForeign = false;

  /** Never throws on input. `length` octets of `bytes` are the reply. */
  read(bytes: Uint8Array, length: number, question: PlainQuestion): PlainReading {
    const { sent, questionEnd, type } = question;
    if (length < questionEnd || bytes[0] !== sent[0] || bytes[1] !== sent[1]) return plainReading.foreign;
    const [flags = 0, more = 0] = [bytes[2], bytes[3]];
    // QR and opcode 0; one question, and that as it was sent, with the case of its letters.
    if ((flags & 0xf8) !== 0x80 || bytes[4] !== 0 || bytes[5] !== 1) return plainReading.foreign;
    for (let i = headerLength; i < questionEnd; i++) if (bytes[i] !== sent[i]) return plainReading.foreign;
    this.#bytes = bytes;
    this.#length = length;
    this.#nameEnd = questionEnd - 4;
    this.#labels = signedLabels(bytes, this.#nameEnd);
    this.#hasCookie = false;
    this.#cookieIsForeign = false;
    this.rcode = more & 15;
    this.isFailure = (flags & 0x02) !== 0 || (this.rcode !== rcode.NOERROR && this.rcode !== rcode.NXDOMAIN);
    const answers = this.#u16(6);
    const authorities = this.#u16(8);
    const count = answers + authorities + this.#u16(10);
    const isPlain = count <= mostInReply && this.#readAll(question, answers, authorities, count);
    if (this.#cookieIsForeign) return plainReading.foreign;
    if (question.cookieRequired && !this.#hasCookie) return plainReading.cookieLost;
    // AA, and not TC (RFC 1035 §4.1.1).
    if (!isPlain || (flags & 0x06) !== 0x04) return plainReading.other;
    if (answers > 0)
      return this.rcode === rcode.NOERROR && isPlainType(type) ? plainReading.records : plainReading.other;
    if (this.rcode === rcode.NXDOMAIN) return plainReading.nxdomain;
    return this.rcode === rcode.NOERROR ? plainReading.nodata : plainReading.other;
  }

  /** Whether all of it is well formed, as far as it is looked at, and the part that makes the answer is plain. */
  #readAll(question: PlainQuestion, answers: number, authorities: number, count: number): boolean {
    let at = question.questionEnd;
    let isPlain = answers <= mostRecords && answers + authorities > 0;
    let hasOpt = false;
    this.ttl = 0x7fff_ffff;
    this.records = 0;
    this.end = at;
    for (let i = 0; i < count; i++) {
      const ownerAt = at;
      const dataHead = skipName(this.#bytes, at, this.#length);
      if (dataHead < 0 || dataHead + 10 > this.#length) return false;
      const type = this.#u16(dataHead);
      const dataAt = dataHead + 10;
      const dataEnd = dataAt + this.#u16(dataHead + 8);
      if (dataEnd > this.#length) return false;
      at = dataEnd;
      if (type === rrType.OPT) {
        // RFC 6891 §6.1.1 and §6.1.3: one, in the last section, of the root, with no part of a response code.
        if (hasOpt || i < answers + authorities || this.#bytes[ownerAt] !== 0) return false;
        hasOpt = true;
        if (this.#bytes[dataHead + 4] !== 0) isPlain = false;
        // The options of another version may look otherwise.
        if (this.#bytes[dataHead + 5] !== 0) isPlain = false;
        else if (!this.#readOptions(dataAt, dataEnd, question)) return false;
        continue;
      }
      if (!isPlain) continue;
      if (answers > 0 && i < answers)
        isPlain = this.#isOfAnswer(ownerAt, dataHead, dataAt, dataEnd, type, question);
      else if (answers === 0 && i === 0)
        isPlain = this.#isDenial(ownerAt, dataHead, dataAt, dataEnd, type, question);
      else isPlain = this.#isBesideAnswer(dataAt, type, answers > 0, question);
    }
    return at === this.#length && isPlain;
  }

  /** A record of the set that was asked for, or behind the last of these one of its RRSIGs (RFC 4035 §3.1.1). */
  #isOfAnswer(
    ownerAt: number,
    dataHead: number,
    dataAt: number,
    dataEnd: number,
    type: number,
    question: PlainQuestion,
  ): boolean {
    if (this.#u16(ownerAt) !== pointerToQuestion || this.#u16(dataHead + 2) !== rrClass.IN) return false;
    if (type === rrType.RRSIG)
      // One with fewer labels than the name is a wildcard's, and proofs belong to it (RFC 4035 §5.3.4).
      return (
        this.records > 0 &&
        this.#isSignature(dataAt, dataEnd) &&
        this.#u16(dataAt) === question.type &&
        this.#bytes[dataAt + 3] === this.#labels
      );
    const { questionEnd } = question;
    const isNext = type === question.type && (this.records === 0 || this.end === ownerAt);
    if (
      !isNext ||
      !this.#isPlainData(type, dataAt, dataEnd) ||
      !this.#isNew(type, questionEnd, dataAt, dataEnd)
    )
      return false;
    this.#boundTtl(this.#u32(dataHead + 4));
    this.records += 1;
    this.end = dataEnd;
    return true;
  }

  /** The zone's SOA, which must be the first that is said where there is nothing else (RFC 2308 §2). */
  #isDenial(
    ownerAt: number,
    dataHead: number,
    dataAt: number,
    dataEnd: number,
    type: number,
    { zoneLength }: PlainQuestion,
  ): boolean {
    const isGood =
      type === rrType.SOA &&
      this.#u16(dataHead + 2) === rrClass.IN &&
      this.#isZoneOfQuestion(ownerAt, zoneLength) &&
      this.#isPlainSoa(dataAt, dataEnd);
    this.#boundTtl(this.#u32(dataHead + 4));
    this.records = 1;
    this.end = dataEnd;
    return isGood;
  }

  /** Whether a record that isn't given on leaves the answer as plain as it is: proofs beside a set say that it is a wildcard's. */
  #isBesideAnswer(dataAt: number, type: number, hasAnswer: boolean, question: PlainQuestion): boolean {
    switch (type) {
      case rrType.TSIG:
        return false;
      case rrType.NSEC:
      case rrType.NSEC3:
        return !hasAnswer;
      case rrType.RRSIG:
        // Perhaps one of the answer itself that is not where it belongs.
        return !(hasAnswer && this.#u16(dataAt) === question.type);
      default:
        return true;
    }
  }

  /** RFC 2181 §5.2: the least of a set counts for all of it; §8: the top bit stands for none. */
  #boundTtl(ttl: number): void {
    this.ttl = Math.min(this.ttl, ttl > 0x7fff_ffff ? 0 : ttl);
  }

  #isPlainData(type: number, at: number, end: number): boolean {
    switch (type) {
      case rrType.A:
        return end - at === 4;
      case rrType.AAAA:
        return end - at === 16;
      case rrType.TXT: {
        // RFC 1035 §3.3.14: one string or more, which fill it.
        let next = at;
        while (next < end) next += 1 + (this.#bytes[next] ?? 0);
        return end > at && next === end;
      }
      case rrType.MX:
        return end - at > 2 && plainNameEnd(this.#bytes, at + 2, end, this.#nameEnd) === end;
      case rrType.PTR:
        return plainNameEnd(this.#bytes, at, end, this.#nameEnd) === end;
      default:
        return false;
    }
  }

  /** Whether the signer's name is whole, not compressed (RFC 4034 §3.1.7), and followed by something. */
  #isSignature(at: number, end: number): boolean {
    const signerEnd = wholeNameEnd(this.#bytes, at + signatureHead, end);
    return signerEnd >= 0 && signerEnd < end;
  }

  /** Whether none of the records before it has the same data (RFC 2181 §5). */
  #isNew(type: number, from: number, at: number, end: number): boolean {
    for (let other = from + 12; other < at;) {
      const otherEnd = other + this.#u16(other - 2);
      if (this.#isSameData(type, other, otherEnd, at, end)) return false;
      other = otherEnd + 12;
    }
    return true;
  }

  #isSameData(type: number, other: number, otherEnd: number, at: number, end: number): boolean {
    if (type === rrType.PTR) return isSameName(this.#bytes, other, at);
    if (type === rrType.MX)
      return this.#u16(other) === this.#u16(at) && isSameName(this.#bytes, other + 2, at + 2);
    if (otherEnd - other !== end - at) return false;
    let i = 0;
    while (i < end - at && this.#bytes[other + i] === this.#bytes[at + i]) i += 1;
    return i === end - at;
  }

  /** The owner of a SOA: a pointer to where the zone that was asked, or one below it, begins in the question's name (RFC 2308 §2.1). */
  #isZoneOfQuestion(at: number, zoneLength: number): boolean {
    const target = this.#u16(at) & 0x3fff;
    return (
      ((this.#bytes[at] ?? 0) & 0xc0) === 0xc0 &&
      isLabelOfQuestion(this.#bytes, target, this.#nameEnd) &&
      this.#nameEnd - target >= zoneLength
    );
  }

  #isPlainSoa(at: number, end: number): boolean {
    const second = plainNameEnd(this.#bytes, at, end, this.#nameEnd);
    const numbers = second < 0 ? -1 : plainNameEnd(this.#bytes, second, end, this.#nameEnd);
    if (numbers < 0 || numbers + soaNumbers !== end) return false;
    // As large as it likes to be: it is a bound, and no TTL (RFC 2308 §5).
    this.ttl = Math.min(this.ttl, this.#u32(end - 4));
    return true;
  }

  /** Looks for the server's cookie (RFC 7873 §5.3). False where the options are malformed. */
  #readOptions(at: number, end: number, question: PlainQuestion): boolean {
    let isFirst = true;
    let next = at;
    while (next < end) {
      if (next + 4 > end) return false;
      const code = this.#u16(next);
      const length = this.#u16(next + 2);
      const from = next + 4;
      next = from + length;
      if (next > end) return false;
      if (code !== ednsOption.COOKIE || question.cookieLength === 0 || !isFirst) continue;
      // Of several the first counts, as for `readCookie`.
      isFirst = false;
      this.#readCookie(from, length, question.cookie);
    }
    return true;
  }

  #readCookie(at: number, length: number, ours: Uint8Array): void {
    const server = length - clientCookieLength;
    let isOurs = server >= 0;
    for (let i = 0; i < clientCookieLength && isOurs; i++) isOurs = this.#bytes[at + i] === ours[i];
    this.#cookieIsForeign =
      !isOurs || (server > 0 && (server < shortestServerCookie || server > longestServerCookie));
    this.#hasCookie = !this.#cookieIsForeign && server > 0;
  }

  #u16(at: number): number {
    return ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
  }

  #u32(at: number): number {
    return this.#u16(at) * 0x1_0000 + this.#u16(at + 2);
  }
}
