import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../lib/random.ts';
import { DueQueue } from './due-queue.ts';

test('the due queue gives things in the order of their times, moved and taken out ones too', () => {
  const random = seededRandom(7);
  const queue = new DueQueue<{ at: number; place: number; name: number }>();
  const items = Array.from({ length: 500 }, (_, name) => ({ at: 0, place: -1, name }));
  for (let step = 0; step < 5_000; step++) {
    const item = items[random.below(items.length)] ?? assert.fail();
    if (random.below(4) === 0) queue.delete(item);
    else queue.set(item, random.below(1_000));
  }
  const inside = items.filter(({ place }) => place >= 0).map(({ at }) => at);
  assert.equal(queue.size, inside.length);
  const given: number[] = [];
  for (let first = queue.first; first !== undefined; first = queue.first) {
    given.push(first.at);
    queue.delete(first);
    queue.delete(first);
  }
  assert.deepEqual(
    given,
    inside.sort((a, b) => a - b),
  );
});
