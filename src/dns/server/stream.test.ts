import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { concatBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection } from '../../lib/transport.ts';
import type { DnsReply, DnsResponder } from '../responder.ts';
import { DnsFrameDecoder, frameMessage } from '../wire/frame-decoder.ts';
import { dnsStreamHandler, DnsStreams } from './stream.ts';
import type { DnsStreamOptions } from './stream.ts';

/** A connection in memory: `give` is what the client sends, `taken` what it was sent. */
class FakeConnection implements Connection {
  readonly local = { address: '192.0.2.1', port: 53 };
  readonly remote = { address: '192.0.2.2', port: 40000 };
  readonly tls = undefined;
  readonly taken: Uint8Array[] = [];
  readonly #clock: VirtualClock;
  readonly #incoming: (Uint8Array | undefined)[] = [];
  #waiting: ((bytes: Uint8Array | undefined) => void) | undefined;
  /** Where set, writes end only when it does. */
  writeGate: Promise<void> | undefined;
  writes = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  give(bytes: Uint8Array | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#incoming.push(bytes);
    else waiting(bytes);
  }

  get unread(): number {
    return this.#incoming.length;
  }

  read(idleMs: number): Promise<Uint8Array | undefined> {
    if (this.#incoming.length > 0) return Promise.resolve(this.#incoming.shift());
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(idleMs, () => reject(new ConnectionFault('timeout', 'silence')));
      this.#waiting = (bytes) => {
        timer.cancel();
        resolve(bytes);
      };
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.writes += 1;
    if (this.writeGate !== undefined) await this.writeGate;
    this.taken.push(bytes);
  }

  text(): string {
    return concatBytes(this.taken).toHex();
  }

  startTls(): Promise<never> {
    return Promise.reject(new Error('not here'));
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  destroyed = false;

  destroy(): void {
    this.destroyed = true;
    this.give(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

interface Bench {
  readonly clock: VirtualClock;
  readonly connection: FakeConnection;
  readonly asked: string[];
  readonly replies: DnsReply[];
  readonly drain: AbortController;
  readonly done: Promise<void>;
  ended: boolean;
}

/** `respond` answers at once with the query where `echo` is set; else replies wait in `replies`. */
function serve(echo: boolean, options: DnsStreamOptions = {}): Bench {
  const clock = new VirtualClock();
  const connection = new FakeConnection(clock);
  const asked: string[] = [];
  const replies: DnsReply[] = [];
  const responder: DnsResponder = {
    respond(query, client, reply) {
      assert.equal(client.transport, 'tcp');
      asked.push(query.toHex());
      if (echo) reply(query.slice());
      else replies.push(reply);
    },
  };
  const drain = new AbortController();
  const done = dnsStreamHandler(responder, { clock, ...options })(connection, drain.signal);
  const bench: Bench = { clock, connection, asked, replies, drain, done, ended: false };
  void done.then(() => (bench.ended = true));
  return bench;
}

const query = (octet: number): Uint8Array => frameMessage(Uint8Array.of(octet, octet));

test('DNS over a stream: pipelined queries are answered, in one write', async () => {
  const { clock, connection, done } = serve(true);
  connection.give(concatBytes([query(1), query(2), query(3)]));
  await clock.advanceAsync(0);
  assert.equal(connection.text(), '000201010002020200020303');
  assert.equal(connection.writes, 1);
  connection.give(undefined);
  await done;
});

test('DNS over a stream: answers leave in the order they come, not in that of the queries', async () => {
  const { clock, connection, replies, done } = serve(false);
  connection.give(concatBytes([query(1), query(2)]));
  await clock.advanceAsync(0);
  replies[1]?.(Uint8Array.of(2));
  await clock.advanceAsync(0);
  replies[0]?.(Uint8Array.of(1));
  await clock.advanceAsync(0);
  assert.equal(connection.text(), '000102000101');
  connection.give(undefined);
  await done;
});

test('DNS over a stream: what was asked before the end of stream is answered after it', async () => {
  const { clock, connection, replies, done } = serve(false);
  connection.give(query(1));
  connection.give(undefined);
  await clock.advanceAsync(5);
  replies[0]?.(Uint8Array.of(7));
  await done;
  assert.equal(connection.text(), '000107');
});

test('DNS over a stream: queries in flight are bounded, and silence of the responder frees their places', async () => {
  const bench = serve(false, { maxInFlight: 2, answerMs: 500 });
  bench.connection.give(concatBytes([query(1), query(2), query(3)]));
  await bench.clock.advanceAsync(0);
  assert.deepEqual(bench.asked, ['0101', '0202']);
  bench.replies[0]?.(Uint8Array.of(1));
  await bench.clock.advanceAsync(0);
  assert.deepEqual(bench.asked, ['0101', '0202', '0303']);
  bench.connection.give(query(4));
  await bench.clock.advanceAsync(499);
  assert.equal(bench.asked.length, 3);
  await bench.clock.advanceAsync(1);
  assert.equal(bench.asked.length, 4);
  bench.connection.give(undefined);
  await bench.clock.advanceAsync(500);
  assert.equal(bench.ended, true);
});

test('DNS over a stream: a second reply and a late one are dropped', async () => {
  const { clock, connection, replies, done } = serve(false, { answerMs: 100 });
  connection.give(concatBytes([query(1), query(2)]));
  await clock.advanceAsync(0);
  replies[0]?.(Uint8Array.of(1));
  replies[0]?.(Uint8Array.of(9));
  await clock.advanceAsync(100);
  replies[1]?.(Uint8Array.of(9));
  await clock.advanceAsync(0);
  assert.equal(connection.text(), '000101');
  connection.give(undefined);
  await done;
});

test('DNS over a stream: a client that reads nothing is not read from', async () => {
  const { clock, connection, asked, done } = serve(true);
  const gate = Promise.withResolvers<void>();
  connection.writeGate = gate.promise;
  const large = frameMessage(new Uint8Array(40_000).fill(1));
  for (let i = 0; i < 5; i++) {
    connection.give(large);
    await clock.advanceAsync(0);
  }
  assert.ok(asked.length <= 2, `${asked.length} queries were taken`);
  gate.resolve();
  await clock.advanceAsync(0);
  assert.equal(asked.length, 5);
  connection.give(undefined);
  await done;
});

test('DNS over a stream: closed after silence, and a trickle of octets is no query', async () => {
  const silent = serve(true, { idleMs: 1000 });
  await silent.clock.advanceAsync(999);
  assert.equal(silent.ended, false);
  await silent.clock.advanceAsync(1);
  assert.equal(silent.ended, true);

  const trickle = serve(true, { idleMs: 1000 });
  for (let i = 0; i < 4; i++) {
    trickle.connection.give(Uint8Array.of(i === 1 ? 200 : 0));
    await trickle.clock.advanceAsync(250);
  }
  assert.equal(trickle.ended, true);
});

test('DNS over a stream: broken framing ends it, after the answers that are due', async () => {
  const { clock, connection, replies, done } = serve(false);
  connection.give(concatBytes([query(1), Uint8Array.of(0, 0)]));
  await clock.advanceAsync(0);
  replies[0]?.(Uint8Array.of(5));
  await done;
  assert.equal(connection.text(), '000105');
});

test('DNS over a stream: a draining server answers what it has read and reads no more', async () => {
  const { clock, connection, replies, drain, done, asked } = serve(false);
  connection.give(query(1));
  await clock.advanceAsync(0);
  drain.abort();
  connection.give(query(2));
  await clock.advanceAsync(0);
  replies[0]?.(Uint8Array.of(5));
  await done;
  assert.deepEqual([connection.text(), asked], ['000105', ['0101']]);
});

test('DNS over a stream: a drain while nothing is asked ends at once', async () => {
  const { drain, done } = serve(true);
  drain.abort();
  await done;
});

test('DNS over a stream: a flood of queries leaves the others their turn', async () => {
  const { connection, drain, done } = serve(true);
  const flood = 1000;
  connection.give(concatBytes(Array.from({ length: flood }, () => frameMessage(Uint8Array.of(1)))));
  const answered = (): number => concatBytes(connection.taken).length / 3;
  const perTurn: number[] = [];
  for (let before = 0; before < flood; before = answered()) {
    await new Promise((resolve) => setImmediate(resolve));
    perTurn.push(answered() - before);
  }
  assert.ok(Math.max(...perTurn) <= 16, `${Math.max(...perTurn)} queries in one turn`);
  assert.equal(answered(), flood);
  drain.abort();
  await done;
});

/** Messages `first` to `last`, an octet each; tells what was pulled and whether it was told to stop. */
function streamOf(last: number): {
  readonly messages: AsyncIterable<Uint8Array>;
  readonly pulled: number[];
  returned: boolean;
} {
  const stream = {
    pulled: [] as number[],
    returned: false,
    messages: {
      [Symbol.asyncIterator]: (): AsyncIterator<Uint8Array> => ({
        next: () => {
          const value = stream.pulled.length + 1;
          if (value > last) return Promise.resolve({ done: true, value: undefined });
          stream.pulled.push(value);
          return Promise.resolve({ done: false, value: new Uint8Array(20_000).fill(value) });
        },
        return: () => {
          stream.returned = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    },
  };
  return stream;
}

suite('DNS over a stream: a response of several messages', () => {
  test('is pulled as the client takes it, amid other answers', async () => {
    const { clock, connection, replies, done } = serve(false);
    connection.give(concatBytes([query(1), query(2)]));
    await clock.advanceAsync(0);
    const gate = Promise.withResolvers<void>();
    connection.writeGate = gate.promise;
    const stream = streamOf(10);
    replies[0]?.(stream.messages);
    await clock.advanceAsync(0);
    assert.ok(stream.pulled.length <= 5, `${stream.pulled.length} messages were pulled`);
    replies[1]?.(Uint8Array.of(0xee));
    gate.resolve();
    await clock.advanceAsync(0);
    const { messages } = new DnsFrameDecoder().push(concatBytes(connection.taken));
    assert.deepEqual(
      messages.filter(({ length }) => length > 1).map(([first]) => first),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.equal(messages.filter(({ length }) => length === 1).length, 1);
    connection.give(undefined);
    await done;
    assert.equal(stream.returned, false);
  });

  test('is given up where the client goes away', async () => {
    const { clock, connection, replies, done } = serve(false);
    connection.give(query(1));
    await clock.advanceAsync(0);
    const gate = Promise.withResolvers<void>();
    connection.writeGate = gate.promise;
    const stream = streamOf(100);
    replies[0]?.(stream.messages);
    await clock.advanceAsync(0);
    gate.reject(new ConnectionFault('reset', 'gone'));
    await clock.advanceAsync(0);
    assert.equal(stream.returned, true);
    assert.ok(stream.pulled.length < 10);
    connection.give(undefined);
    await done;
  });

  test('that comes too late, or for nobody, is given up', async () => {
    const { clock, connection, replies, done } = serve(false, { answerMs: 100 });
    connection.give(concatBytes([query(1), query(2)]));
    await clock.advanceAsync(101);
    const [late, unwanted] = [streamOf(5), streamOf(5)];
    replies[0]?.(late.messages);
    connection.give(undefined);
    await done;
    replies[1]?.(unwanted.messages);
    await clock.advanceAsync(0);
    assert.deepEqual([late.returned, unwanted.returned, connection.text()], [true, true, '']);
  });

  test('that fails ends the connection, so that nobody takes it for whole', async () => {
    const { clock, connection, replies, done } = serve(false);
    connection.give(query(1));
    await clock.advanceAsync(0);
    replies[0]?.(
      (async function* () {
        yield Uint8Array.of(1);
        await Promise.resolve();
        throw new Error('the zone is gone');
      })(),
    );
    await done;
    assert.equal(connection.destroyed, true);
  });

  test('is no silence, however long it takes', async () => {
    const bench = serve(false, { idleMs: 1000, answerMs: 1000 });
    bench.connection.give(query(1));
    await bench.clock.advanceAsync(0);
    const next = Promise.withResolvers<Uint8Array>();
    bench.replies[0]?.(
      (async function* () {
        yield await next.promise;
      })(),
    );
    await bench.clock.advanceAsync(60_000);
    assert.equal(bench.ended, false);
    next.resolve(Uint8Array.of(5));
    await bench.clock.advanceAsync(999);
    assert.deepEqual([bench.connection.text(), bench.ended], ['000105', false]);
    await bench.clock.advanceAsync(1001);
    assert.equal(bench.ended, true);
  });
});

suite('DNS over a stream: what is answered at once', () => {
  /** Echoes queries of one octet; says nothing to two octets, and passes on the others. */
  function atOnce(): { readonly responder: DnsResponder; readonly passedOn: string[] } {
    const passedOn: string[] = [];
    return {
      passedOn,
      responder: {
        respond(message, _client, reply) {
          passedOn.push(message.toHex());
          reply(Uint8Array.of(0xaa));
        },
        answerInto(message, at, length, _client, out, outAt) {
          if (length !== 1) return length === 2 ? 0 : -1;
          out[outAt] = message[at] ?? 0;
          return 1;
        },
      },
    };
  }

  test('leaves in one write, and the rest goes the other way, split at every octet', async () => {
    const stream = concatBytes([
      frameMessage(Uint8Array.of(1)),
      frameMessage(Uint8Array.of(2, 2)),
      frameMessage(Uint8Array.of(3)),
      frameMessage(Uint8Array.of(4, 4, 4)),
      frameMessage(Uint8Array.of(5)),
    ]);
    for (let at = 0; at <= stream.length; at++) {
      const clock = new VirtualClock();
      const connection = new FakeConnection(clock);
      const { responder, passedOn } = atOnce();
      const done = dnsStreamHandler(responder, { clock })(connection, new AbortController().signal);
      connection.give(stream.subarray(0, at));
      await clock.advanceAsync(0);
      connection.give(stream.subarray(at));
      await clock.advanceAsync(0);
      connection.give(undefined);
      await done;
      assert.equal(connection.text(), '0001010001030001aa000105', `split at ${at}`);
      assert.deepEqual(passedOn, ['040404']);
      assert.ok(connection.writes <= 3);
    }
  });

  test('a flood leaves the others their turn', async () => {
    const clock = new VirtualClock();
    const connection = new FakeConnection(clock);
    void dnsStreamHandler(atOnce().responder, { clock })(connection, new AbortController().signal);
    connection.give(concatBytes(Array.from({ length: 1000 }, () => frameMessage(Uint8Array.of(1)))));
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(concatBytes(connection.taken).length / 3 <= 2 * 128);
    connection.give(undefined);
  });

  test('large answers wait for the client', async () => {
    const clock = new VirtualClock();
    const connection = new FakeConnection(clock);
    let asked = 0;
    const responder: DnsResponder = {
      respond: () => assert.fail(),
      answerInto(_message, _at, _length, _client, out, outAt, limit) {
        asked += 1;
        out.fill(asked, outAt, outAt + limit);
        return limit;
      },
    };
    const done = dnsStreamHandler(responder, { clock })(connection, new AbortController().signal);
    const gate = Promise.withResolvers<void>();
    connection.writeGate = gate.promise;
    connection.give(concatBytes(Array.from({ length: 9 }, () => query(1))));
    await clock.advanceAsync(0);
    assert.equal(asked, 1);
    gate.resolve();
    connection.give(undefined);
    await done;
    const { messages } = new DnsFrameDecoder().push(concatBytes(connection.taken));
    assert.deepEqual(
      messages.map((message) => [message.length, message[0], message.at(-1)]),
      Array.from({ length: 9 }, (_, i) => [65_535, i + 1, i + 1]),
    );
  });
});

test('DNS over a stream: the connection idle longest is given up first, and never one at work', async () => {
  const clock = new VirtualClock();
  const replies: DnsReply[] = [];
  const streams = new DnsStreams({ respond: (_query, _client, reply) => replies.push(reply) }, { clock });
  const connections = Array.from({ length: 3 }, () => new FakeConnection(clock));
  const drain = new AbortController();
  const ends = connections.map((connection) => streams.handler(connection, drain.signal));
  const [first, second, third] = connections;
  first?.give(query(1));
  await clock.advanceAsync(10);
  third?.give(query(1));
  await clock.advanceAsync(10);
  replies[1]?.(Uint8Array.of(1));
  await clock.advanceAsync(10);
  assert.equal(
    streams.longestIdle(() => true),
    second,
  );
  assert.equal(
    streams.longestIdle((connection) => connection !== second),
    third,
  );
  assert.equal(
    streams.longestIdle((connection) => connection === first),
    undefined,
  );
  replies[0]?.(Uint8Array.of(1));
  await clock.advanceAsync(10);
  assert.equal(
    streams.longestIdle((connection) => connection === first),
    first,
  );
  drain.abort();
  await Promise.all(ends);
  assert.equal(
    streams.longestIdle(() => true),
    undefined,
  );
});
