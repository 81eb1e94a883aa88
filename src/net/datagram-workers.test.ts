// Worker threads with real sockets on loopback.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { test } from 'node:test';
import { bytesToUtf8, utf8ToBytes } from '../lib/bytes.ts';
import { systemClock } from '../lib/clock.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { silentLog } from '../lib/log.ts';
import type { Log } from '../lib/log.ts';
import { closeDatagramSockets, openDatagramSockets } from './datagram-socket.ts';
import { DatagramWorkers } from './datagram-workers.ts';
import type { DatagramWorkersOptions } from './datagram-workers.ts';
import { loadNative } from './native.ts';
import { socketName } from './socket-name.ts';
import type { WorkerCounters } from './worker-memory.ts';

const native = await loadNative();
const skip = native === undefined ? 'needs Linux with glibc, x64 or arm64' : false;
const options = { skip, timeout: 10_000 };
const program = new URL('../../test/support/talking-worker.ts', import.meta.url);

interface Setting {
  readonly addresses?: readonly string[];
  readonly threads?: number;
  readonly log?: Log;
  readonly start?: () => unknown;
  readonly batchSize?: number;
  readonly onDatagram?: DatagramWorkersOptions['onDatagram'];
}

function open(setting: Setting = {}): Promise<DatagramWorkers> {
  assert.ok(native);
  const { addresses = ['127.0.0.1'], threads = 1 } = setting;
  return DatagramWorkers.start({
    native,
    program,
    sockets: addresses.map((address) => openDatagramSockets(native, { address, port: 0 }, threads)),
    start: setting.start ?? ((): number => 0),
    onDatagram:
      setting.onDatagram ?? ((bytes, _from, reply): void => reply(utf8ToBytes(`main ${bytesToUtf8(bytes)}`))),
    log: setting.log ?? silentLog,
    clock: systemClock,
    ...(setting.batchSize !== undefined && { batchSize: setting.batchSize }),
  });
}

/** A client's socket: `ask` gives the next datagram that comes, and from where. */
class Client implements Disposable {
  readonly #socket: Socket;
  readonly #came: { readonly text: string; readonly from: string }[] = [];
  #onCame: (() => void) | undefined;

  constructor(family: 4 | 6 = 4) {
    this.#socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    this.#socket.on('message', (bytes, from) => {
      this.#came.push({ text: bytesToUtf8(bytes), from: from.address });
      this.#onCame?.();
    });
  }

  send(to: Endpoint, text: string, address: string = to.address): void {
    this.#socket.send(utf8ToBytes(text), to.port, address);
  }

  async next(): Promise<{ readonly text: string; readonly from: string }> {
    for (;;) {
      const came = this.#came.shift();
      if (came !== undefined) return came;
      await new Promise<void>((resolve) => (this.#onCame = resolve));
    }
  }

  async ask(to: Endpoint, text: string, address?: string): Promise<string> {
    this.send(to, text, address);
    return (await this.next()).text;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

async function turnsUntil(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setImmediate(resolve));
}

function only(workers: DatagramWorkers): Endpoint {
  const [endpoint] = workers.endpoints;
  assert.ok(endpoint);
  return endpoint;
}

for (const address of ['127.0.0.1', '::1']) {
  test(`a thread answers over ${address}, and what it can't the main thread`, options, async () => {
    await using workers = await open({ addresses: [address] });
    using client = new Client(address === '::1' ? 6 : 4);
    assert.equal(await client.ask(only(workers), 'echo'), 'echo');
    assert.equal(await client.ask(only(workers), 'm?'), 'main m?');
    client.send(only(workers), 'nothing');
    assert.equal(await client.ask(only(workers), 'end'), 'end');
    const [counters] = workers.counters();
    assert.deepEqual(
      { ...counters, batches: 0 },
      { received: 4, answered: 2, forwarded: 1, dropped: 1, failed: 0, batches: 0 },
    );
  });
}

for (const { bound, asked } of [
  { bound: '0.0.0.0', asked: ['127.0.0.1', '127.0.0.2', '127.1.2.3'] },
  { bound: '::', asked: ['::1'] },
]) {
  test(`answers leave from the address that was asked, on ${bound}`, options, async () => {
    await using workers = await open({ addresses: [bound] });
    using client = new Client(bound === '::' ? 6 : 4);
    for (const address of asked) {
      for (const [text, reply] of [
        ['e', 'e'],
        ['m', 'main m'],
      ] as const) {
        client.send(only(workers), text, address);
        assert.deepEqual(await client.next(), { text: reply, from: address });
      }
    }
  });
}

test(
  'datagrams of one batch that ask different addresses, and some that get no answer',
  options,
  async () => {
    await using workers = await open({ addresses: ['0.0.0.0'] });
    using clients = new DisposableStack();
    const asking = Array.from({ length: 60 }, (_, i) => {
      const client = clients.use(new Client());
      const address = `127.0.0.${1 + (i % 5)}`;
      const text = i % 3 === 0 ? 'n' : i % 3 === 1 ? `e${i}` : `m${i}`;
      client.send(only(workers), text, address);
      return { client, address, text };
    });
    for (const { client, address, text } of asking) {
      if (text === 'n') continue;
      assert.deepEqual(await client.next(), {
        text: text.startsWith('e') ? text : `main ${text}`,
        from: address,
      });
    }
  },
);

test('several addresses are served by each thread', options, async () => {
  await using workers = await open({ addresses: ['127.0.0.1', '::1', '127.0.0.2'], threads: 2 });
  for (const endpoint of workers.endpoints) {
    using client = new Client(endpoint.address === '::1' ? 6 : 4);
    for (const text of ['e1', 'e2', 'e3']) assert.equal(await client.ask(endpoint, text), text);
    assert.equal(await client.ask(endpoint, 'm'), 'main m');
  }
});

test('every datagram of a burst is answered', options, async () => {
  await using workers = await open({ threads: 2 });
  const burst = 10_000;
  const [window, ways] = [100, 20];
  using clients = new DisposableStack();
  await Promise.all(
    Array.from({ length: ways }, async (_, way) => {
      const client = clients.use(new Client());
      const mine = burst / ways;
      for (let sent = 0, got = 0; got < mine; got++) {
        while (sent < mine && sent - got < window / 2) client.send(only(workers), `e${way} ${sent++}`);
        assert.match((await client.next()).text, new RegExp(`^e${way} `));
      }
    }),
  );
  const counters = workers.counters();
  const sum = counters.reduce((total, { answered }) => total + answered, 0);
  assert.equal(sum, burst);
  // The system spreads them by their ports: that one thread gets none of 20 happens once in 500,000 times.
  assert.ok(counters.every(({ answered }) => answered > 0));
});

test('more than the main thread keeps up with is dropped, and counted', options, async () => {
  let seen = 0;
  await using workers = await open({
    batchSize: 1,
    onDatagram: (_bytes, _from, reply) => {
      seen += 1;
      reply(utf8ToBytes('late'));
    },
  });
  // Node's own sockets send only when the event loop gets its turn, which it doesn't here.
  assert.ok(native);
  const fd = native.openSocket(4);
  using _ = { [Symbol.dispose]: () => native.close(fd) };
  const batch = native.makeBatch({ family: 4, size: 1, room: 16, withLocalAddress: false });
  const counters = (): WorkerCounters => workers.counters()[0] ?? assert.fail('no thread');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let sent = 1; sent <= 700; sent++) {
    batch.bytes.set(socketName(only(workers)), batch.nameAt(0));
    batch.bytes[batch.replyAt()] = 'm'.charCodeAt(0);
    batch.reply(0, 1);
    assert.equal(batch.send(fd), 0);
    for (let tries = 0; counters().received < sent && tries < 5000; tries++) Atomics.wait(pause, 0, 0, 1);
  }
  const { forwarded, dropped } = counters();
  assert.ok(forwarded > 100 && dropped > 100 && forwarded + dropped === 700, `${forwarded}, ${dropped}`);
  assert.equal(seen, 0);
  await turnsUntil(() => seen === forwarded);
  // There is room again.
  using client = new Client();
  assert.equal(await client.ask(only(workers), 'm'), 'late');
});

test('a datagram that is too long is none, and costs the others nothing', options, async () => {
  await using workers = await open();
  using client = new Client();
  client.send(only(workers), 'e'.repeat(5000));
  client.send(only(workers), 'e'.repeat(4096));
  assert.equal((await client.next()).text.length, 4096);
  client.send(only(workers), '');
  assert.equal(await client.ask(only(workers), 'e'), 'e');
  const [counters] = workers.counters();
  assert.deepEqual([counters?.received, counters?.dropped], [4, 2]);
});

test('a handler of the main thread that throws does no harm', options, async () => {
  const errors: unknown[] = [];
  await using workers = await open({
    log: { ...silentLog, error: (_event, fields) => errors.push(fields?.['error']) },
    onDatagram: (bytes, _from, reply) => {
      if (bytes.length === 1) throw new Error('not this one');
      reply(bytes);
    },
  });
  using client = new Client();
  client.send(only(workers), 'm');
  assert.equal(await client.ask(only(workers), 'me'), 'me');
  assert.match(errors.join(), /not this one/);
});

test('a reply long after the question, and one that is too long', options, async () => {
  const warnings: unknown[] = [];
  const late: (() => void)[] = [];
  await using workers = await open({
    log: { ...silentLog, warn: (_event, fields) => warnings.push(fields?.['reason']) },
    onDatagram: (bytes, _from, reply) => {
      const copy = bytes.slice();
      if (copy.length === 1) reply(new Uint8Array(4097));
      else late.push(() => reply(copy));
      if (late.length === 2) setImmediate(() => late.reverse().forEach((send) => send()));
    },
  });
  using client = new Client();
  for (const text of ['m', 'm1', 'm2']) client.send(only(workers), text);
  const replies = [await client.next(), await client.next()];
  assert.deepEqual(
    replies.map(({ text }) => text),
    ['m2', 'm1'],
  );
  assert.deepEqual(warnings, ['a reply of 4097 octets is longer than a datagram may be here']);
});

test('what was told before a datagram is known when it is answered', options, async () => {
  await using workers = await open({ start: () => 3 });
  using client = new Client();
  assert.equal(await client.ask(only(workers), 't'), '3');
  for (const value of [4, 5, 6]) {
    workers.post(value);
    assert.equal(await client.ask(only(workers), 't'), String(value));
  }
});

test('a thread that dies is replaced, and knows what the others know', options, async () => {
  const died = Promise.withResolvers<string>();
  const log: Log = {
    ...silentLog,
    error: (event, fields) => died.resolve(`${event}: ${String(fields?.['error'])}`),
  };
  let state = 1;
  await using workers = await open({ log, start: () => state });
  using client = new Client();
  client.send(only(workers), 'k');
  assert.match(
    await died.promise,
    /has died, and another takes its place: Error: the thread ended by itself/,
  );
  state = 7;
  // Its socket is still there: this waits for the thread that comes.
  assert.equal(await client.ask(only(workers), 't'), '7');
});

test('an answer that throws costs nobody else theirs, and is told once', options, async () => {
  const told: unknown[] = [];
  const log: Log = {
    ...silentLog,
    error: (event, fields) => told.push(`${event}: ${String(fields?.['error'])}`),
  };
  await using workers = await open({ log });
  using client = new Client();
  for (const text of ['x', 'e1', 'x', 'x', 'e2']) client.send(only(workers), text);
  assert.deepEqual([(await client.next()).text, (await client.next()).text], ['e1', 'e2']);
  assert.equal(await client.ask(only(workers), 'm'), 'main m');
  assert.equal(told.length, 1);
  assert.match(String(told[0]), /a datagram could not be answered: Error: told to throw/);
});

test('threads that only forward lose nothing while the main thread is behind', options, async () => {
  let seen = 0;
  await using workers = await open({
    start: () => 'forward',
    onDatagram: () => (seen += 1),
  });
  assert.ok(native);
  const fd = native.openSocket(4);
  using _ = { [Symbol.dispose]: () => native.close(fd) };
  const batch = native.makeBatch({ family: 4, size: 1, room: 16, withLocalAddress: false });
  const name = socketName(only(workers));
  // More than may wait for the main thread, which does nothing but send them; the socket has room for these.
  const most = 700;
  for (let sent = 0; sent < most; sent++) {
    batch.bytes.set(name, batch.nameAt(0));
    batch.bytes[batch.replyAt()] = sent & 0xff;
    batch.reply(0, 1);
    assert.equal(batch.send(fd), 0);
  }
  await turnsUntil(() => seen === most);
  const [counters] = workers.counters();
  assert.deepEqual([counters?.forwarded, counters?.dropped], [most, 0]);
});

test('a thread that can not start is told of, and nothing is left open', options, async () => {
  assert.ok(native);
  const sockets = openDatagramSockets(native, { address: '127.0.0.1', port: 0 }, 1);
  await assert.rejects(
    DatagramWorkers.start({
      native,
      program,
      sockets: [sockets],
      start: () => 'wrong',
      onDatagram: () => undefined,
      log: silentLog,
      clock: systemClock,
    }),
    /started with wrong/,
  );
  // The port is free again.
  const again = openDatagramSockets(native, sockets.endpoint, 1);
  closeDatagramSockets(native, again);
});

test('idle threads stop at once', options, async () => {
  const workers = await open({ threads: 2, addresses: ['127.0.0.1'] });
  const before = performance.now();
  await workers.close();
  assert.ok(performance.now() - before < 500, `it took ${performance.now() - before} ms`);
});

test('threads stop under load', options, async () => {
  const workers = await open({ threads: 2 });
  using client = new Client();
  const to = only(workers);
  for (let i = 0; i < 1000; i++) client.send(to, 'e');
  await client.next();
  const closed = workers.close();
  for (let i = 0; i < 1000; i++) client.send(to, 'e');
  await closed;
});

test('a port that another has is not shared with it', options, async () => {
  assert.ok(native);
  const first = openDatagramSockets(native, { address: '127.0.0.1', port: 0 }, 2);
  const openAgain = (count: number): unknown => openDatagramSockets(native, first.endpoint, count);
  assert.throws(() => openAgain(1), /UDP 127\.0\.0\.1:\d+ is in use by another program/);
  assert.throws(() => openAgain(2), /UDP 127\.0\.0\.1:\d+ is in use by another program/);
  closeDatagramSockets(native, first);
});

test('an address that this machine has not got', options, () => {
  assert.ok(native);
  assert.throws(
    () => openDatagramSockets(native, { address: '192.0.2.1', port: 0 }, 1),
    /UDP 192\.0\.2\.1:0: this machine has no such address/,
  );
});
