import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Breather } from './breather.ts';
import { VirtualClock } from './clock.ts';

test('a breather rests once its slice is over, and begins a new one', async () => {
  const clock = new VirtualClock();
  const breather = new Breather(clock, 5);
  clock.advance(4);
  assert.equal(breather.due, false);
  await breather.rest();
  clock.advance(1);
  assert.equal(breather.due, true);
  let rested = false;
  const rest = breather.rest().then(() => (rested = true));
  assert.equal(rested, false);
  await clock.advanceAsync(0);
  await rest;
  assert.equal(breather.due, false);
});
