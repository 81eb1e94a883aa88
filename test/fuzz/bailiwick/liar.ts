// What a lying server says: tales made of records that fit the question and of records that are none of its business, each in whatever section, signed by
// its own key or not; true answers with such records put in; and octets that were damaged on top. Most come under the id and question that were asked.
import { ednsOption } from '../../../src/dns/wire/edns-option.ts';
import { decodeMessage } from '../../../src/dns/wire/message-decoder.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import type { Message, Question } from '../../../src/dns/wire/message.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import type { DomainName } from '../../../src/dns/wire/name.ts';
import { recordsOf } from '../../../src/dns/wire/record.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { concatBytes } from '../../../src/lib/bytes.ts';
import type { Random } from '../../../src/lib/random.ts';
import { signRRset } from '../../support/dnssec-signer.ts';
import { dsOf } from '../../support/signed-zone.ts';
import { records } from '../../support/simulated-internet.ts';
import { mutate } from '../mutate.ts';
import { afterQuestion, underQuestion } from '../responses.ts';
import { evil, evilKey, validity } from './honest-world.ts';

const evilNames = ['evil.', 'www.evil.', 'ns.evil.', 'sub.evil.', 'old.evil.', '*.evil.'].map(domainName);
const othersNames = [
  '.',
  'ns.',
  'good.',
  'ns.good.',
  'www.good.',
  'mail.good.',
  'nope.good.',
  '*.good.',
  'child.good.',
].map(domainName);
const names = [...evilNames, ...othersNames];
const hashed = ['0p9mhaveqvm6t7vbl5lop2u3t2rp3tom', 'ji6neoaepv8b5o6k4ev33abha8ht9fgc'];

const evilDs = dsOf(evil, evilKey).rdata;

/** Data of each type that matters, as in a zone file; the owner is whoever suits the lie. */
const data: readonly (readonly [type: number, rdata: Uint8Array])[] = [
  ...records(
    '.',
    `x A 198.51.100.66
x A 192.0.2.1
x A 192.0.2.2
x A 127.0.0.1
x A 10.0.0.53
x AAAA 2001:db8::66
x AAAA ::1
x AAAA ::ffff:127.0.0.1
x AAAA fe80::53
x NS ns.evil.
x NS www.evil.
x NS ns.good.
x NS ns.
x CNAME www.good.
x CNAME www.evil.
x CNAME mail.good.
x CNAME x.old.good.
x DNAME good.
x DNAME evil.
x DNAME .
x SOA ns.evil. h.evil. 1 2 3 4 60
x SOA ns.good. h.good. 9 2 3 4 86400
x MX 10 www.good.
x TXT "a lie"
x SRV 0 0 25 www.good.
x NSEC zzz.evil. A NS SOA RRSIG NSEC DNSKEY
x NSEC evil. A RRSIG NSEC
x NSEC good. NS
x NSEC . A RRSIG NSEC
x NSEC \\000.evil. RRSIG NSEC
x NSEC3 1 0 0 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A RRSIG
x NSEC3 1 1 0 - vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv
x NSEC3 1 0 500 aabb 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NS
x NSEC3PARAM 1 0 0 -`,
  ).map(({ type, rdata }) => [type, rdata] as const),
  [rrType.DNSKEY, evilKey.rdata],
  [rrType.DS, evilDs],
  [rrType.DS, new Uint8Array(36).fill(2)],
];
const dataOf = new Map<number, Uint8Array[]>();
for (const [type, rdata] of data) dataOf.set(type, [...(dataOf.get(type) ?? []), rdata]);
const ttls = [0, 1, 60, 60, 60, 3_600, 604_800, 0x7fff_ffff];

/** Three sections, to be filled. */
interface Tale {
  rcode: number;
  readonly answers: ResourceRecord[];
  readonly authorities: ResourceRecord[];
  readonly additionals: ResourceRecord[];
}

export class Liar {
  readonly #random: Random;
  /** What an honest server would say in its place. */
  readonly #truth: (query: Uint8Array) => Uint8Array | undefined;
  readonly #signs: boolean;

  constructor(options: {
    readonly random: Random;
    readonly truth: (query: Uint8Array) => Uint8Array | undefined;
    /** The world is signed, and its zone, too. */
    readonly signs: boolean;
  }) {
    this.#random = options.random;
    this.#truth = options.truth;
    this.#signs = options.signs;
  }

  /** One answer to the query; `given`: octets to answer with, for which only id and question are made to fit. */
  answer(query: Uint8Array, given: Uint8Array | undefined): Uint8Array {
    const random = this.#random;
    if (given !== undefined) return random.below(20) === 0 ? given : underQuestion(given, query);
    const decoded = decodeMessage(query);
    const question = decoded.ok ? decoded.value.questions[0] : undefined;
    if (!decoded.ok || question === undefined) throw new Error('the resolver sent what is no question');
    const answer = encodeMessage(this.#disguised(decoded.value, this.#told(query, question)));
    switch (random.below(12)) {
      case 0:
        return this.#aimed(answer, query);
      case 1:
      case 2: {
        const damaged = mutate({ name: '', seeds: [answer], run: () => undefined }, random);
        return random.below(8) === 0 ? damaged : underQuestion(damaged, query);
      }
      default:
        return answer;
    }
  }

  /** Damage that chance alone would seldom do: counts of records that aren't there, and names that are compressed into a loop. */
  #aimed(answer: Uint8Array, query: Uint8Array): Uint8Array {
    const random = this.#random;
    const at = random.below(2) === 0 ? 4 + 2 * random.below(4) : afterQuestion(query) + random.below(40);
    if (at + 2 > answer.length) return answer;
    // A pointer (RFC 1035 §4.1.4) to itself, to the one before it, or to what follows.
    const octets = at < 12 ? 0xffff - random.below(2) * 0xff00 : 0xc000 + at - 2 + 2 * random.below(3);
    answer[at] = octets >>> 8;
    answer[at + 1] = octets;
    return answer;
  }

  #told(query: Uint8Array, question: Question): Tale {
    const random = this.#random;
    // The keys of a signed zone are told rightly for the most part, or nothing else that it says would be believed.
    const truly = this.#signs ? (question.type === rrType.DNSKEY ? 9 : 4) : 2;
    const truth = random.below(10) < truly ? this.#truth(query) : undefined;
    const decoded = truth === undefined ? undefined : decodeMessage(truth);
    const tale: Tale = { rcode: 0, answers: [], authorities: [], additionals: [] };
    if (decoded?.ok === true) {
      tale.rcode = decoded.value.rcode;
      for (const section of sections) tale[section].push(...decoded.value[section]);
    } else {
      this.#begin(tale, question);
    }
    // Now and then as many as fill a message over TCP.
    for (let more = random.below(500) === 0 ? 1_500 : random.below(5); more > 0; more--) {
      const [type, rdata] = this.#any(data);
      this.#put(tale, this.#any(sections), this.#any(names), type, rdata);
    }
    return tale;
  }

  /** Something that a resolver may well take for the answer. */
  #begin(tale: Tale, { name, type }: Question): void {
    const random = this.#random;
    const above = name.ancestor(random.below(name.labelCount + 1));
    switch (random.below(6)) {
      case 0:
      case 1:
        for (const rdata of dataOf.get(type) ?? []) this.#put(tale, 'answers', name, type, rdata);
        break;
      case 2:
        this.#put(tale, 'answers', name, rrType.CNAME, this.#dataOf(rrType.CNAME));
        break;
      case 3:
        this.#put(tale, 'answers', above, rrType.DNAME, this.#dataOf(rrType.DNAME));
        break;
      case 4: {
        tale.rcode = random.below(2) * 3;
        const apex = random.below(2) === 0 ? evil : above;
        this.#put(tale, 'authorities', apex, rrType.SOA, this.#dataOf(rrType.SOA));
        this.#put(
          tale,
          'authorities',
          random.below(2) === 0 ? apex : name,
          rrType.NSEC,
          this.#dataOf(rrType.NSEC),
        );
        const owner = domainName(`${this.#any(hashed)}.${apex.isRoot ? '' : apex.toString()}`);
        if (random.below(3) === 0)
          this.#put(tale, 'authorities', owner, rrType.NSEC3, this.#dataOf(rrType.NSEC3));
        break;
      }
      default:
        this.#refer(tale, random.below(3) === 0 ? this.#any(names) : above);
    }
  }

  #refer(tale: Tale, zone: DomainName): void {
    for (const [server, types] of [
      ['ns.evil.', [rrType.A, rrType.AAAA]],
      ['ns.good.', [rrType.A]],
      ['www.evil.', []],
    ] as const) {
      if (this.#random.below(2) === 0) continue;
      const owner = domainName(server);
      this.#put(tale, 'authorities', zone, rrType.NS, owner.wire);
      for (const type of types) this.#put(tale, 'additionals', owner, type, this.#dataOf(type));
    }
    if (this.#random.below(3) === 0) this.#put(tale, 'authorities', zone, rrType.DS, this.#dataOf(rrType.DS));
  }

  #put(tale: Tale, to: (typeof sections)[number], owner: DomainName, type: number, rdata: Uint8Array): void {
    const random = this.#random;
    const set = { owner, type, class: random.below(50) === 0 ? 3 : 1, ttl: this.#any(ttls), rdatas: [rdata] };
    const section = tale[to];
    section.push(...recordsOf(set));
    if (!this.#signs && random.below(8) > 0) return;
    // Its own key under its own name, or under that of another zone.
    const signer = random.below(6) === 0 ? this.#any(othersNames) : evil;
    section.push(signRRset(set, evilKey, signer, validity));
  }

  /** The answer as a message to this query; now and then with a fault in its head that a resolver must see. */
  #disguised(query: Message, { rcode, ...told }: Tale): Message {
    const random = this.#random;
    const rarely = (): boolean => random.below(40) === 0;
    const questions = rarely()
      ? this.#any([
          [],
          [...query.questions, ...query.questions],
          [{ name: this.#any(names), type: rrType.A, class: 1 }],
          query.questions.map((question) => ({ ...question, type: rrType.TXT })),
          query.questions.map((question) => ({ ...question, class: 3 })),
          query.questions.map(({ name, ...rest }) => ({ ...rest, name: name.lowerCase() })),
        ])
      : query.questions;
    const sent = query.edns?.options.find(({ code }) => code === ednsOption.COOKIE)?.bytes.subarray(0, 8);
    const cookie = rarely() || sent === undefined ? random.bytes(8) : sent;
    const options =
      random.below(3) === 0
        ? [{ code: ednsOption.COOKIE, bytes: concatBytes([cookie, new Uint8Array(8).fill(random.below(2))]) }]
        : [];
    const edns = { udpSize: 1232, version: rarely() ? 1 : 0, dnssecOk: true, options };
    return {
      ...query,
      ...told,
      id: rarely() ? query.id ^ (1 << random.below(16)) : query.id,
      response: !rarely(),
      opcode: rarely() ? random.below(16) : 0,
      authoritative: random.below(4) > 0,
      truncated: rarely(),
      recursionAvailable: random.below(4) === 0,
      authenticData: random.below(4) === 0,
      rcode: rarely() ? random.below(24) : rcode,
      questions,
      edns: query.edns === undefined || random.below(4) === 0 ? undefined : edns,
    };
  }

  #dataOf(type: number): Uint8Array {
    return this.#any(dataOf.get(type) ?? []);
  }

  #any<Item>(items: readonly Item[]): Item {
    const item = items[this.#random.below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

const sections = ['answers', 'authorities', 'additionals'] as const;
