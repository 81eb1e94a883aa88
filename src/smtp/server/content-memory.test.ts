import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { ContentCollector } from './content-collector.ts';
import { ContentMemory } from './content-memory.ts';

test('below the soft limit there is room at once, above it in turn, and never for longer than asked', async () => {
  const clock = new VirtualClock();
  const memory = new ContentMemory(clock, { soft: 100, hard: 200 });
  assert.ok(memory.reserve(100));
  const order: string[] = [];
  const wait = (name: string): void =>
    void memory.room(1000).then((granted) => order.push(`${name} ${granted}`));
  wait('first');
  wait('second');
  await clock.advanceAsync(999);
  assert.deepEqual(order, []);
  memory.release(1);
  await clock.advanceAsync(0);
  // Both: what they will need isn't known, and the hard limit stands above.
  assert.deepEqual(order, ['first true', 'second true']);
  memory.reserve(1);
  wait('third');
  await clock.advanceAsync(1000);
  assert.equal(order.at(-1), 'third false');
  assert.ok(memory.reserve(100));
  assert.ok(!memory.reserve(1));
  assert.equal(memory.used, 200);
});

function collect(
  pieces: readonly number[],
  maxSize: number,
  hard: number,
): { collector: ContentCollector; memory: ContentMemory } {
  const memory = new ContentMemory(new VirtualClock(), { soft: hard, hard });
  const collector = new ContentCollector(memory, maxSize);
  let next = 0;
  for (const length of pieces)
    collector.write(
      Uint8Array.from({ length: length + 2 }, (_, index) =>
        index === 0 || index > length ? 0 : next++ & 0xff,
      ),
      1,
      length + 1,
    );
  return { collector, memory };
}

test('content comes out as it went in, in few blocks, whatever the pieces', () => {
  for (const pieces of [
    [0],
    [1],
    Array<number>(40_000).fill(1),
    [16_384],
    [16_385],
    [1, 300_000, 7],
    [1_000_000],
  ]) {
    const total = pieces.reduce((sum, each) => sum + each, 0);
    const { collector, memory } = collect(pieces, 2_000_000, 4_000_000);
    const blocks = collector.take();
    assert.equal(
      blocks.reduce((sum, block) => sum + block.length, 0),
      total,
    );
    assert.ok(blocks.length <= 3 + total / 262_144, `${blocks.length} blocks`);
    let at = 0;
    assert.ok(blocks.every((block) => block.every((octet) => octet === (at++ & 0xff))));
    assert.ok(memory.used >= total);
    collector[Symbol.dispose]();
    collector[Symbol.dispose]();
    assert.equal(memory.used, 0);
  }
});

test('beyond a limit nothing is kept, and the memory is given back at once', () => {
  const tooBig = collect([100, 1], 100, 1_000_000);
  assert.equal(tooBig.collector.fault, 'too-big');
  assert.equal(tooBig.memory.used, 0);
  assert.equal(tooBig.collector.size, 101);
  const noMemory = collect([20_000, 300_000], 1_000_000, 100_000);
  assert.equal(noMemory.collector.fault, 'no-memory');
  assert.equal(noMemory.memory.used, 0);
  noMemory.collector.write(new Uint8Array(10), 0, 10);
  assert.equal(noMemory.memory.used, 0);
});
