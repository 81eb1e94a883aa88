import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query } from '../../../test/support/dns-messages.ts';
import { frontWithPackets } from '../../../test/support/resolver-front.ts';
import { resolverInWorld } from '../../../test/support/resolver-scenario.ts';
import { AddressBlocks } from '../../lib/address-blocks.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import type { DnsClient } from '../responder.ts';
import { rcode } from '../wire/codes.ts';
import { readExtendedError } from '../wire/edns-option.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { parseType } from '../wire/rr-type.ts';
import { PacketCache } from './packet-cache.ts';
import type { Packet } from './packet-cache.ts';
import { PacketAnswers } from './packet-answers.ts';
import { ResolverFront } from './resolver-front.ts';

const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };

function question(name: string, type: string, change: Partial<Message> = {}): Uint8Array {
  return encodeMessage(query(name, parseType(type) ?? 0, change));
}

const settings = { udpSize: 1232, cookieSecrets: [new Uint8Array(16).fill(7)] };

/** Two fronts of one resolver: one that keeps packets, and one that goes the long way each time. */
function fronts() {
  const { clock, resolver } = resolverInWorld('internet', 1);
  const allow = ['127.0.0.0/8'];
  const protocol = () => new AnswerProtocol(settings, clock, resolver.random);
  const quick = frontWithPackets(resolver, allow, { protocol: protocol() });
  const long = new ResolverFront({ resolver, allow, protocol: protocol() });
  const ask = (
    front: ResolverFront,
    bytes: Uint8Array,
    transport: DnsClient['transport'] = 'udp',
    address = '127.0.0.1',
  ): string[] => {
    const replies: string[] = [];
    front.respond(
      bytes,
      { from: { address, port: 9 }, transport },
      (reply) => void replies.push(reply.toHex()),
    );
    clock.run();
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

/** No name below an unproved DNAME among them: the long way asks for that again each time. */
const questions = [
  ['mx.example.org.', 'A'],
  ['example.org.', 'MX'],
  ['shop.example.org.', 'A'],
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
  { edns: { ...edns, options: [{ code: 12, bytes: new Uint8Array(3) }] } },
  { edns: { ...edns, options: [{ code: 11, bytes: new Uint8Array(0) }] } },
  // A cookie of a length that none has.
  { edns: { ...edns, options: [{ code: 10, bytes: new Uint8Array(9) }] } },
  { edns: { ...edns, dnssecOk: true }, checkingDisabled: true },
  { edns: { ...edns, dnssecOk: true } },
  { edns: { ...edns, version: 1 } },
];

test('kept packets answer exactly as the long way does, at any age', () => {
  const { clock, quick, long, ask } = fronts();
  // Both ways have resolved everything before they are compared.
  for (const [name, type] of questions)
    for (const change of changes) for (const front of [quick, long]) ask(front, question(name, type, change));
  for (const age of [0, 1, 999, 1000, 1001, 59_000, 298_000]) {
    clock.advance(age);
    for (const [name, type] of questions) {
      for (const change of changes) {
        for (const transport of ['udp', 'tcp', 'tls'] as const) {
          for (const written of [name, name.toUpperCase()]) {
            const bytes = question(written, type, change);
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
  const seeds = questions.flatMap(([name, type]) => changes.map((change) => question(name, type, change)));
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
  const bytes = question('mx.example.org.', 'A');
  ask(quick, bytes);
  clock.advance(100_000);
  resolver.flush();
  const [reply = ''] = ask(quick, bytes);
  const decoded = decodeMessage(Uint8Array.fromHex(reply));
  assert.ok(decoded.ok);
  assert.equal(decoded.value.answers[0]?.ttl, 3600);
});

test('who may not use the resolver is refused, and nothing is resolved or told of what is kept', () => {
  const { quick, long, ask } = fronts();
  const bytes = question('mx.example.org.', 'A', { edns, id: 7 });
  ask(quick, bytes);
  for (const front of [quick, long]) {
    const [reply = ''] = ask(front, bytes, 'udp', '192.0.2.9');
    const decoded = decodeMessage(Uint8Array.fromHex(reply));
    assert.ok(decoded.ok);
    assert.equal(decoded.value.rcode, rcode.REFUSED);
    assert.equal(decoded.value.id, 7);
    assert.deepEqual(decoded.value.answers, []);
    assert.deepEqual(decoded.value.edns?.options.map(readExtendedError), [
      { code: 18, text: 'this resolver is not for your address' },
    ]);
    // What isn't plain isn't read for a stranger: a header says it all.
    assert.deepEqual(ask(front, bytes.with(5, 2), 'udp', '192.0.2.9'), ['000781850000000000000000']);
    assert.deepEqual(ask(front, bytes.with(2, 0x81), 'udp', '192.0.2.9'), []);
  }
});

test('clients with options are limited as those without, but for who shows our cookie', () => {
  const { clock, resolver } = resolverInWorld('internet', 1);
  const limited = { ...settings, rateLimit: { perSecond: 2, slip: 2, exempt: [] } };
  const protocol = new AnswerProtocol(limited, clock, resolver.random);
  const front = frontWithPackets(resolver, ['127.0.0.0/8'], { protocol });
  const ask = (bytes: Uint8Array): string => {
    const replies: string[] = [];
    front.respond(bytes, { from: { address: '127.0.0.1', port: 9 }, transport: 'udp' }, (reply) => {
      const decoded = decodeMessage(reply);
      assert.ok(decoded.ok);
      replies.push(`${decoded.value.truncated ? 'TC' : ''}${decoded.value.answers.length}`);
    });
    return replies.join();
  };
  ask(question('mx.example.org.', 'A'));
  clock.advance(5_000);
  const plain = question('mx.example.org.', 'A');
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => ask(plain)),
    ['1', '1', '', 'TC0', ''],
  );
});

/** Answers as a thread does: from the packets alone. */
function reader(packets: PacketCache, now: () => number) {
  const clock = new VirtualClock();
  const protocol = new AnswerProtocol({ udpSize: 1232 }, clock, seededRandom(1));
  const access = new AddressBlocks(['0.0.0.0/0']);
  const answers = new PacketAnswers({ memory: packets.memory, protocol, access, now });
  const out = new Uint8Array(2000);
  return (bytes: Uint8Array): string | undefined => {
    protocol.from('udp', Uint8Array.of(127, 0, 0, 1), 0, 4);
    answers.tick();
    const length = answers.answer(bytes, 0, bytes.length, out, 100, 1232);
    return length < 0 ? undefined : out.subarray(100, 100 + length).toHex();
  };
}

function packetFor(bytes: Uint8Array, change: Partial<Packet> = {}): Packet {
  return {
    body: bytes.with(2, 0x81).with(3, 0x80),
    questionEnd: bytes.length,
    authentic: false,
    dnssecOk: false,
    checkingDisabled: false,
    error: new Uint8Array(0),
    ...change,
  };
}

test('packets stay within their bound, and what is used stays', () => {
  const octets = 200_000;
  const packets = PacketCache.make(octets, seededRandom(1), () => 0);
  assert.ok(packets.memory.shared.byteLength <= octets);
  let now = 1;
  const find = reader(packets, () => now);
  const used = question('used.example.', 'A');
  packets.keep(packetFor(used), 100, 0);
  for (let i = 0; i < 20_000; i++) {
    packets.keep(packetFor(question(`n${i}.example.`, 'A')), 100, 0);
    assert.ok(packets.octets <= octets, `${packets.octets}`);
    // Its bucket may become full of others as young as it is.
    if (find(used) === undefined) packets.keep(packetFor(used), 100, 0);
  }
  assert.equal(find(question('n0.example.', 'A')), undefined);
  assert.ok(find(question('n19999.example.', 'A')) !== undefined);
  const kept = Array.from({ length: 200 }, (_, i) => find(question(`n${19_999 - i}.example.`, 'A')));
  assert.ok(kept.filter((each) => each !== undefined).length > 180);
  // Its time is over to the millisecond.
  now = 99_999;
  assert.ok(find(used) !== undefined);
  now = 100_000;
  assert.equal(find(used), undefined);
  packets.clear();
  now = 1;
  assert.equal(find(used), undefined);
  assert.equal(packets.octets, 0);
});

test('what was used is spared when the log comes round, what was not goes', () => {
  const packets = PacketCache.make(200_000, seededRandom(3), () => 0);
  const find = reader(packets, () => 1);
  const hot = Array.from({ length: 40 }, (_, i) => question(`hot${i}.example.`, 'A'));
  for (const each of hot) packets.keep(packetFor(each), 100, 0);
  let missed = 0;
  for (let i = 0; i < 30_000; i++) {
    packets.keep(packetFor(question(`n${i}.example.`, 'A')), 100, 0);
    const one = hot[i % hot.length] ?? new Uint8Array();
    if (find(one) === undefined) {
      missed += 1;
      packets.keep(packetFor(one), 100, 0);
    }
  }
  assert.ok(missed < 300, `${missed} of 30,000`);
});

test('an answer near its end that is asked for is wanted once, until it is written anew', () => {
  const packets = PacketCache.make(200_000, seededRandom(1), () => 0);
  let now = 0;
  const find = reader(packets, () => now);
  const bytes = question('Www.example.', 'AAAA', { checkingDisabled: true });
  packets.keep(packetFor(bytes, { checkingDisabled: true }), 100, 0);
  find(bytes);
  assert.deepEqual(packets.takeWanted(), []);
  now = 90_500;
  for (let i = 0; i < 1000; i++) find(bytes);
  const wanted = packets.takeWanted();
  assert.deepEqual(
    wanted.map((each) => ({ ...each, name: each.name.toString() })),
    [{ name: 'www.example.', type: 28, dnssecOk: false, checkingDisabled: true }],
  );
  assert.deepEqual(packets.takeWanted(), []);
  packets.keep(packetFor(bytes, { checkingDisabled: true }), 10, now);
  now += 9_500;
  find(bytes);
  assert.equal(packets.takeWanted().length, 1);
});

test('what is too long for its memory is not kept', () => {
  const packets = PacketCache.make(100_000, seededRandom(1), () => 0);
  const find = reader(packets, () => 1);
  const bytes = question('long.example.', 'A');
  packets.keep(packetFor(bytes, { error: new Uint8Array(9_000) }), 100, 0);
  assert.equal(find(bytes), undefined);
});
