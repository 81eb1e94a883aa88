import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

test('slots: so many in all, so many for each primary, and a slow primary holds up nobody else', async () => {
  const slots = new Slots(3, 2);
  const entered: string[] = [];
  const enter = async (primary: string, name: string): Promise<void> => {
    await slots.enter(primary);
    entered.push(name);
  };
  const all = ['slow 1', 'slow 2', 'slow 3', 'slow 4', 'quick 1', 'quick 2'].map((name) =>
    enter(name.split(' ')[0] ?? '', name),
  );
  await Promise.all(all.slice(0, 2));
  await all[4];
  assert.deepEqual(entered, ['slow 1', 'slow 2', 'quick 1']);
  assert.equal(slots.waiting, 3);
  slots.leave('quick');
  await all[5];
  assert.deepEqual(entered, ['slow 1', 'slow 2', 'quick 1', 'quick 2']);
  slots.leave('slow');
  await all[2];
  slots.leave('slow');
  await all[3];
  assert.deepEqual(entered.slice(4), ['slow 3', 'slow 4']);
  assert.equal(slots.waiting, 0);
  for (const primary of ['slow', 'slow', 'quick']) slots.leave(primary);
  await enter('quick', 'quick 3');
  assert.equal(entered.at(-1), 'quick 3');
});
