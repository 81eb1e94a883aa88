import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OctetPool } from './octet-pool.ts';

test('what was kept stays as it was, however much follows', () => {
  const pool = new OctetPool();
  const given = [0, 1, 5, 1018, 0, 255, 70_000, 3, 65_535, 12].map((length, index) =>
    new Uint8Array(length).fill(index + 1),
  );
  const kept = given.map((octets) => pool.keep(octets));
  for (const [index, octets] of given.entries()) {
    assert.deepEqual(kept[index], octets);
    assert.notEqual(kept[index], octets);
  }
});

test('small arrays share their memory', () => {
  const pool = new OctetPool();
  const first = pool.keep(Uint8Array.of(1, 2, 3));
  assert.equal(pool.keep(Uint8Array.of(4)).buffer, first.buffer);
});
