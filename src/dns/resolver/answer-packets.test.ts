import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolverInWorld } from '../../../test/support/resolver-scenario.ts';
import { seededRandom } from '../../lib/random.ts';
import type { DnsClient } from '../responder.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import { parseType } from '../wire/rr-type.ts';
import { AccessList } from './access-list.ts';
import { AnswerPackets } from './answer-packets.ts';
import { ResolverFront } from './resolver-front.ts';

const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };

function query(name: string, type: string, change: Partial<Message> = {}): Uint8Array {
  return encodeMessage({
    id: 1,
    response: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [{ name: domainName(name), type: parseType(type) ?? 0, class: 1 }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: undefined,
    ...change,
  });
}

/** Two fronts of one resolver: one that keeps packets, and one that goes the long way each time. */
function fronts() {
  const { clock, resolver } = resolverInWorld('internet', 1);
  const access = AccessList.parse(['127.0.0.0/8']);
  assert.ok(access.ok);
  const quick = new ResolverFront({ resolver, access: access.value });
  const long = new ResolverFront({ resolver, access: access.value, watch: () => () => undefined });
  const ask = (
    front: ResolverFront,
    bytes: Uint8Array,
    transport: DnsClient['transport'] = 'udp',
  ): string[] => {
    const replies: string[] = [];
    front.respond(
      bytes,
      { from: { address: '127.0.0.1', port: 9 }, transport },
      (reply) => void replies.push(reply.toHex()),
    );
    for (let next = clock.nextTimer(); next !== undefined; next = clock.nextTimer())
      clock.advance(next - clock.now());
    return replies;
  };
  return { clock, quick, long, ask, resolver };
}

/** The same but for TTLs, which may come out a second shorter: they are rounded down, from the moment of the first question. */
function assertSame(quick: readonly string[], long: readonly string[], what: string): void {
  const [a, b] = [quick, long].map((replies) =>
    replies.map((reply) => decodeMessage(Uint8Array.fromHex(reply))),
  );
  const ttls = (replies: typeof a): readonly number[] =>
    (replies ?? [])
      .flatMap((reply) => (reply.ok ? [...reply.value.answers, ...reply.value.authorities] : []))
      .map(({ ttl }) => ttl);
  const [quickTtls, longTtls] = [ttls(a), ttls(b)];
  const cleared = (replies: typeof a): string =>
    JSON.stringify(replies, (key, value: unknown) => (key === 'ttl' ? 0 : value));
  assert.equal(cleared(a), cleared(b), what);
  assert.equal(quick.join().length, long.join().length);
  for (const [i, ttl] of quickTtls.entries()) {
    const late = (longTtls[i] ?? 0) - ttl;
    assert.ok(late === 0 || late === 1, `${what}: TTL ${ttl} instead of ${longTtls[i]}`);
  }
}

const questions = [
  ['mx.example.org.', 'A'],
  ['example.org.', 'MX'],
  ['shop.example.org.', 'A'],
  ['www.away.example.org.', 'A'],
  ['nope.example.org.', 'A'],
  ['mx.example.org.', 'TXT'],
  ['large.example.org.', 'TXT'],
] as const;

const changes: readonly Partial<Message>[] = [
  {},
  { id: 0xffff },
  { checkingDisabled: true },
  { authenticData: true },
  { edns },
  { edns: { ...edns, udpSize: 512 } },
  { edns: { ...edns, udpSize: 4096, options: [{ code: 10, bytes: new Uint8Array(8) }] } },
  { edns: { ...edns, dnssecOk: true } },
  { edns: { ...edns, version: 1 } },
];

test('kept packets answer exactly as the long way does, at any age', () => {
  const { clock, quick, long, ask } = fronts();
  // Both ways have resolved everything before they are compared.
  for (const [name, type] of questions)
    for (const change of changes) for (const front of [quick, long]) ask(front, query(name, type, change));
  for (const age of [0, 1, 999, 1000, 1001, 59_000, 298_000]) {
    clock.advance(age);
    for (const [name, type] of questions) {
      for (const change of changes) {
        for (const transport of ['udp', 'tcp'] as const) {
          for (const written of [name, name.toUpperCase()]) {
            const bytes = query(written, type, change);
            assertSame(ask(quick, bytes, transport), ask(long, bytes, transport), `${written} ${type}`);
          }
        }
      }
    }
  }
});

test('queries changed at random are answered as the long way answers them', () => {
  const { quick, long, ask } = fronts();
  const random = seededRandom(7);
  const seeds = questions.flatMap(([name, type]) => changes.map((change) => query(name, type, change)));
  for (const seed of seeds) for (const front of [quick, long]) ask(front, seed);
  for (let i = 0; i < 4000; i++) {
    const bytes = (seeds[random.below(seeds.length)] ?? new Uint8Array()).slice();
    for (let changed = 1 + random.below(2); changed > 0; changed--)
      bytes[random.below(bytes.length)] = random.below(256);
    const cut = random.below(8) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
    // Where the question is a new one, the long way goes first, and its failure or answer is the same for both.
    const expected = ask(long, cut);
    assertSame(ask(quick, cut), expected, cut.toHex());
  }
});

test('forgetting everything forgets the packets', () => {
  const { quick, ask, resolver, clock } = fronts();
  const bytes = query('mx.example.org.', 'A');
  ask(quick, bytes);
  clock.advance(100_000);
  resolver.flush();
  const [reply = ''] = ask(quick, bytes);
  const decoded = decodeMessage(Uint8Array.fromHex(reply));
  assert.ok(decoded.ok);
  assert.equal(decoded.value.answers[0]?.ttl, 3600);
});

test('packets stay within their bound, and what is used stays', () => {
  const packets = new AnswerPackets(100_000, seededRandom(1));
  const response = (bytes: Uint8Array): Uint8Array => bytes.with(2, 0x81);
  const used = query('used.example.', 'A');
  packets.keep(used, response(used), 100, 0);
  for (let i = 0; i < 5_000; i++) {
    const bytes = query(`n${i}.example.`, 'A');
    packets.keep(bytes, response(bytes), 100, 0);
    assert.ok(packets.octets <= 100_000, `${packets.octets}`);
    assert.ok(packets.find(used, 'udp', 1) !== undefined, `${i}`);
  }
  assert.equal(packets.find(query('n0.example.', 'A'), 'udp', 1), undefined);
  assert.ok(packets.find(query('n4999.example.', 'A'), 'udp', 1) !== undefined);
  // Its time is over to the millisecond.
  assert.ok(packets.find(used, 'udp', 99_999) !== undefined);
  assert.equal(packets.find(used, 'udp', 100_000), undefined);
});

test('an answer that was handed out does not change when the next one is', () => {
  const packets = new AnswerPackets(100_000, seededRandom(1));
  const bytes = query('a.example.', 'A');
  packets.keep(bytes, bytes.with(2, 0x81), 100, 0);
  const first = packets.find(bytes, 'udp', 1);
  const before = first?.toHex();
  packets.find(query('a.example.', 'A', { id: 999 }), 'udp', 50_000);
  assert.equal(first?.toHex(), before);
});
