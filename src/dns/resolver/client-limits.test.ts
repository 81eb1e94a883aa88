// What one client can take of the resolver: so many questions each second for its network, and so many that wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query } from '../../../test/support/dns-messages.ts';
import { frontWithPackets } from '../../../test/support/resolver-front.ts';
import { resolverInWorld } from '../../../test/support/resolver-scenario.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import type { DnsClient } from '../responder.ts';
import { ednsOption, readExtendedError } from '../wire/edns-option.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import type { EdnsOption } from '../wire/rdata/opt.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ResolverFront } from './resolver-front.ts';

const secret = new Uint8Array(16).fill(7);

function question(name: string, options: readonly EdnsOption[] = []): Uint8Array {
  const edns = { udpSize: 1232, version: 0, dnssecOk: false, options };
  return encodeMessage(query(name, rrType.A, { edns }));
}

function read(bytes: Uint8Array | undefined): Message | undefined {
  const decoded = decodeMessage(bytes ?? new Uint8Array(0));
  return decoded.ok ? decoded.value : undefined;
}

/** In one word: how a client sees the answer. */
function verdictOf(message: Message | undefined): string {
  if (message === undefined) return 'silence';
  if (message.truncated) return 'truncated';
  if (message.rcode === 5)
    return message.edns?.options.some((option) => readExtendedError(option)?.text.startsWith('too many'))
      ? 'refused'
      : 'refused without a reason';
  return message.rcode === 0 ? 'answered' : String(message.rcode);
}

function limited() {
  const { clock, resolver } = resolverInWorld('internet', 1);
  const rateLimit = { perSecond: 10, slip: 2, exempt: ['192.0.2.128/25'] };
  const settings = { udpSize: 1232, cookieSecrets: [secret], rateLimit, limitAll: true };
  const protocol = new AnswerProtocol(settings, clock, resolver.random);
  const front = frontWithPackets(resolver, ['0.0.0.0/0', '::/0'], { protocol });
  const ask = (client: DnsClient, options: readonly EdnsOption[] = []): Message | undefined => {
    let answer: Uint8Array | undefined;
    front.respond(question('localhost.', options), client, (bytes) => (answer = bytes));
    return read(answer);
  };
  return { clock, front, ask };
}

const clientAt = (address: string, transport: DnsClient['transport']): DnsClient => ({
  from: { address, port: 4242 },
  transport,
});

/** What 14 questions of one client come to, one after the other. */
function series(next: () => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 14; i++) {
    const verdict = next();
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

test('over UDP, where an address may be forged, what is over the limit is dropped or truncated in turn', () => {
  const { ask } = limited();
  const client = clientAt('192.0.2.1', 'udp');
  assert.deepEqual(
    series(() => verdictOf(ask(client))),
    { answered: 10, silence: 2, truncated: 2 },
  );
});

for (const transport of ['tcp', 'tls'] as const) {
  test(`over ${transport} it is refused, and why is told`, () => {
    const { ask } = limited();
    const client = clientAt('2001:db8::1', transport);
    assert.deepEqual(
      series(() => verdictOf(ask(client))),
      { answered: 10, refused: 4 },
    );
  });
}

test('a question of a connection counts once, although it takes two ways', () => {
  const { front } = limited();
  const client = clientAt('192.0.2.1', 'tcp');
  const out = new Uint8Array(512);
  assert.deepEqual(
    series(() => {
      // As DnsStreams does it: by the lane first.
      const bytes = question('localhost.');
      let length = front.answerInto(bytes, 0, bytes.length, client, out, 0, out.length);
      if (length < 0)
        front.respond(bytes, client, (answer) => {
          out.set(answer);
          length = answer.length;
        });
      return verdictOf(read(out.slice(0, length)));
    }),
    { answered: 10, refused: 4 },
  );
});

test('a good cookie proves the address, and does not lift the limit', () => {
  const { ask } = limited();
  const client = clientAt('192.0.2.1', 'udp');
  const ofClient = { code: ednsOption.COOKIE, bytes: new Uint8Array(8).fill(3) };
  const cookie = ask(client, [ofClient])?.edns?.options.find(({ code }) => code === ednsOption.COOKIE);
  assert.equal(cookie?.bytes.length, 24);
  assert.deepEqual(
    series(() => verdictOf(ask(client, [cookie]))),
    { answered: 9, refused: 5 },
  );
});

test('a network counts as one, whatever the transport; others and those exempt are not touched', () => {
  const { clock, front, ask } = limited();
  const udp = clientAt('192.0.2.1', 'udp');
  for (let i = 0; i < 10; i++) ask(i % 2 === 0 ? udp : clientAt('192.0.2.77', 'tls'));
  assert.equal(verdictOf(ask(clientAt('192.0.2.50', 'tcp'))), 'refused');
  assert.equal(front.isOverLimit('192.0.2.51'), true);
  assert.equal(verdictOf(ask(clientAt('192.0.2.200', 'tcp'))), 'answered');
  assert.equal(verdictOf(ask(clientAt('192.0.3.1', 'tcp'))), 'answered');
  clock.advance(1000);
  assert.equal(verdictOf(ask(udp)), 'answered');
  assert.equal(front.isOverLimit('192.0.2.51'), false);
});

test('HTTPS is counted by its own question, once', () => {
  const { front, ask } = limited();
  const client = clientAt('192.0.2.1', 'https');
  assert.deepEqual(
    series(() => (front.isOverLimit('192.0.2.1') ? 'over' : verdictOf(ask(client)))),
    { answered: 10, over: 4 },
  );
});

test('one client can not take all places: others are still answered', () => {
  const { clock, resolver } = resolverInWorld('internet', 1);
  const front: ResolverFront = frontWithPackets(resolver, ['0.0.0.0/0'], { pending: 8, pendingPerClient: 3 });
  const answers = new Map<string, (number | undefined)[]>();
  const ask = (name: string, address: string): void => {
    const client = clientAt(address, 'tcp');
    front.respond(question(name), client, (bytes) => {
      answers.set(address, [...(answers.get(address) ?? []), read(bytes)?.rcode]);
    });
  };
  for (let i = 0; i < 5; i++) ask(`${i}.example.org.`, '192.0.2.1');
  ask('mx.example.org.', '192.0.2.2');
  assert.deepEqual(answers.get('192.0.2.1'), [2, 2]);
  assert.equal(answers.get('192.0.2.2'), undefined);
  clock.run();
  assert.deepEqual(answers.get('192.0.2.1'), [2, 2, 3, 3, 3]);
  assert.deepEqual(answers.get('192.0.2.2'), [0]);
  assert.equal(front.pending, 0);
  // Its places are its own again.
  ask('5.example.org.', '192.0.2.1');
  assert.equal(answers.get('192.0.2.1')?.length, 5);
});
