// Reads the plain records of a zone file, which are nearly all of a large one: `owner [TTL] [IN] type data` on one line, of a
// common type, without escapes and parentheses. It declines everything else, faults included, and the lexer and `parseRdata` read that:
// there is one grammar, theirs, and this reads a part of it faster. A property test holds both against each other.
//
// A hot path: no object and no string is made for a record; see plain-words.ts.
import { rrClass } from '../wire/codes.ts';
import { rrType } from '../wire/rr-type.ts';
import { PlainWords, packMnemonic } from './plain-words.ts';
import { RecordScratch } from './record-scratch.ts';
import { maxTtl } from './ttl.ts';

const newline = 0x0a;
const space = 0x20;
const tab = 0x09;
const semicolon = 0x3b;
const dollar = 0x24;

const classIn = packMnemonic('IN');

/** Mnemonic as `PlainWords.mnemonic` gives it → type. */
const plainTypes: ReadonlyMap<number, number> = new Map(
  (['A', 'AAAA', 'NS', 'CNAME', 'DNAME', 'PTR', 'MX', 'SRV', 'TXT', 'DS', 'CAA'] as const).map((mnemonic) => [
    packMnemonic(mnemonic),
    rrType[mnemonic],
  ]),
);

/** RFC 4034 §5.1.3, RFC 4509 §2.1, RFC 6605 §2: octets of a DS digest by its kind; others are declined. */
const digestLengths: readonly number[] = [0, 20, 32, 0, 48];

/** For all readers: a record has been handed on before another one is read, and there may be many small files. */
const sharedRdata = new Uint8Array(RecordScratch.rdataRoom);

/** What a line was. */
export type PlainLine = 'record' | 'nothing' | 'declined';

export class PlainRecordReader {
  readonly #words = new PlainWords();
  readonly #record: RecordScratch;
  /** Of its own, so that the record's owner is not lost where the new one is declined. */
  #owner: Uint8Array = new Uint8Array(RecordScratch.ownerRoom);
  readonly #rdata: Uint8Array = sharedRdata;
  /** Behind the last newline: what follows is a line without its end, which is declined. */
  readonly #end: number;
  /** What relative names are below, wire form. */
  origin: Uint8Array = Uint8Array.of(0);
  /** Seconds, from $TTL (RFC 2308 §4); -1: none. */
  defaultTtl = -1;
  /** The last TTL that a record had of its own; it counts where there is no default (RFC 1035 §5.1). -1: none. */
  statedTtl = -1;

  constructor(bytes: Uint8Array, record: RecordScratch) {
    this.#words.bytes = bytes;
    this.#end = bytes.lastIndexOf(newline) + 1;
    this.#record = record;
  }

  /** Where the line ended, where it was not declined. */
  get at(): number {
    return this.#words.at;
  }

  /**
   * Reads the line that starts there. A record is then in the scratch, but for its file and line. `ownerKnown`: the scratch holds the
   * owner of the line before, for lines that leave theirs out.
   */
  read(start: number, ownerKnown: boolean): PlainLine {
    if (start >= this.#end) return 'declined';
    const words = this.#words;
    words.at = start;
    const first = words.bytes[start];
    if (first === newline || first === semicolon) return words.endLine() ? 'nothing' : 'declined';
    if (first === dollar) return 'declined';
    this.#record.at = start;
    if (first === space || first === tab) {
      if (!words.hasMore()) return words.endLine() ? 'nothing' : 'declined';
      if (!ownerKnown) return 'declined';
      this.#record.at = words.at;
      return this.#rest(-1, ownerKnown) ? 'record' : 'declined';
    }
    const ownerLength = words.name(this.#owner, 0, this.origin);
    if (ownerLength === -1) return 'declined';
    words.skipBlanks();
    return this.#rest(ownerLength, ownerKnown) ? 'record' : 'declined';
  }

  /** What follows the owner. `ownerLength`: -1 for an owner that was left out. */
  #rest(ownerLength: number, ownerKnown: boolean): boolean {
    const words = this.#words;
    let ttl = -1;
    if (words.startsWithDigit()) {
      ttl = words.number(maxTtl);
      if (ttl === -1) return false;
      words.skipBlanks();
    }
    let mnemonic = words.mnemonic();
    if (mnemonic === classIn) {
      words.skipBlanks();
      if (ttl === -1 && words.startsWithDigit()) {
        ttl = words.number(maxTtl);
        if (ttl === -1) return false;
        words.skipBlanks();
      }
      mnemonic = words.mnemonic();
    }
    const type = plainTypes.get(mnemonic);
    const omittedTtl = this.defaultTtl === -1 ? this.statedTtl : this.defaultTtl;
    if (type === undefined || (ttl === -1 && omittedTtl === -1)) return false;
    words.skipBlanks();
    const length = this.#data(type);
    if (length === -1 || !words.endLine()) return false;
    if (ttl !== -1) this.statedTtl = ttl;
    const record = this.#record;
    record.sameOwner = ownerKnown && (ownerLength === -1 || this.#isOwner(ownerLength));
    if (ownerLength !== -1 && !record.sameOwner) {
      const free = record.owner;
      record.owner = this.#owner;
      record.ownerLength = ownerLength;
      this.#owner = free;
    }
    record.type = type;
    record.class = rrClass.IN;
    record.ttl = ttl === -1 ? omittedTtl : ttl;
    record.rdata = this.#rdata;
    record.rdataLength = length;
    return true;
  }

  #isOwner(length: number): boolean {
    const { owner, ownerLength } = this.#record;
    if (length !== ownerLength) return false;
    for (let i = 0; i < length; i++) if (owner[i] !== this.#owner[i]) return false;
    return true;
  }

  /** Reads the data into `#rdata`; gives its length, or -1 where it is declined. */
  #data(type: number): number {
    const words = this.#words;
    const rdata = this.#rdata;
    switch (type) {
      case rrType.A:
        return words.ipv4(rdata) ? 4 : -1;
      case rrType.AAAA:
        return words.ipv6(rdata) ? 16 : -1;
      case rrType.NS:
      case rrType.CNAME:
      case rrType.DNAME:
      case rrType.PTR:
        return words.name(rdata, 0, this.origin);
      case rrType.MX:
        return this.#numbers(1) ? words.name(rdata, 2, this.origin) : -1;
      case rrType.SRV:
        return this.#numbers(3) ? words.name(rdata, 6, this.origin) : -1;
      case rrType.TXT:
        return this.#strings();
      case rrType.DS:
        return this.#ds();
      case rrType.CAA:
        return this.#caa();
      default:
        return -1;
    }
  }

  /** So many numbers of 16 bits, and the blanks behind each. */
  #numbers(count: number): boolean {
    for (let i = 0; i < count; i++) {
      const value = this.#words.number(0xffff);
      if (value === -1) return false;
      this.#rdata[2 * i] = value >>> 8;
      this.#rdata[2 * i + 1] = value;
      this.#words.skipBlanks();
    }
    return true;
  }

  #strings(): number {
    const words = this.#words;
    let end = 0;
    do {
      if (end + 256 > RecordScratch.rdataRoom) return -1;
      end = words.string(this.#rdata, end);
    } while (end !== -1 && words.hasMore());
    return end;
  }

  #ds(): number {
    const words = this.#words;
    const rdata = this.#rdata;
    if (!this.#numbers(1)) return -1;
    for (let i = 2; i < 4; i++) {
      const value = words.number(0xff);
      if (value === -1) return -1;
      rdata[i] = value;
      words.skipBlanks();
    }
    const digest = digestLengths[rdata[3] ?? 0] ?? 0;
    // Algorithm 0 has rules of its own (RFC 8078 §4).
    if (digest === 0 || rdata[2] === 0) return -1;
    const end = words.hexRest(rdata, 4, 4 + digest);
    return end === 4 + digest ? end : -1;
  }

  /** RFC 8659 §4.1 */
  #caa(): number {
    const words = this.#words;
    const rdata = this.#rdata;
    const flags = words.number(0xff);
    if (flags === -1) return -1;
    rdata[0] = flags;
    words.skipBlanks();
    const tagEnd = words.string(rdata, 1);
    if (tagEnd < 3) return -1;
    for (let i = 2; i < tagEnd; i++) if (!isLetterOrDigit(rdata[i] ?? 0)) return -1;
    words.skipBlanks();
    return words.octets(rdata, tagEnd, RecordScratch.rdataRoom);
  }
}

function isLetterOrDigit(octet: number): boolean {
  const lower = octet | 0x20;
  return (octet >= 0x30 && octet <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}
