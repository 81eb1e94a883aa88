import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { HeardWriting } from '../../../test/support/heard-writing-thread.ts';
import { assertNumbered, numberedHeard, numberedReply } from '../../../test/support/numbered-heard.ts';
import { seededRandom } from '../../lib/random.ts';
import { heardKind, HeardRing } from './heard-ring.ts';
import type { Heard } from './heard-ring.ts';

function put(ring: HeardRing, number: number): void {
  ring.put(numberedHeard(number), numberedReply(number));
}

/** The numbers of what is there, each of which must be whole. */
function taken(ring: HeardRing, most = 1000): number[] {
  const numbers: number[] = [];
  ring.take(most, (heard) => {
    assertNumbered(heard);
    numbers.push(heard.server);
  });
  return numbers;
}

/** Octets of a record. */
function sizeOf(queryLength: number, replyLength: number): number {
  return 48 + Math.ceil((queryLength + replyLength) / 8) * 8;
}

/** With a query of 16 octets and a reply, so that its record is so long. */
function putSized(ring: HeardRing, server: number, octets: number): void {
  assert.equal(sizeOf(16, octets - 64), octets);
  ring.put({ ...numberedHeard(1), server, query: new Uint8Array(16) }, new Uint8Array(octets - 64));
}

function servers(ring: HeardRing, most = 1000): number[] {
  const numbers: number[] = [];
  ring.take(most, ({ server }) => numbers.push(server));
  return numbers;
}

test('what was put is taken once, in order, and whole', () => {
  const ring = HeardRing.make(14);
  assert.deepEqual(taken(ring), []);
  for (const number of [1, 2, 3]) put(ring, number);
  assert.deepEqual(taken(ring), [1, 2, 3]);
  assert.deepEqual(taken(ring), []);
  put(ring, 4);
  assert.deepEqual(taken(ring), [4]);
});

test('all kinds of numbers', () => {
  const ring = HeardRing.make(12);
  const heard: Heard = {
    kind: heardKind.forged,
    server: 0x7fff_ffff,
    ttl: 0x7fff_ffff,
    generation: -1,
    zoneLength: 255,
    ms: 0.001,
    asked: 1.5e12,
    query: Uint8Array.of(1),
    reply: new Uint8Array(0),
  };
  ring.put(heard);
  ring.take(1, (told) => assert.deepEqual(told, heard));
});

test('of a reply as many octets are taken as are told', () => {
  const ring = HeardRing.make(12);
  ring.put(numberedHeard(1), new Uint8Array(4096).fill(3), 5);
  ring.take(1, ({ reply }) => assert.deepEqual(reply, new Uint8Array(5).fill(3)));
});

test('some at a time, and it is told whether there are more', () => {
  const ring = HeardRing.make(14);
  for (const number of [1, 2, 3, 4]) put(ring, number);
  const numbers: number[] = [];
  const visit = ({ server }: Heard): void => void numbers.push(server);
  assert.equal(ring.take(0, visit), true);
  assert.equal(ring.take(3, visit), true);
  assert.deepEqual(numbers, [1, 2, 3]);
  assert.equal(ring.take(1, visit), false);
  assert.equal(ring.take(0, visit), false);
  assert.deepEqual(numbers, [1, 2, 3, 4]);
});

test('what there is no room for is lost, and nothing else', () => {
  const ring = HeardRing.make(10);
  for (let server = 1; server <= 20; server++) putSized(ring, server, 128);
  assert.deepEqual(servers(ring, 3), [1, 2, 3]);
  // There is room for three again.
  for (let server = 21; server <= 30; server++) putSized(ring, server, 128);
  assert.deepEqual(servers(ring), [4, 5, 6, 7, 8, 21, 22, 23]);
});

test('a record as long as the ring, and one that is longer', () => {
  const ring = HeardRing.make(10);
  putSized(ring, 1, 1032);
  assert.deepEqual(servers(ring), []);
  putSized(ring, 2, 1024);
  putSized(ring, 3, 64);
  assert.deepEqual(servers(ring), [2]);
  // Not at its beginning there is no place for it.
  putSized(ring, 4, 64);
  putSized(ring, 5, 1024);
  assert.deepEqual(servers(ring), [4]);
  putSized(ring, 6, 1024);
  assert.deepEqual(servers(ring), []);
});

test('the ring goes on at its beginning where a record has no room before its end', () => {
  const ring = HeardRing.make(10);
  putSized(ring, 1, 960);
  assert.deepEqual(servers(ring), [1]);
  putSized(ring, 2, 72);
  putSized(ring, 3, 888);
  // The 64 octets at the end are lost, and all others used.
  putSized(ring, 4, 64);
  assert.deepEqual(servers(ring), [2, 3]);
  putSized(ring, 5, 512);
  putSized(ring, 6, 448);
  putSized(ring, 7, 128);
  assert.deepEqual(servers(ring), [5, 6]);
});

for (const written of [0, -4096, -65_536, 0x7fff_f000])
  test(`the count of octets may come round: from ${written} on`, () => {
    const ring = HeardRing.make(12);
    new Int32Array(ring.shared, 0, 2).fill(written);
    const random = seededRandom(written);
    let [next, last, sum] = [1, 0, 0];
    for (let step = 0; step < 3000; step++) {
      if (random.below(2) === 0) put(ring, next++);
      else
        for (const number of taken(ring, 1 + random.below(4))) {
          assert.ok(number > last);
          last = number;
          sum += 1;
        }
    }
    assert.ok(sum > 500, `${sum}`);
  });

test('what one thread puts while another takes is whole and in order', async () => {
  const ring = HeardRing.make(15);
  const count = 20_000;
  const writing: HeardWriting = { heard: ring.shared, count };
  const program = new URL('../../../test/support/heard-writing-thread.ts', import.meta.url);
  const thread = new Worker(program, { workerData: writing });
  let ended = false;
  const end = once(thread, 'message').then(() => (ended = true));
  let [last, sum] = [0, 0];
  for (let isOver = false; !isOver; isOver = ended) {
    for (const number of taken(ring)) {
      assert.ok(number > last && number <= count);
      last = number;
      sum += 1;
    }
    await nextTurn();
  }
  await end;
  assert.ok(sum > 100, `${sum}`);
});
