// The UDP listener and outgoing flows against each other, on loopback.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToUtf8, utf8ToBytes } from '../lib/bytes.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { createNetwork } from './network.ts';
import { listenUdp } from './udp-listener.ts';

const network = createNetwork();

for (const address of ['127.0.0.1', '::1']) {
  test(`a datagram and its reply over ${address}`, async () => {
    await using listener = await listenUdp({ address, port: 0 }, (bytes, from, reply) => {
      assert.equal(from.address, address);
      reply(utf8ToBytes(`you said ${bytesToUtf8(bytes)}`));
    });
    assert.notEqual(listener.endpoint.port, 0);
    assert.equal(await ask(listener.endpoint, 'hello'), 'you said hello');
  });
}

test('an empty datagram reaches the handler; a handler that throws does no harm', async () => {
  const errors: unknown[] = [];
  await using listener = await listenUdp(
    { address: '127.0.0.1', port: 0 },
    (bytes, _from, reply) => {
      if (bytes.length === 0) throw new Error('empty');
      reply(bytes);
    },
    { onError: (error) => errors.push(error) },
  );
  using flow = network.openFlow(
    listener.endpoint,
    () => undefined,
    () => undefined,
  );
  flow.send(new Uint8Array(0));
  assert.equal(await ask(listener.endpoint, 'still there'), 'still there');
  assert.deepEqual(errors.map(String), ['Error: empty']);
});

test('a flow hears only its server, from a port of its own each', async () => {
  const ports = new Set<number>();
  const clients: Endpoint[] = [];
  await using stranger = await listenUdp({ address: '127.0.0.1', port: 0 }, () => undefined);
  await using server = await listenUdp({ address: '127.0.0.1', port: 0 }, (bytes, from, reply) => {
    ports.add(from.port);
    clients.push(from);
    reply(bytes);
  });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(server.endpoint, String(i))));
  assert.deepEqual(
    answers,
    Array.from({ length: 20 }, (_, i) => String(i)),
  );
  assert.ok(ports.size >= 19, `only ${ports.size} different ports`);
  assert.ok(
    [...ports].some((port) => port < 32_768),
    'all ports stand in the upper half',
  );
  assert.notEqual(stranger.endpoint.port, server.endpoint.port);
});

test('a port where nobody listens is told', async () => {
  const gone = await listenUdp({ address: '127.0.0.1', port: 0 }, () => undefined);
  await gone.close();
  await assert.rejects(ask(gone.endpoint, 'x'), /ECONNREFUSED/);
});

test('the address map sends a flow elsewhere', async () => {
  await using listener = await listenUdp({ address: '127.0.0.1', port: 0 }, (bytes, _from, reply) =>
    reply(bytes),
  );
  const mapped = createNetwork({ map: new Map([['[2001:db8::1]:53', listener.endpoint]]) });
  assert.equal(await ask({ address: '2001:db8::1', port: 53 }, 'mapped', mapped), 'mapped');
});

test('nothing is heard after disposal', async () => {
  let heard = 0;
  const arrived = Promise.withResolvers<() => void>();
  await using listener = await listenUdp({ address: '127.0.0.1', port: 0 }, (bytes, _from, reply) =>
    arrived.resolve(() => reply(bytes)),
  );
  const flow = network.openFlow(
    listener.endpoint,
    () => heard++,
    () => heard++,
  );
  flow.send(utf8ToBytes('x'));
  const answer = await arrived.promise;
  flow[Symbol.dispose]();
  flow.send(utf8ToBytes('y'));
  answer();
  assert.equal(await ask2(listener.endpoint), undefined);
  assert.equal(heard, 0);
});

test('a UDP port in use is told as a sentence', async () => {
  await using listener = await listenUdp({ address: '127.0.0.1', port: 0 }, () => undefined);
  await assert.rejects(
    listenUdp(listener.endpoint, () => undefined),
    /UDP 127\.0\.0\.1:\d+ is in use by another program/,
  );
});

function ask(to: Endpoint, text: string, over = network): Promise<string> {
  return new Promise((resolve, reject) => {
    const flow = over.openFlow(
      to,
      (bytes) => {
        flow[Symbol.dispose]();
        resolve(bytesToUtf8(bytes));
      },
      (error) => {
        flow[Symbol.dispose]();
        reject(error);
      },
    );
    flow.send(utf8ToBytes(text));
  });
}

/** Sends one datagram that gets no answer here, and gives the loop time for what is on its way. */
async function ask2(to: Endpoint): Promise<undefined> {
  using flow = network.openFlow(
    to,
    () => undefined,
    () => undefined,
  );
  flow.send(utf8ToBytes('z'));
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}
