import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { faultInAnswer, numberedAnswer, numberedQuestion } from '../../../test/support/numbered-packets.ts';
import type { PacketsWritten, PacketWriting } from '../../../test/support/packet-writing-thread.ts';
import { AddressBlocks } from '../../lib/address-blocks.ts';
import { systemClock, VirtualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import { notKept, PacketAnswers } from './packet-answers.ts';
import { PacketCache } from './packet-cache.ts';
import { inSlot, PacketMemory, slotWords } from './packet-memory.ts';

const questions = 60;
/** So small that the log comes round every few hundred answers. */
const octets = 80_000;
const random = seededRandom(5);

/** How many of the questions have an answer, each of which must be whole. */
function answered(memory: PacketMemory, now: () => number): number {
  const protocol = new AnswerProtocol({ udpSize: 1232 }, new VirtualClock(), seededRandom(1));
  const access = new AddressBlocks(['0.0.0.0/0']);
  const answers = new PacketAnswers({ memory, protocol, access, now });
  const out = new Uint8Array(4096);
  let count = 0;
  for (let number = 0; number < questions; number++) {
    const query = numberedQuestion(number);
    protocol.from('udp', Uint8Array.of(127, 0, 0, 1), 0, 4);
    const length = answers.answer(query, 0, query.length, out, 0, 1232);
    if (length === notKept) continue;
    assert.equal(faultInAnswer(number, out.subarray(0, length)), '');
    count += 1;
  }
  return count;
}

function keepAll(cache: PacketCache, now: number): void {
  for (let number = 0; number < questions; number++)
    assert.ok(cache.keep(numberedAnswer(number, random), 100, now));
}

function startWriting(memory: PacketMemory, seed: number, stop: SharedArrayBuffer): Worker {
  const writing: PacketWriting = { packets: memory.shared, seed, count: questions, stop };
  const program = new URL('../../../test/support/packet-writing-thread.ts', import.meta.url);
  return new Worker(program, { workerData: writing });
}

test('answers are whole, and their questions’ own, though several threads write and read at one time', async () => {
  const now = (): number => systemClock.monotonic();
  const cache = PacketCache.make(octets, seededRandom(1), now);
  const { memory } = cache;
  const stop = new SharedArrayBuffer(4);
  const threads = [1, 2, 3].map((seed) => startWriting(memory, seed, stop));
  await Promise.all(threads.map((thread) => once(thread, 'message')));
  const told = threads.map((thread) => once(thread, 'message'));
  for (let i = 0; i < 5000; i++) {
    cache.keep(numberedAnswer(random.below(questions), random), 100, now());
    if (i % 100 === 0) answered(memory, now);
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  for (const [said] of await Promise.all(told)) {
    const { kept, answered: count, torn } = said as PacketsWritten;
    assert.equal(torn, '');
    assert.ok(kept > 0 && count > 0);
  }
  assert.ok(cache.octets > 0 && cache.octets <= memory.logOctets);
  keepAll(cache, now());
  assert.ok(answered(memory, now) > questions / 2);
});

suite('a thread that dies as it writes', () => {
  test('has had its time after a second', () => {
    let time = 5000;
    const cache = PacketCache.make(octets, seededRandom(1), () => time);
    const dead = new PacketMemory(cache.memory.shared);
    assert.ok(dead.beginWriting(time));
    const packet = numberedAnswer(1, random);
    assert.equal(cache.keep(packet, 100, time), false);
    time += 999;
    assert.equal(cache.keep(packet, 100, time), false);
    time += 1;
    assert.equal(cache.keep(packet, 100, time), true);
    assert.equal(cache.keep(packet, 100, time), true);
    assert.equal(
      answered(cache.memory, () => time),
      1,
    );
  });

  test('leaves its time to one of those who wait', () => {
    const { memory } = PacketCache.make(octets, seededRandom(1), () => 0);
    const [dead, first, second] = [1, 2, 3].map(() => new PacketMemory(memory.shared));
    assert.ok(dead?.beginWriting(5000));
    assert.ok(first?.beginWriting(6000));
    assert.equal(second?.beginWriting(6001), false);
    first?.endWriting();
    assert.ok(second?.beginWriting(6002));
    second?.endWriting();
  });

  test('if it was only slow it takes nobody else’s time away', () => {
    const { memory } = PacketCache.make(octets, seededRandom(1), () => 0);
    const [slow, next, third] = [1, 2, 3].map(() => new PacketMemory(memory.shared));
    assert.ok(slow?.beginWriting(5000));
    assert.ok(next?.beginWriting(6000));
    slow?.endWriting();
    assert.equal(third?.beginWriting(6001), false);
    next?.endWriting();
    assert.ok(third?.beginWriting(6002));
  });

  test('also where the clock’s count comes round', () => {
    const { memory } = PacketCache.make(octets, seededRandom(1), () => 0);
    const [dead, next] = [1, 2].map(() => new PacketMemory(memory.shared));
    const round = 2 ** 31;
    assert.ok(dead?.beginWriting(round - 500));
    assert.equal(next?.beginWriting(round + 400), false);
    assert.ok(next?.beginWriting(round + 500));
  });

  test('leaves slots half changed, which are changed all the same', () => {
    const cache = PacketCache.make(octets, seededRandom(1), () => 0);
    const { memory } = cache;
    keepAll(cache, 0);
    const before = answered(memory, () => 0);
    assert.ok(before > questions / 2);
    for (let slot = memory.indexAt; slot < memory.indexEnd; slot += slotWords)
      Atomics.add(memory.words, slot + inSlot.version, 1);
    // What is half changed isn't read.
    assert.equal(
      answered(memory, () => 0),
      0,
    );
    keepAll(cache, 0);
    assert.equal(
      answered(memory, () => 0),
      before,
    );
  });

  test('whenever that is', { timeout: 30_000 }, async () => {
    let later = 0;
    const now = (): number => systemClock.monotonic() + later;
    const cache = PacketCache.make(octets, seededRandom(1), now);
    for (let round = 1; round <= 6; round++) {
      const thread = startWriting(cache.memory, round, new SharedArrayBuffer(4));
      await once(thread, 'message');
      for (let turns = random.below(500); turns > 0; turns--) await nextTurn();
      await thread.terminate();
      later = round * 2000;
      answered(cache.memory, now);
      keepAll(cache, now());
      assert.ok(answered(cache.memory, now) > questions / 2);
    }
  });
});
