// The largest messages that a zone's servers can send, 64 KiB over TCP, each full of what makes most work: what one question costs stays in proportion to the
// octets that came. CPU time is told (`npm test` shows it as diagnostics), and judged where it is out of all proportion: that would be
// work that grows with the square.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authority } from '../../src/dns/authority/authority.ts';
import { AnchorSet } from '../../src/dns/dnssec/anchor-set.ts';
import { parseTrustAnchors } from '../../src/dns/dnssec/trust-anchor.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import type { Resolved } from '../../src/dns/resolver/resolver-options.ts';
import type { Upstream, UpstreamRequest } from '../../src/dns/resolver/upstream.ts';
import { decodeMessage } from '../../src/dns/wire/message-decoder.ts';
import type { Question } from '../../src/dns/wire/message.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { concatBytes, latin1ToBytes } from '../../src/lib/bytes.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { makeSigningKey, signRRset } from '../support/dnssec-signer.ts';
import { dsOf, recordText, signZone } from '../support/signed-zone.ts';
import { zoneFrom } from '../support/simulated-internet.ts';

const start = Date.UTC(2026, 0, 1) / 1000;
const times = { inception: start - 3_600, expiration: start + 86_400 };
const evil = domainName('evil.');
const key = makeSigningKey('ECDSAP256SHA256', 257);
const root = signZone(
  '.',
  `@ 300 SOA ns h 1 2 3 4 300\n@ 300 NS ns\nns 300 A 192.0.2.1\nevil 300 NS ns.evil\nns.evil 300 A 192.0.2.66\n${recordText(dsOf(evil, key))}\n`,
  times,
);
const rootServer = new Authority(new ZoneSet([zoneFrom('.', root.text)]));
const anchors = parseTrustAnchors([recordText(root.ds)]);
assert.ok(anchors.ok);
const anchored = anchors.value;

/** Milliseconds of CPU for a message. On a quiet machine none takes half of it. */
const most = 40;

/** Sections of records as they stand in the message. */
type Sections = readonly [
  answers: readonly Uint8Array[],
  authorities?: readonly Uint8Array[],
  additionals?: readonly Uint8Array[],
];

function octets(...numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [(number >>> 8) & 0xff, number & 0xff]));
}

function label(text: string): Uint8Array {
  return concatBytes([Uint8Array.of(text.length), latin1ToBytes(text)]);
}

/** The name of the question, or the part of it behind so many octets. */
function asked(behind = 0): Uint8Array {
  return octets(0xc00c + behind);
}

function record(owner: Uint8Array, type: number, rdata: Uint8Array): Uint8Array {
  return concatBytes([owner, octets(type, 1, 0, 300, rdata.length), rdata]);
}

function many(count: number, make: (i: number) => Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** An RRSIG by a key of that tag, which is wrong. */
function wrongSignature(i: number, tag: number, covered: number = rrType.A, labels = 2): Uint8Array {
  const { expiration, inception } = times;
  const head = octets(
    covered,
    0x0d00 | labels,
    0,
    300,
    expiration >>> 16,
    expiration,
    inception >>> 16,
    inception,
    tag,
  );
  return record(asked(), rrType.RRSIG, concatBytes([head, evil.wire, octets(i)]));
}

/** All of one set at the name asked, with a signature that is right. */
function signed(owner: DomainName, type: number, rdatas: readonly Uint8Array[]): readonly Uint8Array[] {
  const { rdata } = signRRset({ owner, type, class: 1, ttl: 300, rdatas }, key, evil, times);
  return [record(asked(), rrType.RRSIG, rdata), ...rdatas.map((each) => record(asked(), type, each))];
}

function addresses(count: number): readonly Uint8Array[] {
  return many(count, (i) => octets(i, i));
}

interface Case {
  readonly what: string;
  readonly ask?: string;
  readonly type?: number;
  /** Nothing is validated. */
  readonly unsigned?: true;
  /** The zone is forwarded to those servers. */
  readonly forwarded?: true;
  readonly keys?: readonly Uint8Array[];
  readonly answer: (question: Question) => Sections;
}

const long = `x.${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(50)}.evil.`;
/** The question's name without its first label, `x`. */
const afterFirst = asked(2);
const smallKeys = many(3_300, (i) => concatBytes([octets(256, 0x030d, i), Uint8Array.of(1)]));

const cases: readonly Case[] = [
  {
    what: '4,200 addresses',
    unsigned: true,
    answer: () => [addresses(4_200).map((each) => record(asked(), rrType.A, each))],
  },
  { what: '3,900 addresses, signed', answer: ({ name }) => [signed(name, rrType.A, addresses(3_900))] },
  {
    what: '3,800 addresses of a name of 240 octets, signed',
    ask: long,
    answer: ({ name }) => [signed(name, rrType.A, addresses(3_800))],
  },
  {
    what: '3,700 addresses of a name of 240 octets, 8 signatures wrong',
    ask: long,
    answer: ({ name }) => [
      [
        ...many(8, (i) => wrongSignature(i, key.tag, rrType.A, 6)),
        ...signed(name, rrType.A, addresses(3_700)).slice(1),
      ],
    ],
  },
  {
    what: '1,900 signatures by the right key, all wrong',
    answer: () => [
      [record(asked(), rrType.A, octets(1, 1)), ...many(1_900, (i) => wrongSignature(i, key.tag))],
    ],
  },
  {
    what: '1,900 signatures by other keys, of a zone with 3,300 keys',
    keys: smallKeys,
    answer: () => [[record(asked(), rrType.A, octets(1, 1)), ...many(1_900, (i) => wrongSignature(i, i))]],
  },
  { what: '3,300 keys', ask: 'evil.', type: rrType.DNSKEY, keys: smallKeys, answer: () => [[]] },
  {
    what: '3,500 addresses of names that differ in one octet of 240',
    ask: long,
    unsigned: true,
    answer: () => [
      many(3_500, (i) =>
        record(concatBytes([label(String.fromCharCode(97 + (i % 23))), afterFirst]), rrType.A, octets(i, i)),
      ),
    ],
  },
  {
    what: '20 name servers and 3,300 addresses of others, names of 240 octets',
    ask: long,
    unsigned: true,
    answer: () => [
      [],
      many(20, (i) =>
        record(afterFirst, rrType.NS, concatBytes([label(`n${String.fromCharCode(97 + i)}`), afterFirst])),
      ),
      many(3_300, (i) =>
        record(
          concatBytes([label(`p${String.fromCharCode(97 + (i % 23))}`), afterFirst]),
          rrType.A,
          octets(i, i),
        ),
      ),
    ],
  },
  {
    what: '14 aliases and 3,400 DNAMEs, from a resolver',
    ask: long,
    unsigned: true,
    forwarded: true,
    answer: () => [
      [
        ...many(14, (i) =>
          record(
            concatBytes([label(i === 0 ? 'x' : String.fromCharCode(97 + i)), afterFirst]),
            rrType.CNAME,
            concatBytes([label(String.fromCharCode(98 + i)), afterFirst]),
          ),
        ),
        ...many(3_400, (i) =>
          record(concatBytes([label(String(i % 10)), afterFirst]), rrType.DNAME, evil.wire),
        ),
      ],
    ],
  },
  {
    what: '1,300 NSEC records',
    unsigned: true,
    answer: () => [
      [],
      many(1_300, (i) =>
        record(
          concatBytes([label(String(1_000 + i)), asked(4)]),
          rrType.NSEC,
          concatBytes([label(String(1_001 + i)), evil.wire, octets(1), Uint8Array.of(0x40)]),
        ),
      ),
    ],
  },
  {
    what: '2,800 mail exchangers, each another name',
    type: rrType.MX,
    unsigned: true,
    answer: () => [
      many(2_800, (i) =>
        record(asked(), rrType.MX, concatBytes([octets(i), label(String(10_000 + i)), asked(4)])),
      ),
    ],
  },
  {
    what: '4,000 names through 120 pointers each',
    unsigned: true,
    answer: ({ name }) => {
      // They stand in the text of the first record.
      const text = 12 + name.wire.length + 4 + 12 + 1;
      const chain = many(127, (i) => octets(0xc000 | (i === 0 ? 12 : text + 2 * (i - 1))));
      return [
        [
          record(asked(), rrType.TXT, concatBytes([Uint8Array.of(254), ...chain])),
          ...many(4_000, () => record(octets(0xc000 | (text + 2 * 119)), rrType.A, octets(1, 1))),
        ],
      ];
    },
  },
  {
    what: '16,000 options',
    unsigned: true,
    answer: () => [
      [],
      [],
      [concatBytes([Uint8Array.of(0), octets(rrType.OPT, 1_232, 0, 0x8000, 64_000), new Uint8Array(64_000)])],
    ],
  },
];

for (const each of cases)
  test(`a message with ${each.what}`, (t) => {
    // The collector and the compiler have their turns in one round or another.
    const rounds = Array.from({ length: 3 }, () => play(each));
    const [{ messages, largest, end }] = [rounds[0] ?? assert.fail()];
    const cpu = Math.min(...rounds.map((round) => round.cpu));
    assert.ok(largest > 40_000, `${largest} octets`);
    t.diagnostic(
      `${messages} messages by TCP, of ${largest} octets at most: ${end}, ${cpu.toFixed(0)} ms of CPU`,
    );
    assert.ok(cpu < most * messages, `${cpu} ms of CPU`);
  });

interface Played {
  /** By TCP. */
  readonly messages: number;
  /** Octets. */
  readonly largest: number;
  /** What was found. */
  readonly end: string;
  /** Milliseconds, the making of the messages left out. */
  readonly cpu: number;
}

/** One question to a resolver that knows nothing. */
function play({ ask = 'www.evil.', type = rrType.A, unsigned, forwarded, keys = [], answer }: Case): Played {
  const clock = new VirtualClock();
  const made = new Map<string, Uint8Array>();
  let cpu = 0;
  const message = ({ bytes, transport, to }: UpstreamRequest): Uint8Array | undefined => {
    if (to.address === '192.0.2.1') return rootServer.answer(bytes, transport === 'udp' ? 'udp' : 'tcp');
    const query = decodeMessage(bytes);
    const question = query.ok ? query.value.questions[0] : undefined;
    assert.ok(question);
    const { name } = question;
    const head = bytes.subarray(0, 12 + name.wire.length + 4);
    if (transport === 'udp') return response(head, [[]], 0x86);
    const id = `${question.type} ${name.key}`;
    const sections: Sections =
      question.type === rrType.DNSKEY
        ? [signed(name, rrType.DNSKEY, [key.rdata, ...keys])]
        : answer(question);
    const whole = made.get(id) ?? response(head, sections, 0x84);
    made.set(id, whole);
    whole.set(bytes.subarray(0, 2));
    whole.set(name.wire, 12);
    return whole;
  };
  const upstream: Upstream = {
    ask: (request, heard) => {
      const timer = clock.after(10, () => {
        const bytes = message(request);
        const began = process.threadCpuUsage();
        if (bytes !== undefined) heard({ kind: 'message', bytes });
        const { user, system } = process.threadCpuUsage(began);
        cpu += (user + system) / 1000;
      });
      return () => timer.cancel();
    },
  };
  const delegation = {
    zone: evil,
    servers: [{ name: domainName('ns.evil.'), addresses: ['192.0.2.66'] }],
    forwards: true,
    expires: Number.POSITIVE_INFINITY,
  } as const;
  const resolver = new Resolver({
    upstream,
    clock,
    random: seededRandom(1),
    rootHints: [{ name: domainName('ns.'), addresses: ['192.0.2.1'] }],
    anchors: new AnchorSet(clock, unsigned === true ? [] : anchored),
    routes: forwarded === true ? [{ delegation, first: false }] : [],
  });
  const box: { resolved?: Resolved } = {};
  resolver.resolve({ name: domainName(ask), type }, {}, (resolved) => (box.resolved = resolved));
  for (
    let next = clock.nextTimer();
    box.resolved === undefined && next !== undefined;
    next = clock.nextTimer()
  )
    clock.advance(next - clock.now());
  assert.ok(box.resolved !== undefined);
  const largest = Math.max(...[...made.values()].map(({ length }) => length));
  return { messages: made.size, largest, end: box.resolved.end.kind, cpu };
}

/** A response to the query that ends with its question, with as many of the records as it has room for. */
function response(query: Uint8Array, sections: Sections, flags: number): Uint8Array {
  const counts = [0, 0, 0];
  const parts: Uint8Array[] = [];
  let left = 0xffff - query.length;
  for (const [i, section] of sections.entries()) {
    for (const each of section ?? []) {
      if (each.length > left) break;
      left -= each.length;
      counts[i] = (counts[i] ?? 0) + 1;
      parts.push(each);
    }
  }
  const whole = concatBytes([query, ...parts]);
  whole[2] = flags;
  whole[3] = 0;
  whole.set(octets(1, ...counts), 4);
  return whole;
}
