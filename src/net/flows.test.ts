import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../lib/endpoint.ts';
import { Flows } from './flows.ts';
import { loadNative } from './native.ts';
import { createNetwork } from './network.ts';
import { listenUdp } from './udp-listener.ts';

const loopback: Endpoint = { address: '127.0.0.1', port: 0 };
const nothing = (): void => undefined;
const unexpected = (): never => assert.fail();
const options = { skip: (await loadNative()) === undefined && 'needs Linux with glibc' };

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !holds() && performance.now() < end;) await sleep(5);
  assert.ok(holds());
}

/** Flows with their thread, which starts once they aren't few any more. */
async function manyFlows(t: TestContext): Promise<Flows> {
  const flows = new Flows();
  t.after(() => flows[Symbol.asyncDispose]());
  await until(() => {
    const flow = flows.open({ address: '127.0.0.1', port: 9 }, nothing, nothing);
    flow?.[Symbol.dispose]();
    return flow !== undefined;
  });
  return flows;
}

test('flows in numbers hear each its own answers, from ports of their own', options, async (t) => {
  const flows = await manyFlows(t);
  const ports = new Set<number>();
  await using server = await listenUdp(loopback, (bytes, from, reply) => {
    ports.add(from.port);
    reply(Uint8Array.from(bytes));
  });
  const count = 300;
  const heard = new Map<number, string>();
  const all = Array.from({ length: count }, (_, i) =>
    flows.open(server.endpoint, (bytes) => heard.set(i, Buffer.from(bytes).toString()), unexpected),
  );
  for (const [i, flow] of all.entries()) flow?.send(Buffer.from(`question ${i}`));
  await until(() => heard.size === count);
  for (let i = 0; i < count; i++) assert.equal(heard.get(i), `question ${i}`);
  assert.equal(ports.size, count);
  assert.ok([...ports].every((port) => port > 1023));
  // Out of a range of 64,000, not one after the other.
  assert.ok(Math.max(...ports) - Math.min(...ports) > 30_000);
  for (const flow of all) flow?.[Symbol.dispose]();
});

test('a flow hears nobody but its server, and nothing once it is over', options, async (t) => {
  const flows = await manyFlows(t);
  const asked: { from: Endpoint; answer: (bytes: Uint8Array) => void }[] = [];
  await using server = await listenUdp(loopback, (_, from, answer) => void asked.push({ from, answer }));
  const heard: string[] = [];
  const flow = flows.open(server.endpoint, (bytes) => heard.push(Buffer.from(bytes).toString()), unexpected);
  flow?.send(Buffer.from('?'));
  await until(() => asked.length === 1);
  const stranger = createSocket('udp4');
  t.after(() => stranger.close());
  await new Promise<void>((sent) => stranger.send('forged', asked[0]?.from.port, '127.0.0.1', () => sent()));
  asked[0]?.answer(Buffer.from('right'));
  await until(() => heard.length > 0);
  assert.deepEqual(heard, ['right']);
  flow?.[Symbol.dispose]();
  flow?.[Symbol.dispose]();
  asked[0]?.answer(Buffer.from('late'));
  flow?.send(Buffer.from('?'));
  let last = '';
  const other = flows.open(server.endpoint, (bytes) => (last = Buffer.from(bytes).toString()), unexpected);
  other?.send(Buffer.from('?'));
  await until(() => asked.length === 2);
  asked[1]?.answer(Buffer.from('other'));
  await until(() => last !== '');
  assert.deepEqual([last, heard], ['other', ['right']]);
});

test('where nobody listens, the flow is told', options, async (t) => {
  const flows = await manyFlows(t);
  const closed = await listenUdp(loopback, nothing);
  await closed.close();
  const told: string[] = [];
  const onError = (error: Error): void =>
    void told.push('code' in error ? String(error.code) : error.message);
  const flow = flows.open(closed.endpoint, unexpected, onError);
  flow?.send(Buffer.from('?'));
  await until(() => told.length > 0);
  assert.deepEqual(told, ['ECONNREFUSED']);
});

test('sockets are given back', options, async (t) => {
  const flows = await manyFlows(t);
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const open = Array.from({ length: 400 }, () =>
    flows.open({ address: '127.0.0.1', port: 9 }, nothing, nothing),
  );
  assert.ok(descriptors() >= before + 400);
  for (const flow of open) flow?.[Symbol.dispose]();
  await until(() => descriptors() <= before + 5);
});

test('IPv6, by the network', options, async (t) => {
  const flows = await manyFlows(t);
  const network = createNetwork({ flows });
  await using server = await listenUdp({ address: '::1', port: 0 }, (bytes, _, reply) => reply(bytes));
  let heard = 0;
  const flow = network.openFlow(server.endpoint, (bytes) => (heard = bytes.length), unexpected);
  flow.send(Buffer.from('four'));
  await until(() => heard > 0);
  assert.equal(heard, 4);
  flow[Symbol.dispose]();
});

test('few flows start no thread, and closing ends what is open', async () => {
  const flows = new Flows();
  assert.equal(flows.open(loopback, nothing, nothing), undefined);
  await flows[Symbol.asyncDispose]();
});
