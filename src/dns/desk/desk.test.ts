// The desk with handlers of the test's own: who gets what, what is refused how, and that answers to signed requests are signed.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { concatBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import type { DnsClient, DnsReply, DnsResponder } from '../responder.ts';
import { TsigResponseVerifier, signRequest } from '../tsig/tsig-client.ts';
import { TsigKeys } from '../tsig/tsig-key.ts';
import type { TsigKey } from '../tsig/tsig-key.ts';
import { formatRcode, opcode } from '../wire/codes.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { decoded, record, response } from '../../../test/support/dns-messages.ts';
import { AuthorityService } from './authority-service.ts';
import { Desk } from './desk.ts';
import { bareReply, replyTo } from './reply.ts';
import type { DnsRequest, DnsRequestHandlers } from './request.ts';
import { isForDesk } from './triage.ts';

const key: TsigKey = {
  name: domainName('key.example'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(1),
};
const clock = new VirtualClock();

function query(parts: Partial<Message> = {}): Message {
  return { ...response({ authoritative: false }), response: false, ...parts };
}

function asking(type: number, parts: Partial<Message> = {}): Message {
  return query({ questions: [{ name: domainName('example.com'), type, class: 1 }], ...parts });
}

const edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
const tcp: DnsClient = { from: { address: '192.0.2.1', port: 5353 }, transport: 'tcp' };
const udp: DnsClient = { ...tcp, transport: 'udp' };

/** Answers each question by the octets that stand for it. */
const questions: DnsResponder = {
  respond: (bytes, _client, reply) =>
    reply(encodeMessage(replyTo(decoded(bytes), { answers: [record('example.com. 60 IN A 192.0.2.9')] }))),
};

interface Said {
  /** What was said in words of the test: response codes, one a message; `nothing`. */
  readonly codes: readonly string[];
  readonly messages: readonly Uint8Array[];
}

async function say(desk: DnsResponder, bytes: Uint8Array, client: DnsClient = tcp): Promise<Said> {
  const messages: Uint8Array[] = [];
  let streaming: Promise<void> | undefined;
  const reply: DnsReply = (given) => {
    if (given instanceof Uint8Array) messages.push(given);
    else
      streaming = (async () => {
        for await (const each of given) messages.push(each);
      })();
  };
  desk.respond(bytes, client, reply);
  await clock.advanceAsync(0);
  await streaming;
  return { codes: messages.map((each) => formatRcode(decoded(each).rcode)), messages };
}

function deskOf(handlers: DnsRequestHandlers, limits?: { total: number; perAddress: number }): Desk {
  return new Desk({
    keys: new TsigKeys([key]),
    handlers,
    questions,
    clock,
    log: silentLog,
    ...(limits !== undefined && { limits }),
  });
}

function answering(code: number): (request: DnsRequest) => Promise<Uint8Array> {
  return ({ message }) => Promise.resolve(encodeMessage(replyTo(message, { rcode: code })));
}

suite('what goes to the desk', () => {
  const table: readonly (readonly [string, Uint8Array, boolean])[] = [
    ['a question', encodeMessage(asking(rrType.A)), false],
    ['a question with EDNS', encodeMessage(asking(rrType.A, { edns })), false],
    ['AXFR', encodeMessage(asking(rrType.AXFR)), true],
    [
      'IXFR',
      encodeMessage(asking(rrType.IXFR, { authorities: [record('example.com. 1 IN A 192.0.2.1')] })),
      true,
    ],
    ['NOTIFY', encodeMessage(asking(rrType.SOA, { opcode: opcode.NOTIFY })), true],
    ['UPDATE', encodeMessage(asking(rrType.SOA, { opcode: opcode.UPDATE })), true],
    ['STATUS', encodeMessage(query({ opcode: opcode.STATUS })), false],
    ['a signed question', signRequest(encodeMessage(asking(rrType.A)), key, 0).bytes, true],
    [
      'a signed question with EDNS',
      signRequest(encodeMessage(asking(rrType.A, { edns })), key, 0).bytes,
      true,
    ],
    ['a signed STATUS', signRequest(encodeMessage(query({ opcode: opcode.STATUS })), key, 0).bytes, true],
    ['a response to AXFR', encodeMessage({ ...asking(rrType.AXFR), response: true }), false],
    ['a response to UPDATE', encodeMessage(response({ opcode: opcode.UPDATE })), false],
    ['no octets', new Uint8Array(0), false],
    ['a header alone', new Uint8Array(12), false],
    ['a header that promises', Uint8Array.of(0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255), false],
  ];
  for (const [title, bytes, expected] of table) {
    test(title, () => {
      assert.equal(isForDesk(bytes), expected);
      // In the midst of others, as it comes on a stream.
      const stream = concatBytes([Uint8Array.of(0, 0xfc, 1), bytes, new Uint8Array(20).fill(0xfc)]);
      assert.equal(isForDesk(stream, 3, bytes.length), expected);
    });
  }

  test('and cut anywhere it is looked at without a fault', () => {
    for (const [, bytes] of table)
      for (let length = 0; length < bytes.length; length++) isForDesk(bytes.subarray(0, length));
  });
});

test('the service sends each message to whom it belongs', async () => {
  const service = new AuthorityService(questions, deskOf({ update: answering(8) }));
  assert.deepEqual((await say(service, encodeMessage(asking(rrType.A)))).codes, ['NOERROR']);
  const update = encodeMessage(asking(rrType.SOA, { opcode: opcode.UPDATE }));
  assert.deepEqual((await say(service, update)).codes, ['NXRRSET']);
  const out = new Uint8Array(512);
  const laned: DnsResponder = { ...questions, answerInto: () => 42 };
  const into = (responder: DnsResponder, bytes: Uint8Array): number | undefined =>
    responder.answerInto?.(bytes, 0, bytes.length, tcp, out, 0, 512);
  const fast = new AuthorityService(laned, deskOf({}));
  assert.equal(into(fast, encodeMessage(asking(rrType.A))), 42);
  assert.equal(into(fast, update), -1);
  assert.equal(into(service, encodeMessage(asking(rrType.A))), -1);
});

suite('each kind has its handler, and a kind without one is refused', () => {
  const all: DnsRequestHandlers = { transfer: answering(1), notify: answering(2), update: answering(3) };
  const table: readonly (readonly [string, Message, DnsRequestHandlers, string])[] = [
    ['AXFR', asking(rrType.AXFR), all, 'FORMERR'],
    ['IXFR', asking(rrType.IXFR), all, 'FORMERR'],
    ['NOTIFY', asking(rrType.SOA, { opcode: opcode.NOTIFY }), all, 'SERVFAIL'],
    ['UPDATE', asking(rrType.SOA, { opcode: opcode.UPDATE }), all, 'NXDOMAIN'],
    ['AXFR, none', asking(rrType.AXFR), {}, 'REFUSED'],
    ['NOTIFY, none', asking(rrType.SOA, { opcode: opcode.NOTIFY }), {}, 'NOTIMP'],
    ['UPDATE, none', asking(rrType.SOA, { opcode: opcode.UPDATE }), {}, 'NOTIMP'],
    ['EDNS 1', asking(rrType.AXFR, { edns: { ...edns, version: 1 } }), all, 'BADVERS'],
    ['no question', query({ questions: [], opcode: opcode.NOTIFY }), all, 'FORMERR'],
    [
      'two zones',
      query({
        questions: [...asking(rrType.SOA).questions, ...asking(rrType.SOA).questions],
        opcode: opcode.UPDATE,
      }),
      all,
      'FORMERR',
    ],
    [
      'a NOTIFY of nine records',
      asking(rrType.SOA, {
        opcode: opcode.NOTIFY,
        answers: Array.from({ length: 9 }, (_, i) => record(`example.com. 1 IN A 192.0.2.${i}`)),
      }),
      all,
      'FORMERR',
    ],
  ];
  for (const [title, message, handlers, expected] of table) {
    test(title, async () => {
      assert.deepEqual((await say(deskOf(handlers), encodeMessage(message))).codes, [expected]);
    });
  }

  test('an update may have thousands of records, broken ones are FORMERR, and responses keep id, opcode and question', async () => {
    const seen: DnsRequest[] = [];
    const desk = deskOf({
      update: (request) => {
        seen.push(request);
        return answering(0)(request);
      },
    });
    const authorities = Array.from({ length: 2000 }, (_, i) => record(`h${i}.example.com. 1 IN A 192.0.2.1`));
    const bytes = encodeMessage(asking(rrType.SOA, { opcode: opcode.UPDATE, id: 99, authorities, edns }));
    const signed = (message: Uint8Array): Uint8Array => signRequest(message, key, clock.now()).bytes;
    const { messages, codes } = await say(desk, signed(bytes));
    assert.deepEqual(codes, ['NOERROR']);
    const { id, opcode: code, questions, edns: opt, response } = decoded(messages[0] ?? assert.fail());
    assert.deepEqual([id, code, questions.length, response, opt?.version], [99, opcode.UPDATE, 1, true, 0]);
    assert.equal(seen[0]?.message.authorities.length, 2000);
    const broken = bytes.slice();
    // A label that runs past the end.
    broken[12] = 0x3f;
    assert.deepEqual((await say(desk, signed(broken))).codes, ['FORMERR']);
    assert.equal(seen.length, 1);
    // A stranger's is not even decoded.
    assert.deepEqual((await say(desk, bytes)).codes, ['REFUSED']);
    assert.equal(seen.length, 1);
  });
});

suite('signatures', () => {
  test('a signed request reaches its handler with the key, and its answer is signed', async () => {
    const seen: (string | undefined)[] = [];
    const desk = deskOf({
      transfer: async ({ message, key }) => {
        seen.push(key?.toString());
        return Promise.resolve(
          streamOf([0, 1, 2].map((rcode) => encodeMessage(replyTo(message, { rcode })))),
        );
      },
    });
    const { bytes, mac } = signRequest(encodeMessage(asking(rrType.AXFR)), key, clock.now());
    const { messages } = await say(desk, bytes);
    const verifier = new TsigResponseVerifier(key, mac);
    assert.deepEqual(
      messages.map((each) => verifier.push(each, clock.now()).ok),
      [true, true, true],
    );
    await say(desk, encodeMessage(asking(rrType.AXFR)));
    assert.deepEqual(seen, ['key.example.', undefined]);
  });

  test('wrong ones are NOTAUTH with the reason in TSIG, misplaced ones FORMERR, and no handler sees them', async () => {
    const desk = deskOf({ transfer: () => assert.fail('a handler was called') });
    const message = encodeMessage(asking(rrType.AXFR));
    const wrong = signRequest(message, { ...key, secret: new Uint8Array(3) }, clock.now());
    const unknown = signRequest(message, { ...key, name: domainName('other.example') }, clock.now());
    const late = signRequest(message, key, clock.now() - 400_000);
    const errors: (number | undefined)[] = [];
    for (const { bytes, mac } of [wrong, unknown, late]) {
      const { messages, codes } = await say(desk, bytes);
      assert.deepEqual(codes, ['NOTAUTH']);
      const [first = assert.fail()] = messages;
      assert.deepEqual(decoded(first).questions.length, 1);
      const taken = new TsigResponseVerifier(key, mac).push(first, clock.now() - 400_000);
      errors.push(taken.ok ? 0 : taken.fault.error);
    }
    assert.deepEqual(errors, [16, 17, 18]);
    const twice = signRequest(signRequest(message, key, clock.now()).bytes, key, clock.now()).bytes;
    assert.deepEqual((await say(desk, twice)).codes, ['FORMERR']);
  });

  test('a signed question is answered and signed; where that doesn’t fit a datagram, with TC and nothing else', async () => {
    const many = Array.from({ length: 30 }, (_, i) => record(`example.com. 60 IN A 192.0.2.${i}`));
    const desk = new Desk({
      keys: new TsigKeys([key]),
      handlers: {},
      clock,
      log: silentLog,
      questions: {
        respond: (bytes, _client, reply) => {
          const message = decoded(bytes);
          const [question] = message.questions;
          const answers = question?.type === rrType.A ? many.slice(0, 1) : many;
          reply(encodeMessage(replyTo(message, { answers })));
        },
      },
    });
    for (const [type, client, answers] of [
      [rrType.A, udp, 1],
      [rrType.ANY, udp, 0],
      [rrType.ANY, tcp, 30],
    ] as const) {
      const { bytes, mac } = signRequest(encodeMessage(asking(type)), key, clock.now());
      const { messages } = await say(desk, bytes, client);
      const [first = assert.fail()] = messages;
      assert.ok(client.transport === 'tcp' || first.length <= 512);
      const taken = new TsigResponseVerifier(key, mac).push(first, clock.now());
      assert.ok(taken.ok);
      const message = decoded(taken.value);
      assert.deepEqual([message.answers.length, message.truncated], [answers, answers === 0]);
      assert.equal(message.questions.length, 1);
    }
  });

  test('a handler knows how much room a signature leaves', async () => {
    const limits: number[] = [];
    const desk = deskOf({
      transfer: (request) => {
        limits.push(request.limit);
        return answering(0)(request);
      },
    });
    const [plain, big] = [asking(rrType.IXFR), asking(rrType.IXFR, { edns: { ...edns, udpSize: 4096 } })];
    for (const client of [udp, tcp])
      for (const message of [plain, big]) {
        await say(desk, encodeMessage(message), client);
        await say(desk, signRequest(encodeMessage(message), key, clock.now()).bytes, client);
      }
    const sign =
      signRequest(encodeMessage(plain), key, clock.now()).bytes.length - encodeMessage(plain).length;
    assert.deepEqual(limits, [512, 512 - sign, 1232, 1232 - sign, 65535, 65535 - sign, 65535, 65535 - sign]);
  });
});

suite('what goes wrong', () => {
  test('a handler that throws, or streams over UDP, is SERVFAIL', async () => {
    const failing = deskOf({ update: () => Promise.reject(new Error('disk full')) });
    const update = encodeMessage(asking(rrType.SOA, { opcode: opcode.UPDATE }));
    assert.deepEqual((await say(failing, update)).codes, ['SERVFAIL']);
    const streaming = deskOf({ transfer: () => Promise.resolve(streamOf([])) });
    assert.deepEqual((await say(streaming, encodeMessage(asking(rrType.AXFR)), udp)).codes, ['SERVFAIL']);
  });

  test('a response that is too big for its transport is cut to nothing, with TC', async () => {
    const answers = Array.from({ length: 40 }, (_, i) => record(`example.com. 60 IN A 192.0.2.${i}`));
    const desk = deskOf({
      transfer: ({ message }) => Promise.resolve(encodeMessage(replyTo(message, { answers }))),
    });
    const { messages } = await say(desk, encodeMessage(asking(rrType.IXFR)), udp);
    assert.equal(decoded(messages[0] ?? assert.fail()).truncated, true);
  });

  test('a handler that says nothing says nothing', async () => {
    const desk = deskOf({ notify: () => Promise.resolve(undefined) });
    const notify = encodeMessage(asking(rrType.SOA, { opcode: opcode.NOTIFY }));
    assert.deepEqual((await say(desk, notify)).codes, []);
  });

  test('one client has so many requests under way and no more; all have so many together', async () => {
    const waiting: (() => void)[] = [];
    const desk = deskOf(
      {
        update: ({ message }) =>
          new Promise((resolve) => waiting.push(() => resolve(bareReply(encodeMessage(message), 0)))),
      },
      { total: 3, perAddress: 2 },
    );
    const update = encodeMessage(asking(rrType.SOA, { opcode: opcode.UPDATE }));
    const from = (address: string): DnsClient => ({ ...tcp, from: { address, port: 1 } });
    assert.deepEqual((await say(desk, update, from('192.0.2.1'))).codes, []);
    assert.deepEqual((await say(desk, update, from('192.0.2.1'))).codes, []);
    assert.deepEqual((await say(desk, update, from('192.0.2.1'))).codes, ['SERVFAIL']);
    assert.deepEqual((await say(desk, update, from('192.0.2.2'))).codes, []);
    assert.deepEqual((await say(desk, update, from('192.0.2.3'))).codes, ['SERVFAIL']);
    // Those that are signed have places of their own, which one client may use up.
    const signed = signRequest(update, key, clock.now()).bytes;
    for (let count = 0; count < 3; count++)
      assert.deepEqual((await say(desk, signed, from('192.0.2.1'))).codes, []);
    assert.deepEqual((await say(desk, signed, from('192.0.2.1'))).codes, ['SERVFAIL']);
    for (const finish of waiting.splice(0)) finish();
    await clock.advanceAsync(0);
    assert.deepEqual((await say(desk, update, from('192.0.2.3'))).codes, []);
  });

  test('a stream that its reader leaves is told so', async () => {
    let left = false;
    const desk = deskOf({
      transfer: ({ message }) =>
        Promise.resolve(
          (async function* () {
            try {
              for (;;) yield await Promise.resolve(encodeMessage(replyTo(message)));
            } finally {
              left = true;
            }
          })(),
        ),
    });
    let taken = 0;
    let done: Promise<void> | undefined;
    desk.respond(encodeMessage(asking(rrType.AXFR)), tcp, (given) => {
      assert.ok(!(given instanceof Uint8Array));
      done = (async () => {
        for await (const _ of given) if (++taken === 3) break;
      })();
    });
    await clock.advanceAsync(0);
    await done;
    assert.deepEqual([taken, left], [3, true]);
  });
});

async function* streamOf(messages: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  for (const message of messages) yield await Promise.resolve(message);
}
