import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '../../lib/bytes.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection } from '../../lib/transport.ts';
import type { DnsResponder } from '../responder.ts';
import { frameMessage } from '../wire/frame-decoder.ts';
import { dnsStreamHandler } from './stream.ts';
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

  destroy(): void {
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
  readonly replies: ((response: Uint8Array) => void)[];
  readonly drain: AbortController;
  readonly done: Promise<void>;
  ended: boolean;
}

/** `respond` answers at once with the query where `echo` is set; else replies wait in `replies`. */
function serve(echo: boolean, options: DnsStreamOptions = {}): Bench {
  const clock = new VirtualClock();
  const connection = new FakeConnection(clock);
  const asked: string[] = [];
  const replies: ((response: Uint8Array) => void)[] = [];
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
