import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TestContext } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import { systemRandom } from '../../lib/random.ts';
import { createNetwork } from '../../net/network.ts';
import { listenTcp } from '../../net/tcp-listener.ts';
import { listenUdp } from '../../net/udp-listener.ts';
import { TlsContext } from '../../net/tls-context.ts';
import { makeSelfSigned } from '../../net/self-signed.ts';
import { Exchanges } from '../resolver/exchange.ts';
import type { ExchangeOutcome } from '../resolver/exchange.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import { dnsDatagramHandler } from '../server/datagram.ts';
import { dnsStreamHandler } from '../server/stream.ts';
import { rrClass } from '../wire/codes.ts';
import { DnsFrameDecoder, frameMessage } from '../wire/frame-decoder.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { NetworkUpstream } from './network-upstream.ts';
import { askServer, queryServer } from './query-server.ts';

const name = domainName('www.example.org.');
const means = { clock: systemClock, random: systemRandom };
const timeoutMs = 300;

/** What a server answers to a query; several messages, or none. */
type Answering = (query: Message, client: DnsClient) => readonly Message[];

interface TestServer {
  readonly endpoint: Endpoint;
  readonly asked: DnsClient['transport'][];
  connections: number;
}

async function serve(
  t: TestContext,
  answering: Answering,
  transports: readonly string[] = ['udp', 'tcp'],
): Promise<TestServer> {
  const asked: DnsClient['transport'][] = [];
  const responder: DnsResponder = {
    respond(bytes, client, reply) {
      asked.push(client.transport);
      const query = decodeMessage(bytes);
      assert.ok(query.ok);
      for (const answer of answering(query.value, client)) reply(encodeMessage(answer));
    },
  };
  const any = { address: '127.0.0.1', port: 0 };
  const server: { endpoint: Endpoint; asked: typeof asked; connections: number } = {
    endpoint: any,
    asked,
    connections: 0,
  };
  if (transports.includes('tcp')) {
    const handler = dnsStreamHandler(responder);
    const tcp = await listenTcp(any, (connection, signal) => {
      server.connections += 1;
      return handler(connection, signal);
    });
    t.after(() => tcp.close());
    server.endpoint = tcp.endpoint;
  }
  if (transports.includes('udp')) {
    const udp = await listenUdp(server.endpoint, dnsDatagramHandler(responder));
    t.after(() => udp.close());
    server.endpoint = udp.endpoint;
  }
  return server;
}

function address(query: Message, last: number, change: Partial<Message> = {}): Message {
  const [question] = query.questions;
  assert.ok(question);
  const record = {
    owner: question.name,
    type: rrType.A,
    class: rrClass.IN,
    ttl: 60,
    rdata: Uint8Array.of(192, 0, 2, last),
  };
  return { ...query, response: true, recursionAvailable: true, answers: [record], ...change };
}

const honest: Answering = (query) => [address(query, 1)];

test('one question to one server, by UDP', async (t) => {
  const server = await serve(t, honest);
  const answer = await queryServer(
    createNetwork(),
    server.endpoint,
    { name, type: rrType.A, timeoutMs },
    means,
  );
  assert.ok(answer.ok);
  assert.equal(answer.value.transport, 'udp');
  assert.deepEqual(answer.value.message.answers[0]?.rdata, Uint8Array.of(192, 0, 2, 1));
  // The answer's names come in the case that was asked for, not in the random case that went out.
  assert.equal(answer.value.message.answers[0]?.owner.toString(), 'www.example.org.');
});

test('answers with a wrong id or question are passed over', async (t) => {
  const server = await serve(
    t,
    (query) => [
      address(query, 66, { id: query.id ^ 1 }),
      address(query, 67, { questions: [{ name: domainName('other.example.'), type: 1, class: 1 }] }),
      address(query, 68, { questions: query.questions.map((each) => ({ ...each, type: 28 })) }),
      address(query, 1),
    ],
    ['udp'],
  );
  const answer = await queryServer(
    createNetwork(),
    server.endpoint,
    { name, type: rrType.A, timeoutMs },
    means,
  );
  assert.ok(answer.ok, answer.ok ? '' : answer.fault);
  assert.deepEqual(answer.value.message.answers[0]?.rdata, Uint8Array.of(192, 0, 2, 1));
});

test('only the asked server is heard: another port of its host is not', async (t) => {
  // The forger knows id, question and port, which is more than any real one does.
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  const watched = await listenUdp({ address: '127.0.0.1', port: 0 }, (bytes, from) => {
    const query = decodeMessage(bytes);
    assert.ok(query.ok);
    socket.send(encodeMessage(address(query.value, 66)), from.port, from.address);
  });
  t.after(() => watched.close());
  const answer = await queryServer(
    createNetwork(),
    watched.endpoint,
    { name, type: rrType.A, timeoutMs: 150, tries: 1 },
    means,
  );
  assert.ok(!answer.ok);
  assert.match(answer.fault, /does not answer within 150 ms/);
});

test('a truncated answer is fetched by TCP', async (t) => {
  const server = await serve(t, (query, { transport }) =>
    transport === 'udp' ? [address(query, 66, { truncated: true, answers: [] })] : [address(query, 1)],
  );
  const answer = await queryServer(
    createNetwork(),
    server.endpoint,
    { name, type: rrType.A, timeoutMs },
    means,
  );
  assert.ok(answer.ok);
  assert.equal(answer.value.transport, 'tcp');
  assert.deepEqual(server.asked, ['udp', 'tcp']);
});

test('a server that changes the letters of the question is believed by TCP only', async (t) => {
  const server = await serve(t, (query) => [
    address(query, 1, {
      questions: query.questions.map((each) => ({ ...each, name: domainName('WWW.EXAMPLE.ORG.') })),
    }),
  ]);
  const answer = await queryServer(
    createNetwork(),
    server.endpoint,
    { name, type: rrType.A, timeoutMs },
    means,
  );
  assert.ok(answer.ok);
  assert.deepEqual(server.asked, ['udp', 'tcp']);
});

test('nobody listens: said at once, as the system says so', async () => {
  const other = await listenUdp({ address: '127.0.0.1', port: 0 }, () => undefined);
  const { endpoint } = other;
  await other.close();
  const answer = await queryServer(
    createNetwork(),
    endpoint,
    { name, type: rrType.A, timeoutMs: 5_000 },
    means,
  );
  assert.ok(!answer.ok);
  assert.match(answer.fault, /nobody listens there/);
});

test('questions by TCP share a connection', async (t) => {
  const server = await serve(t, honest);
  using upstream = new NetworkUpstream(createNetwork(), systemClock);
  const exchanges = new Exchanges({ upstream, ...means });
  const names = ['a', 'b', 'c', 'd'].map((label) => domainName(`${label}.example.org.`));
  const found = await Promise.all(
    names.map((each) =>
      askServer(exchanges, server.endpoint, { name: each, type: rrType.A, tcp: true, timeoutMs: 2_000 }),
    ),
  );
  assert.ok(found.every((answer) => answer.ok));
  assert.equal(server.connections, 1);
});

test('a kept connection that the server closes under a question is opened again', async (t) => {
  // Answers one question on each connection, and closes as soon as the next one is there.
  let connections = 0;
  const tcp = await listenTcp({ address: '127.0.0.1', port: 0 }, async (connection) => {
    connections += 1;
    const decoder = new DnsFrameDecoder();
    for (let answered = false; ;) {
      const bytes = await connection.read(5_000);
      if (bytes === undefined) return;
      for (const message of decoder.push(bytes).messages) {
        if (answered) return;
        answered = true;
        const query = decodeMessage(message);
        assert.ok(query.ok);
        await connection.write(frameMessage(encodeMessage(address(query.value, 1))));
      }
    }
  });
  t.after(() => tcp.close());
  using upstream = new NetworkUpstream(createNetwork(), systemClock);
  const exchanges = new Exchanges({ upstream, ...means });
  for (const expected of [1, 2, 3]) {
    const answer = await askServer(exchanges, tcp.endpoint, {
      name,
      type: rrType.A,
      tcp: true,
      timeoutMs: 2_000,
    });
    assert.ok(answer.ok, answer.ok ? '' : answer.fault);
    assert.equal(connections, expected);
  }
});

test('TLS upstream: a certificate for another name is not talked to, one for the name or the address is', async (t) => {
  const certified = await makeSelfSigned(['dns.example', '127.0.0.1'], Date.now());
  const seen: Message[] = [];
  const responder: DnsResponder = {
    respond(bytes, _, reply) {
      const query = decodeMessage(bytes);
      assert.ok(query.ok);
      seen.push(query.value);
      assert.equal(bytes.length % 128, 0, 'padded to blocks (RFC 8467 §4.1)');
      reply(encodeMessage(address(query.value, 1)));
    },
  };
  const tcp = await listenTcp({ address: '127.0.0.1', port: 0 }, dnsStreamHandler(responder), {
    tls: new TlsContext(certified),
    tlsAtOnce: true,
    alpn: 'dot',
  });
  t.after(() => tcp.close());
  const trusted = getCACertificates('default');
  t.after(() => setDefaultCACertificates(trusted));
  using upstream = new NetworkUpstream(createNetwork(), systemClock);
  const exchanges = new Exchanges({ upstream, ...means });
  const ask = (certificateName: string): Promise<ExchangeOutcome> =>
    new Promise((resolve) => {
      const how = { edns: true, dnssecOk: true, recursionDesired: true, mixCase: false, timeoutMs: 5_000 };
      const question = { to: tcp.endpoint, transport: 'tls', certificateName, name, type: rrType.A } as const;
      exchanges.ask({ ...question, ...how }, resolve);
    });
  const untrusted = await ask('dns.example');
  assert.equal(untrusted.kind, 'unreachable');
  setDefaultCACertificates([...trusted, certified.cert]);
  const wrong = await ask('other.example');
  assert.ok(wrong.kind === 'unreachable');
  assert.match(wrong.reason, /certificate is not valid/);
  assert.equal(seen.length, 0);
  assert.equal((await ask('dns.example')).kind, 'reply');
  assert.equal((await ask('127.0.0.1')).kind, 'reply');
  assert.equal(seen.length, 2);
});
