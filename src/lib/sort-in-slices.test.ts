import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from './random.ts';
import { sortInSlices } from './sort-in-slices.ts';

function sorted<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): { list: Item[]; rests: number } {
  const steps = sortInSlices([...items], compare);
  for (let rests = 0; ; rests++) {
    const step = steps.next();
    if (step.done === true) return { list: step.value, rests };
  }
}

for (const count of [0, 1, 511, 512, 513, 10_000, 20_000]) {
  test(`sort in slices: ${count} items as by the usual sort, equal ones in their order`, () => {
    const random = seededRandom(count);
    const items = Array.from({ length: count }, (_, order) => ({ key: random.below(1 + count / 2), order }));
    const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
    const { list, rests } = sorted(items, compare);
    assert.deepEqual(list, items.toSorted(compare));
    assert.ok(rests >= count / 512);
  });
}
