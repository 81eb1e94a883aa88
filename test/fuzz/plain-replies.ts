// Replies of a zone's servers as grammar, to fuzz what reads the plain ones: most are plain, many are nearly so, and names in them are compressed
// in every way.
import { ednsOption } from '../../src/dns/wire/edns-option.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { concatBytes } from '../../src/lib/bytes.ts';
import type { Random } from '../../src/lib/random.ts';
import {
  ednsOptionOctets,
  nameOctets,
  optRecord,
  pointer,
  rawRecord,
  rawReply,
  rrsigData,
  soaData,
  wide,
} from '../support/raw-replies.ts';

export interface AskedPlainly {
  /** The query as it was sent, and its name and zone in lower case. */
  readonly sent: Uint8Array;
  readonly name: DomainName;
  readonly zone: DomainName;
  readonly type: number;
  readonly cookie: Uint8Array;
}

const headerOctets = 12;
const ttls = [0, 1, 5, 60, 300, 3600, 86_400, 1_000_000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const otherTypes = [rrType.NS, rrType.CNAME, rrType.DNAME, rrType.A, rrType.DS, rrType.TSIG, 65_280];

export class PlainReplies {
  readonly #random: Random;
  readonly #asked: AskedPlainly;
  /** Where the labels of the question's name begin in the reply, the root's too. */
  readonly #labels: readonly number[];
  readonly #nameEnd: number;

  constructor(asked: AskedPlainly, random: Random) {
    this.#asked = asked;
    this.#random = random;
    const { wire } = asked.name;
    this.#nameEnd = headerOctets + wire.length;
    const labels: number[] = [];
    for (let at = 0; at < wire.length; at += 1 + (wire[at] ?? 0)) labels.push(headerOctets + at);
    this.#labels = labels;
  }

  reply(): Uint8Array {
    const { sent } = this.#asked;
    const kind = this.#random.below(3);
    const answers = kind === 0 ? this.#answers() : this.#rarely(60) ? [this.#record()] : [];
    const denial = kind === 0 ? [] : this.#denial();
    const authorities = [...denial, ...this.#few(3, () => this.#beside(kind === 0))];
    const additionals = this.#few(3, () => this.#beside(kind === 0));
    if (!this.#rarely(5)) additionals.splice(this.#random.below(additionals.length + 1), 0, this.#opt());
    if (this.#rarely(60)) additionals.push(this.#opt());
    if (this.#rarely(100)) authorities.push(this.#opt());
    let code = kind === 2 ? 3 : 0;
    if (this.#rarely(50)) code = this.#random.below(16);
    let flags = 0x8400 | code;
    if (this.#rarely(20)) flags ^= 1 << this.#random.below(16);
    const counts = [1, answers.length, authorities.length, additionals.length] as const;
    const reply = rawReply(sent, this.#nameEnd + 4, {
      flags,
      answers,
      authorities,
      additionals,
      ...(this.#rarely(50) && { counts: this.#wrongCounts(counts) }),
      ...(this.#rarely(80) && { tail: new Uint8Array(1 + this.#random.below(20)) }),
    });
    if (!this.#rarely(40)) return reply;
    const at = this.#random.below(reply.length);
    return reply.with(at, (reply[at] ?? 0) ^ (1 << this.#random.below(8)));
  }

  #answers(): Uint8Array[] {
    const { type, name } = this.#asked;
    const ttl = this.#ttl();
    const records = Array.from({ length: 1 + this.#random.below(this.#rarely(20) ? 20 : 4) }, () =>
      rawRecord(
        this.#answerOwner(),
        type,
        this.#rarely(4) ? this.#ttl() : ttl,
        this.#data(type),
        this.#class(),
      ),
    );
    if (this.#rarely(15)) records.push(records[0] ?? new Uint8Array(0));
    const labels = name.labelCount - (name.isWildcard ? 1 : 0);
    if (this.#rarely(3))
      records.push(...this.#few(2, () => this.#signature(this.#answerOwner(), type, labels)));
    if (this.#rarely(25)) this.#insert(records, this.#signature(this.#answerOwner(), type, labels));
    if (this.#rarely(25)) this.#insert(records, this.#record());
    if (this.#rarely(25)) records.push(this.#signature(this.#answerOwner(), rrType.NS, labels));
    if (this.#rarely(50)) this.#insert(records, this.#opt());
    return records;
  }

  #denial(): Uint8Array[] {
    const owner = this.#rarely(15) ? this.#anyName() : this.#zoneName();
    const data = soaData(this.#anyName(), this.#anyName(), this.#ttl());
    const records = [
      rawRecord(owner, rrType.SOA, this.#ttl(), this.#rarely(40) ? this.#damaged(data) : data, this.#class()),
    ];
    if (this.#rarely(3))
      records.push(this.#signature(this.#zoneName(), rrType.SOA, this.#asked.zone.labelCount));
    if (this.#rarely(30)) this.#insert(records, this.#record());
    if (this.#rarely(30)) records.shift();
    return records;
  }

  /** Records beside an answer or a denial: mostly those that servers add. */
  #beside(hasAnswer: boolean): Uint8Array {
    const { zone, type, name } = this.#asked;
    switch (this.#random.below(this.#rarely(4) ? 8 : 3)) {
      case 0:
        return rawRecord(this.#zoneName(), rrType.NS, this.#ttl(), this.#anyName());
      case 1:
        return rawRecord(this.#anyName(), rrType.A, this.#ttl(), Uint8Array.of(192, 0, 2, 7), this.#class());
      case 2:
        return hasAnswer ? this.#signature(this.#anyName(), rrType.NS, zone.labelCount) : this.#proof();
      case 3:
        return this.#proof();
      case 4:
        return this.#signature(this.#anyName(), type, this.#random.below(name.labelCount + 2));
      case 5:
        return rawRecord(this.#anyName(), rrType.SOA, 60, soaData(this.#anyName(), this.#anyName(), 60));
      default:
        return this.#record();
    }
  }

  #proof(): Uint8Array {
    const next = this.#rarely(4)
      ? nameOctets('zz.evil.test.')
      : concatBytes([nameOctets('a.').subarray(0, 2), this.#asked.zone.wire]);
    return rawRecord(
      this.#anyName(),
      rrType.NSEC,
      this.#ttl(),
      concatBytes([next, Uint8Array.of(0, 1, 0x40)]),
    );
  }

  #signature(owner: Uint8Array, covered: number, labels: number): Uint8Array {
    let data: Uint8Array = rrsigData(
      covered,
      this.#rarely(12) ? this.#random.below(6) : labels,
      this.#asked.zone.wire,
    );
    if (this.#rarely(30)) data = this.#damaged(data);
    if (this.#rarely(60)) data = rrsigData(covered, labels, pointer(headerOctets));
    return rawRecord(owner, rrType.RRSIG, this.#ttl(), data, this.#class());
  }

  /** Of some type, at some name. */
  #record(): Uint8Array {
    const type = otherTypes[this.#random.below(otherTypes.length)] ?? 1;
    const owner = this.#rarely(2) ? pointer(headerOctets) : this.#anyName();
    return rawRecord(owner, type, this.#ttl(), this.#data(type), this.#class());
  }

  #data(type: number): Uint8Array {
    const data = this.#goodData(type);
    return this.#rarely(60) ? this.#damaged(data) : data;
  }

  #goodData(type: number): Uint8Array {
    const few = Uint8Array.of(this.#random.below(8));
    switch (type) {
      case rrType.A:
        return concatBytes([Uint8Array.of(192, 0, 2), few]);
      case rrType.AAAA:
        return concatBytes([wide(0x2001, 0xdb8, 0, 0, 0, 0, 0).subarray(0, 14), Uint8Array.of(0), few]);
      case rrType.TXT:
        return concatBytes(
          Array.from({ length: 1 + this.#random.below(3) }, () => {
            const text = new Uint8Array(this.#random.below(5)).fill(few[0] ?? 0);
            return Uint8Array.of(text.length, ...text);
          }),
        );
      case rrType.MX:
        return concatBytes([Uint8Array.of(0, 10), this.#anyName()]);
      case rrType.SRV:
        return concatBytes([wide(1, 2, 3), nameOctets('srv.example.org.')]);
      case rrType.CAA:
        return Uint8Array.from([0, 5, ...new TextEncoder().encode('issueca.test')]);
      case rrType.DS:
        return concatBytes([wide(4711), Uint8Array.of(13, 2), new Uint8Array(32)]);
      case rrType.PTR:
      case rrType.NS:
      case rrType.CNAME:
      case rrType.DNAME:
        return this.#anyName();
      default:
        return few;
    }
  }

  #opt(): Uint8Array {
    const { cookie } = this.#asked;
    const options: Uint8Array[] = [];
    const client = cookie.length > 0 ? cookie.subarray(0, 8) : new Uint8Array(8);
    const server = this.#random.bytes(this.#rarely(6) ? this.#random.below(40) : 16);
    if (!this.#rarely(5)) options.push(ednsOptionOctets(ednsOption.COOKIE, concatBytes([client, server])));
    if (this.#rarely(20)) options.push(ednsOptionOctets(ednsOption.COOKIE, this.#random.bytes(16)));
    if (this.#rarely(20)) options.unshift(ednsOptionOctets(ednsOption.COOKIE, client));
    if (this.#rarely(10)) options.push(ednsOptionOctets(ednsOption.NSID, this.#random.bytes(4)));
    if (this.#rarely(40)) options.push(this.#random.bytes(1 + this.#random.below(4)));
    const upper = this.#rarely(30) ? this.#random.below(0x1_0000) : 0;
    return optRecord(concatBytes(options), this.#rarely(50) ? this.#anyName() : Uint8Array.of(0), upper);
  }

  #answerOwner(): Uint8Array {
    return this.#rarely(60) ? this.#anyName() : pointer(headerOctets);
  }

  #zoneName(): Uint8Array {
    const start = this.#nameEnd - this.#asked.zone.wire.length;
    return this.#rarely(20) ? this.#asked.zone.wire : pointer(start);
  }

  /** A name of the question's, one below one of these, or one from elsewhere; compressed, partly or not at all. */
  #anyName(): Uint8Array {
    if (this.#rarely(40)) return pointer(this.#random.below(this.#rarely(2) ? 0x4000 : this.#nameEnd + 60));
    if (this.#rarely(8)) return nameOctets('ns.evil.test.');
    const start = this.#labels[this.#random.below(this.#labels.length)] ?? headerOctets;
    const tail = this.#rarely(3) ? this.#ofName(start) : pointer(start);
    const label = this.#rarely(3)
      ? nameOctets(this.#rarely(2) ? 'mail.' : 'NS1.').slice(0, -1)
      : new Uint8Array(0);
    return concatBytes([label, tail]);
  }

  #ofName(start: number): Uint8Array {
    return this.#asked.name.wire.subarray(start - headerOctets);
  }

  #ttl(): number {
    return ttls[this.#random.below(ttls.length)] ?? 0;
  }

  #class(): number {
    return this.#rarely(100) ? 3 : 1;
  }

  #wrongCounts(counts: readonly [number, number, number, number]): [number, number, number, number] {
    const wrong: [number, number, number, number] = [...counts];
    const at = this.#random.below(4);
    wrong[at] = this.#rarely(4) ? 0xffff : Math.max(0, (wrong[at] ?? 0) + this.#random.below(3) - 1);
    return wrong;
  }

  #damaged(data: Uint8Array): Uint8Array {
    if (this.#rarely(3)) return data.slice(0, this.#random.below(data.length + 1));
    if (this.#rarely(3)) return concatBytes([data, this.#random.bytes(1 + this.#random.below(3))]);
    const damaged = data.slice();
    if (damaged.length > 0) damaged[this.#random.below(damaged.length)] = this.#random.below(256);
    return damaged;
  }

  #insert(records: Uint8Array[], record: Uint8Array): void {
    records.splice(this.#random.below(records.length + 1), 0, record);
  }

  #few(most: number, make: () => Uint8Array): Uint8Array[] {
    return Array.from({ length: this.#random.below(most + 1) }, make);
  }

  /** Once in so many times. */
  #rarely(times: number): boolean {
    return this.#random.below(times) === 0;
  }
}
