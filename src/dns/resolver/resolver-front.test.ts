import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query } from '../../../test/support/dns-messages.ts';
import { frontWithPackets } from '../../../test/support/resolver-front.ts';
import { resolverInWorld } from '../../../test/support/resolver-scenario.ts';
import type { DnsClient } from '../responder.ts';
import { formatRcode, rcode } from '../wire/codes.ts';
import { readExtendedError } from '../wire/edns-option.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Edns, Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import { formatRecord } from '../wire/presentation.ts';
import { rrType } from '../wire/rr-type.ts';

const local: DnsClient = { from: { address: '127.0.0.1', port: 4242 }, transport: 'udp' };
const edns: Edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };

function world(pending = 1000) {
  const { clock, internet, resolver } = resolverInWorld('internet', 1);
  const front = frontWithPackets(resolver, ['127.0.0.0/8', '::1'], { pending });
  const send = (bytes: Uint8Array, client: DnsClient = local): Uint8Array[] => {
    const replies: Uint8Array[] = [];
    front.respond(bytes, client, (reply) => void replies.push(reply));
    clock.run();
    return replies;
  };
  const ask = (
    change: Partial<Message>,
    name = 'mx.example.org.',
    type: number = rrType.A,
    client = local,
  ): Message => {
    const replies = send(encodeMessage(question(change, name, type)), client);
    assert.equal(replies.length, 1);
    const decoded = decodeMessage(replies[0] ?? new Uint8Array());
    assert.ok(decoded.ok);
    return decoded.value;
  };
  return { clock, internet, front, send, ask };
}

function question(change: Partial<Message>, name: string, type: number): Message {
  return query(name, type, { id: 0x1234, edns, ...change });
}

const verdicts: readonly (readonly [
  what: string,
  change: Partial<Message>,
  rcode: number,
  error?: number,
])[] = [
  ['an ordinary question', {}, rcode.NOERROR],
  ['without EDNS', { edns: undefined }, rcode.NOERROR],
  [
    'unknown EDNS options',
    { edns: { ...edns, options: [{ code: 65001, bytes: Uint8Array.of(1) }] } },
    rcode.NOERROR,
  ],
  ['EDNS version 1 (RFC 6891 §6.1.3)', { edns: { ...edns, version: 1 } }, rcode.BADVERS],
  ['an opcode that is not QUERY', { opcode: 2 }, rcode.NOTIMP],
  ['UPDATE', { opcode: 5 }, rcode.NOTIMP],
  ['no question', { questions: [] }, rcode.FORMERR],
  [
    'two questions (RFC 9619)',
    { questions: ['a.', 'b.'].map((name) => ({ name: domainName(name), type: 1, class: 1 })) },
    rcode.FORMERR,
  ],
  [
    'class CHAOS',
    { questions: [{ name: domainName('version.bind.'), type: 16, class: 3 }] },
    rcode.REFUSED,
    21,
  ],
  ['AXFR', { questions: [{ name: domainName('example.org.'), type: 252, class: 1 }] }, rcode.REFUSED, 21],
  ['type OPT', { questions: [{ name: domainName('example.org.'), type: 41, class: 1 }] }, rcode.REFUSED, 21],
  ['not in the cache, and RD is 0', { recursionDesired: false }, rcode.REFUSED, 20],
];

for (const [what, change, expected, error] of verdicts) {
  test(`the resolver's front: ${what}`, () => {
    const { ask } = world();
    const answer = ask(change);
    assert.equal(formatRcode(answer.rcode), formatRcode(expected));
    assert.equal(answer.id, 0x1234);
    assert.ok(answer.response && answer.recursionAvailable && !answer.authoritative && !answer.authenticData);
    assert.equal(answer.recursionDesired, change.recursionDesired ?? true);
    assert.equal(answer.edns === undefined, 'edns' in change && change.edns === undefined);
    assert.equal(answer.edns?.options.map(readExtendedError)[0]?.code, error);
  });
}

test('what can not be read is FORMERR, and what is no query gets no answer', () => {
  const { send } = world();
  const whole = encodeMessage(question({}, 'mx.example.org.', 1));
  for (let length = 0; length < whole.length; length++) {
    const replies = send(whole.slice(0, length));
    assert.equal(replies.length, length < 12 ? 0 : 1, `${length} octets`);
    if (length >= 12) assert.equal((replies[0]?.[3] ?? 0) & 15, rcode.FORMERR);
  }
  assert.deepEqual(send(encodeMessage(question({ response: true }, 'mx.example.org.', 1))), []);
});

test('strangers are refused, with the reason where they can read it (RFC 8914 §4.19)', () => {
  const { ask, internet } = world();
  for (const address of ['192.0.2.7', '::2', '::ffff:192.0.2.7']) {
    const answer = ask({}, 'mx.example.org.', 1, { from: { address, port: 9 }, transport: 'udp' });
    assert.equal(answer.rcode, rcode.REFUSED);
    assert.equal(answer.edns?.options.map(readExtendedError)[0]?.code, 18);
  }
  for (const address of ['127.9.9.9', '::1', '::ffff:127.0.0.1'])
    assert.equal(ask({}, 'mx.example.org.', 1, { from: { address, port: 9 }, transport: 'udp' }).rcode, 0);
  assert.equal(internet.asked.length, 4);
});

test('the answer repeats the question as it came, and its TTLs count down', () => {
  const { ask, clock } = world();
  const [first] = ask({}, 'MX.eXample.ORG.').answers;
  assert.ok(first);
  assert.equal(formatRecord(first).replaceAll(/\s+/g, ' '), 'MX.eXample.ORG. 3600 IN A 192.0.2.25');
  clock.advance(10_000);
  const again = ask({ id: 7, recursionDesired: false }, 'mx.EXAMPLE.org.');
  assert.equal(again.id, 7);
  assert.equal(again.questions[0]?.name.toString(), 'mx.EXAMPLE.org.');
  assert.ok(Math.abs((again.answers[0]?.ttl ?? 0) - 3590) <= 1);
});

test('negative answers carry the SOA with the TTL that is left (RFC 2308 §3, §6)', () => {
  const { ask, clock } = world();
  const nothing = ask({}, 'nope.example.org.');
  assert.equal(nothing.rcode, rcode.NXDOMAIN);
  assert.deepEqual(
    nothing.authorities.map(({ type, ttl }) => [type, ttl]),
    [[rrType.SOA, 300]],
  );
  clock.advance(100_000);
  const again = ask({}, 'nope.example.org.');
  assert.ok((again.authorities[0]?.ttl ?? 0) <= 200);
  const noType = ask({}, 'mx.example.org.', rrType.TXT);
  assert.equal(noType.rcode, rcode.NOERROR);
  assert.deepEqual(noType.answers, []);
});

test('ANY gets the HINFO of RFC 8482 §4.2, and nobody is asked for it', () => {
  const { ask, internet } = world();
  const { answers } = ask({}, 'example.org.', rrType.ANY);
  assert.deepEqual(
    answers.map((each) => formatRecord(each).replaceAll(/\s+/g, ' ')),
    ['example.org. 3600 IN HINFO "RFC8482" ""'],
  );
  assert.deepEqual(internet.asked, []);
});

test('a failure is SERVFAIL with the reason (RFC 8914 §4.23)', () => {
  const { ask, internet } = world();
  internet.change('192.0.2.53', { delay: 20, does: ['refuses'] });
  const answer = ask({});
  assert.equal(answer.rcode, rcode.SERVFAIL);
  const error = answer.edns?.options.map(readExtendedError)[0];
  assert.equal(error?.code, 22);
  assert.match(error?.text ?? '', /ns1\.example\.org answers REFUSED/);
});

const special: readonly (readonly [name: string, type: number, rcode: number, answers: readonly string[]])[] =
  [
    ['localhost.', rrType.A, 0, ['localhost. 10800 IN A 127.0.0.1']],
    ['a.b.localhost.', rrType.AAAA, 0, ['a.b.localhost. 10800 IN AAAA ::1']],
    ['localhost.', rrType.MX, 0, []],
    ['foo.invalid.', rrType.A, rcode.NXDOMAIN, []],
    ['1.0.0.127.in-addr.arpa.', rrType.PTR, 0, ['1.0.0.127.in-addr.arpa. 10800 IN PTR localhost.']],
  ];

for (const [name, type, code, answers] of special) {
  test(`special name ${name} (RFC 6761), type ${type}`, () => {
    const { ask, internet } = world();
    const answer = ask({}, name, type);
    assert.equal(answer.rcode, code);
    assert.deepEqual(
      answer.answers.map((each) => formatRecord(each).replaceAll(/\s+/g, ' ')),
      answers,
    );
    assert.deepEqual(internet.asked, []);
  });
}

const sizes: readonly (readonly [
  what: string,
  udpSize: number | undefined,
  transport: 'udp' | 'tcp',
  most: number,
  cut: boolean,
])[] = [
  ['no EDNS', undefined, 'udp', 512, true],
  ['a size below 512 counts as 512 (RFC 6891 §6.2.3)', 100, 'udp', 512, true],
  ['a size of 1000', 1000, 'udp', 1000, true],
  ['a large size counts as 1232', 4096, 'udp', 1232, true],
  ['TCP takes all', undefined, 'tcp', 65_535, false],
];

for (const [what, udpSize, transport, most, cut] of sizes) {
  test(`a large answer: ${what}`, () => {
    const { internet, send } = world();
    const many = Array.from({ length: 40 }, (_, i) => `many TXT "${'x'.repeat(60)}${i}"`).join('\n');
    const zone = `@ 3600 SOA ns. h. 1 2 3 4 300\n@ NS ns1\nns1 A 192.0.2.53\n${many}`;
    internet.put('192.0.2.53', new Map([['example.org.', zone]]), { delay: 5, does: [] });
    const asked = question(
      { edns: udpSize === undefined ? undefined : { ...edns, udpSize } },
      'many.example.org.',
      rrType.TXT,
    );
    const [reply = new Uint8Array()] = send(encodeMessage(asked), { ...local, transport });
    const decoded = decodeMessage(reply);
    assert.ok(decoded.ok && reply.length <= most);
    assert.equal(decoded.value.truncated, cut);
    if (!cut) assert.equal(decoded.value.answers.length, 40);
  });
}

test('too many clients waiting are told so at once', () => {
  const { front } = world(2);
  const answers: Uint8Array[] = [];
  for (const name of ['a.example.org.', 'b.example.org.', 'c.example.org.'])
    front.respond(encodeMessage(question({}, name, 1)), local, (reply) => void answers.push(reply));
  assert.equal(front.pending, 2);
  assert.equal(answers.length, 1);
  assert.equal((answers[0]?.[3] ?? 0) & 15, rcode.SERVFAIL);
});

test('DO is repeated (RFC 3225 §3), CD is copied (RFC 4035 §3.2.2)', () => {
  const { ask } = world();
  const answer = ask({ checkingDisabled: true, edns: { ...edns, dnssecOk: true } });
  assert.ok(answer.checkingDisabled);
  assert.equal(answer.edns?.dnssecOk, true);
});
