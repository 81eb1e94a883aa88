import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedGarbage } from './shared-garbage.ts';

const mib = 1 << 20;

test('what was let go is collected once there is much of it, and only then', () => {
  const source = { letGo: 100 * mib };
  let collections = 0;
  const garbage = new SharedGarbage(source, () => (collections += 1));
  for (const { letGo, after } of [
    { letGo: 0, after: 0 },
    { letGo: 15, after: 0 },
    { letGo: 1, after: 1 },
    { letGo: 0, after: 1 },
    { letGo: 15, after: 1 },
    { letGo: 300, after: 2 },
    { letGo: 15, after: 2 },
  ]) {
    source.letGo += letGo * mib;
    garbage.look();
    assert.equal(collections, after);
  }
});
