import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recipients } from './recipients.ts';
import type { Recipient } from './recipients.ts';

function recipient(key: string): Recipient {
  return { address: { localPart: key, domain: 'example.com' }, key, destinations: [] };
}

function keys(list: Recipients): string {
  return list
    .toArray()
    .map((each) => each.key)
    .join(' ');
}

test('a list never changes, however others grow from it', () => {
  const a = Recipients.none.with(recipient('a'));
  const ab = a.with(recipient('b'));
  const ac = a.with(recipient('c'));
  const abd = ab.with(recipient('d'));
  const aba = ab.with(recipient('a'));
  const again = Recipients.none.with(recipient('e'));
  assert.deepEqual([Recipients.none, a, ab, ac, abd, aba, again].map(keys), [
    '',
    'a',
    'a b',
    'a c',
    'a b d',
    'a b',
    'e',
  ]);
  assert.deepEqual(
    [a, ab, ac, abd].map((list) => list.count),
    [1, 2, 2, 3],
  );
  assert.ok(ac.has('c') && !ac.has('b') && !a.has('b') && !Recipients.none.has('a'));
});

test('ten thousand recipients are no matter', () => {
  let list = Recipients.none;
  const before = process.cpuUsage();
  for (let i = 0; i < 10_000; i++) list = list.with(recipient(`user${i}`));
  const { user } = process.cpuUsage(before);
  assert.equal(list.toArray().length, 10_000);
  // Copying the list for each would be 50 million copies, a second or so.
  assert.ok(user < 300_000, `${user} µs`);
});
