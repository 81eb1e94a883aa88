// The resolver's listeners with their threads, over real sockets: what a thread asks for itself, and what comes of it when a server is silent or the
// listeners close.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { test } from 'node:test';
import { decoded, lines, query } from '../../../test/support/dns-messages.ts';
import { zoneFrom } from '../../../test/support/simulated-internet.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import { silentLog } from '../../lib/log.ts';
import { systemRandom } from '../../lib/random.ts';
import { loadNative } from '../../net/native.ts';
import { createNetwork } from '../../net/network.ts';
import { listenUdp } from '../../net/udp-listener.ts';
import { Authority } from '../authority/authority.ts';
import { NetworkUpstream } from '../client/network-upstream.ts';
import { Resolver } from '../resolver/resolver.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import { domainName } from '../wire/name.ts';
import { parseType } from '../wire/rr-type.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { dnsDatagramHandler } from './datagram.ts';
import type { DnsListeners } from './dns-listeners.ts';
import { ResolverService } from './resolver-service.ts';

const native = await loadNative();
const needsNative = native === undefined && "this system hasn't got the calls for datagrams";
const anyPort: Endpoint = { address: '127.0.0.1', port: 0 };
const hosts = Array.from({ length: 60 }, (_, i) => `h${i} A 192.0.2.${i}\n`).join('');

interface World extends AsyncDisposable {
  readonly listeners: DnsListeners;
  /** Questions that the zone's server got. */
  readonly asked: () => number;
  /** It answers no more, or again. */
  setSilent(silent: boolean): void;
  ask(name: string, type?: string): Promise<string>;
}

async function startWorld(): Promise<World> {
  const stack = new AsyncDisposableStack();
  const soa = '@ 300 SOA ns host 1 7200 3600 1209600 300\n';
  const root = `${soa}@ NS ns.root.\nns.root. A 198.41.0.4\nplain.org. NS ns.plain.org.\nns.plain.org. A 192.0.2.53\n`;
  const plain = `${soa}@ NS ns\nns A 192.0.2.53\nalias CNAME h1\n${hosts}`;
  let [asked, silent] = [0, false];
  const map = new Map<string, Endpoint>();
  for (const [address, origin, text] of [
    ['198.41.0.4', '.', root],
    ['192.0.2.53', 'plain.org.', plain],
  ] as const) {
    const authority = new Authority(new ZoneSet([zoneFrom(origin, text)]));
    const answer = dnsDatagramHandler(authority);
    const listener = await listenUdp(anyPort, (bytes, from, reply) => {
      if (origin !== '.') asked += 1;
      if (!silent || origin === '.') answer(bytes, from, reply);
    });
    stack.defer(() => listener.close());
    map.set(`${address}:53`, listener.endpoint);
  }
  const upstream = stack.use(new NetworkUpstream(createNetwork({ map }), systemClock));
  const resolver = new Resolver({
    upstream,
    clock: systemClock,
    random: systemRandom,
    rootHints: [{ name: domainName('ns.root.'), addresses: ['198.41.0.4'] }],
  });
  const service = new ResolverService({ resolver, allow: ['127.0.0.0/8'], settings: { udpSize: 1232 } });
  const listeners = await service.listen([anyPort], {
    onConnection: () => Promise.resolve(),
    count: 1,
    clock: systemClock,
    log: silentLog,
  });
  stack.defer(() => listeners.close());
  const [endpoint = anyPort] = listeners.endpoints;
  const socket: Socket = createSocket('udp4').setMaxListeners(0);
  stack.defer(() => void socket.close());
  return {
    listeners,
    asked: () => asked,
    setSilent: (now) => (silent = now),
    ask: (name, type = 'A') =>
      new Promise((resolve) => {
        const id = systemRandom.below(0x1_0000);
        const onMessage = (bytes: Uint8Array): void => {
          const message = decoded(bytes);
          if (message.id !== id) return;
          socket.off('message', onMessage);
          resolve([message.rcode, ...lines(message.answers)].join(' '));
        };
        socket.on('message', onMessage);
        const bytes = encodeMessage(query(name, parseType(type) ?? 0, { id, recursionDesired: true }));
        socket.send(bytes, endpoint.port, endpoint.address);
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const answerTo = (i: number): RegExp => new RegExp(`^0 h${i}\\.plain\\.org\\. \\d+ IN A 192\\.0\\.2\\.${i}$`);

test(
  'a thread asks by sockets of its own, and hands over what is not plain',
  { skip: needsNative },
  async () => {
    await using world = await startWorld();
    assert.match(await world.ask('h0.plain.org'), answerTo(0));
    const forwarded = (): number => world.listeners.counters()[0]?.forwarded ?? 0;
    const [before, askedBefore] = [forwarded(), world.asked()];
    const said = await Promise.all(Array.from({ length: 50 }, (_, i) => world.ask(`h${i + 1}.plain.org`)));
    for (const [i, answer] of said.entries()) assert.match(answer, answerTo(i + 1));
    assert.equal(await world.ask('nowhere.plain.org'), '3');
    assert.equal(forwarded(), before);
    assert.equal(world.asked() - askedBefore, 51);
    assert.match(
      await world.ask('alias.plain.org'),
      /^0 alias\.plain\.org\. \d+ IN CNAME h1\.plain\.org\. h1\.plain\.org\. \d+ IN A 192\.0\.2\.1$/,
    );
    assert.equal(forwarded(), before + 1);
    // Neither the alias nor what it leads to was asked for twice.
    assert.equal(world.asked() - askedBefore, 52);
  },
);

test('a thread gives up a silent server, and the main thread goes on', { skip: needsNative }, async () => {
  await using world = await startWorld();
  assert.match(await world.ask('h0.plain.org'), answerTo(0));
  world.setSilent(true);
  const asked = world.asked();
  const answer = world.ask('h2.plain.org');
  while (world.asked() < asked + 2) await new Promise((resolve) => setImmediate(resolve));
  world.setSilent(false);
  assert.match(await answer, answerTo(2));
});

test('listeners close while a thread waits for a server', { skip: needsNative }, async () => {
  await using world = await startWorld();
  assert.match(await world.ask('h0.plain.org'), answerTo(0));
  world.setSilent(true);
  const asked = world.asked();
  void world.ask('h2.plain.org');
  while (world.asked() === asked) await new Promise((resolve) => setImmediate(resolve));
  await world.listeners.close();
});
