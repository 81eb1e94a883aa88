// The listeners of a DNS role, on threads and without.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { bytesToUtf8, utf8ToBytes } from '../../lib/bytes.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import { silentLog } from '../../lib/log.ts';
import { loadNative } from '../../net/native.ts';
import { openDnsListeners } from './dns-listeners.ts';
import type { DnsListeners } from './dns-listeners.ts';

const native = await loadNative();

function open(endpoints: readonly Endpoint[], portable: boolean): Promise<DnsListeners> {
  return openDnsListeners({
    endpoints,
    onConnection: async (connection) => {
      const bytes = await connection.read(5000);
      if (bytes !== undefined) await connection.write(bytes);
    },
    onDatagram: (bytes, from, reply) => reply(utf8ToBytes(`${from.address} said ${bytesToUtf8(bytes)}`)),
    threads: { count: 2 },
    portable,
    log: silentLog,
    clock: systemClock,
  });
}

function overUdp({ address, port }: Endpoint, text: string): Promise<string> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    socket.once('message', (bytes) => {
      socket.close();
      resolve(bytes.toString());
    });
    socket.send(text, port, address);
  });
}

function overTcp({ address, port }: Endpoint, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address, () => socket.write(text));
    socket.on('error', reject);
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
  });
}

/** A port that the system gives for UDP may be some other program's for TCP, which would be found out first. */
async function udpOnPortFreeForTcp(): Promise<Socket> {
  const tcp = createServer();
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket({ type: 'udp4', reuseAddr: false });
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => tcp.close(resolve));
  return udp;
}

for (const portable of [false, true]) {
  const how = portable ? 'one by one' : 'on threads';
  const options = { timeout: 20_000 };

  test(`TCP and UDP on one port each, datagrams ${how}`, options, async () => {
    const any = ['127.0.0.1', '127.0.0.2', '::1'].map((address) => ({ address, port: 0 }));
    await using listeners = await open(any, portable);
    assert.equal(listeners.endpoints.length, 3);
    for (const endpoint of listeners.endpoints) {
      assert.equal(await overTcp(endpoint, 'hello'), 'hello');
      const self = endpoint.address === '::1' ? '::1' : '127.0.0.1';
      assert.equal(await overUdp(endpoint, 'hello'), `${self} said hello`);
    }
    assert.equal(listeners.counters().length > 0, !portable && native !== undefined);
  });

  test(`where one address is refused none is open, datagrams ${how}`, options, async () => {
    await using taken = await open([{ address: '127.0.0.1', port: 0 }], portable);
    const [there] = taken.endpoints;
    assert.ok(there);
    const free = { address: '127.0.0.2', port: there.port };
    await assert.rejects(open([free, there], portable), /TCP 127\.0\.0\.1:\d+ is in use by another program/);
    await using again = await open([free], portable);
    assert.deepEqual(again.endpoints, [free]);
  });

  test(`a port that is taken for UDP alone is found out, datagrams ${how}`, options, async () => {
    await using socket = await udpOnPortFreeForTcp();
    const endpoint = { address: '127.0.0.1', port: socket.address().port };
    await assert.rejects(open([endpoint], portable), /UDP 127\.0\.0\.1:\d+ is in use by another program/);
  });
}

test('no address, no listener', async () => {
  await using listeners = await open([], false);
  assert.deepEqual(listeners.endpoints, []);
  assert.deepEqual(listeners.counters(), []);
});
