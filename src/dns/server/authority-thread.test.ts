// The authority's datagram threads on real sockets, with zones that change under them.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { test } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { collectGarbage } from '../../lib/garbage.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import { silentLog } from '../../lib/log.ts';
import type { Log } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import type { DatagramHandler } from '../../lib/transport.ts';
import { loadNative } from '../../net/native.ts';
import { queryFor, show, zoneFromText } from '../../../test/support/dns-authority.ts';
import { decoded } from '../../../test/support/dns-messages.ts';
import type { ProtocolSettings } from '../protocol/answer-protocol.ts';
import { opcode } from '../wire/codes.ts';
import { domainName } from '../wire/name.ts';
import { ZoneImage } from '../zone/zone-image.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { openZone } from '../zone/zone.ts';
import type { Zone } from '../zone/zone.ts';
import { authorityThreads } from './authority-thread.ts';
import { openDnsListeners } from './dns-listeners.ts';
import type { DnsListeners } from './dns-listeners.ts';

const skip = (await loadNative()) === undefined ? 'needs Linux with glibc, x64 or arm64' : false;
const options = { skip, timeout: 20_000 };

const zoneText = (serial: number, address: string): string => `$TTL 300
@ SOA ns hostmaster ${serial} 3600 900 604800 60
@ NS ns
ns A 192.0.2.1
www A ${address}
*.wild A 192.0.2.9
long TXT ${`"${'x'.repeat(250)}" `.repeat(8)}
`;

interface Setting {
  readonly address?: string;
  readonly threads?: number;
  readonly settings?: Partial<ProtocolSettings>;
  readonly onDatagram?: DatagramHandler;
  readonly log?: Log;
}

function open(zones: ZoneSet, setting: Setting = {}): Promise<DnsListeners> {
  return openDnsListeners({
    endpoints: [{ address: setting.address ?? '127.0.0.1', port: 0 }],
    onConnection: () => Promise.resolve(),
    onDatagram: setting.onDatagram ?? ((): void => assert.fail('nothing is for the main thread')),
    threads: authorityThreads({
      count: setting.threads ?? 1,
      zones,
      settings: { udpSize: 1232, ...setting.settings },
      minimalResponses: false,
    }),
    log: setting.log ?? silentLog,
    clock: systemClock,
  });
}

function zonesWith(address: string): ZoneSet {
  return new ZoneSet([zoneFromText('example.com.', zoneText(1, address))]);
}

class Client implements Disposable {
  readonly #socket: Socket = createSocket('udp4');
  readonly #to: Endpoint;

  constructor(listeners: DnsListeners) {
    const [endpoint] = listeners.endpoints;
    assert.ok(endpoint);
    this.#to = endpoint;
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#to.port, '127.0.0.1');
  }

  ask(bytes: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#socket.once('message', (reply) => resolve(new Uint8Array(reply)));
      this.send(bytes);
    });
  }

  /** Asks again where no answer with the query's id comes; gives how many times it asked. */
  async askUntilAnswered(query: Uint8Array): Promise<number> {
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const hear = (reply: Uint8Array): void => {
      if (reply[0] === query[0] && reply[1] === query[1]) resolve();
    };
    const ask = (): void => {
      asked += 1;
      this.send(query);
    };
    this.#socket.on('message', hear);
    const again = setInterval(ask, 500);
    ask();
    await promise;
    clearInterval(again);
    this.#socket.off('message', hear);
    return asked;
  }

  async addressOf(name: string): Promise<string> {
    const reply = decoded(await this.ask(queryFor(`${name} A`)));
    return [...(reply.answers[0]?.rdata ?? [])].join('.');
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

for (const address of ['127.0.0.1', '0.0.0.0']) {
  test(`a thread answers from the zones, on ${address}`, options, async () => {
    await using listeners = await open(zonesWith('192.0.2.7'), { address });
    using client = new Client(listeners);
    assert.equal(await client.addressOf('www.example.com.'), '192.0.2.7');
    assert.equal(await client.addressOf('any.wild.example.com.'), '192.0.2.9');
    assert.match(show(decoded(await client.ask(queryFor('no.example.com. A')))).join('\n'), /NXDOMAIN/);
    const long = queryFor('long.example.com. TXT', { edns: { udpSize: 4096 } });
    const reply = decoded(await client.ask(long));
    assert.equal(reply.truncated, true);
    assert.equal(reply.edns?.udpSize, 1232);
  });
}

test('a change is answered from the moment it is made, by every thread', options, async () => {
  const zones = zonesWith('192.0.2.0');
  await using listeners = await open(zones, { threads: 2 });
  using clients = new DisposableStack();
  // Enough ports that each thread has some of them.
  const asking = Array.from({ length: 16 }, () => clients.use(new Client(listeners)));
  for (let round = 1; round <= 30; round++) {
    zones.put(zoneFromText('example.com.', zoneText(round + 1, `192.0.2.${round}`)));
    const addresses = await Promise.all(asking.map((client) => client.addressOf('www.example.com.')));
    assert.deepEqual([...new Set(addresses)], [`192.0.2.${round}`]);
  }
  zones.put(zoneFromText('example.org.', zoneText(1, '198.51.100.1')));
  for (const client of asking) assert.equal(await client.addressOf('www.example.org.'), '198.51.100.1');
  zones.delete(domainName('example.org.'));
  for (const client of asking) assert.equal(await client.addressOf('www.example.org.'), '');
});

test(
  'what no zone data answers goes to the main thread, with the client and back to it',
  options,
  async () => {
    const seen: string[] = [];
    const onDatagram: DatagramHandler = (bytes, from, reply) => {
      seen.push(`${from.address} ${((bytes[2] ?? 0) >> 3) & 15}`);
      const copy = bytes.slice();
      setImmediate(() => reply(copy));
    };
    await using listeners = await open(zonesWith('192.0.2.7'), { onDatagram });
    using client = new Client(listeners);
    const update = queryFor('example.com. SOA');
    update[2] = opcode.UPDATE << 3;
    assert.deepEqual(await client.ask(update), update);
    const transfer = queryFor('example.com. AXFR');
    assert.deepEqual(await client.ask(transfer), transfer);
    assert.deepEqual(seen, [`127.0.0.1 ${opcode.UPDATE}`, '127.0.0.1 0']);
  },
);

test('what zones that were replaced lay in goes back to the system', options, async () => {
  const built = zoneFromText('example.com.', zoneText(1, '192.0.2.7'));
  const octets = 4 << 20;
  /** The same zone in memory of its own, all of it in use. */
  const copy = (): Zone => {
    const memory = new SharedArrayBuffer(octets);
    new Uint8Array(memory).fill(1).set(built.image.bytes);
    return openZone(new ZoneImage(memory), built.entry) ?? assert.fail('no zone');
  };
  const zones = new ZoneSet([copy()]);
  await using listeners = await open(zones);
  using client = new Client(listeners);
  // Each is answered from, so that the thread has seen it.
  const replace = async (times: number): Promise<number> => {
    for (let i = 0; i < times; i++) {
      zones.put(copy());
      await client.askUntilAnswered(queryFor('www.example.com. A'));
      collectGarbage();
    }
    return process.memoryUsage.rss();
  };
  const before = await replace(10);
  const grown = (await replace(40)) - before;
  assert.ok(grown < 80 << 20, `${grown >> 20} MiB of ${(40 * octets) >> 20} stay`);
});

test('hostile datagrams cost a thread nothing but time', options, async () => {
  const errors: string[] = [];
  const error: Log['error'] = (event, fields) => void errors.push(`${event}: ${String(fields?.['error'])}`);
  const log: Log = { ...silentLog, error };
  const onDatagram: DatagramHandler = () => undefined;
  await using listeners = await open(zonesWith('192.0.2.7'), { onDatagram, log });
  using client = new Client(listeners);
  const random = seededRandom(7);
  const seeds = [
    queryFor('www.example.com. A'),
    queryFor('a.wild.example.com. TXT', { edns: { dnssecOk: true } }),
    queryFor('example.com. ANY', { edns: { version: 1 } }),
    new Uint8Array(0),
    new Uint8Array(3000),
  ];
  const received = (): number => listeners.counters()[0]?.received ?? 0;
  let asked = 0;
  // The system may lose datagrams where the machine has too much to do, so what counts is what came.
  while (received() - asked < 3000) {
    for (let i = 0; i < 50; i++) {
      const seed = seeds[random.below(seeds.length)] ?? new Uint8Array(0);
      const bytes = seed.slice(0, random.below(4) === 0 ? random.below(seed.length + 1) : seed.length);
      for (let hits = random.below(4); hits > 0 && bytes.length > 0; hits--)
        bytes[random.below(bytes.length)] = random.below(256);
      // Its answer, if there is one, must not be taken for that of the question behind it.
      bytes.set([0, 0].slice(0, bytes.length));
      client.send(bytes);
    }
    asked += await client.askUntilAnswered(queryFor('www.example.com. A'));
  }
  assert.deepEqual(errors, []);
});
