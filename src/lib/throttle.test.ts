import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.ts';
import { Throttle } from './throttle.ts';

const limits = { free: 2, firstWaitMs: 100, longestWaitMs: 1000, forgetMs: 5000, mostKeys: 3 };

test('waits double from the first failure beyond the free ones up to the longest', () => {
  const throttle = new Throttle(limits, new VirtualClock());
  const waits = Array.from({ length: 8 }, () => {
    throttle.fail('a');
    return throttle.waitMs('a');
  });
  assert.deepEqual(waits, [0, 0, 100, 200, 400, 800, 1000, 1000]);
  assert.equal(throttle.waitMs('b'), 0);
});

test('a wait runs down by the clock, and a quiet key is forgotten', () => {
  const clock = new VirtualClock();
  const throttle = new Throttle(limits, clock);
  for (let i = 0; i < 3; i++) throttle.fail('a');
  clock.advance(60);
  assert.equal(throttle.waitMs('a'), 40);
  clock.advance(40);
  assert.equal(throttle.waitMs('a'), 0);
  throttle.fail('a');
  assert.equal(throttle.waitMs('a'), 200);
  clock.advance(5000);
  throttle.fail('a');
  assert.equal(throttle.waitMs('a'), 0);
});

test('the table is bounded: the key that failed least recently is forgotten first', () => {
  const throttle = new Throttle(limits, new VirtualClock());
  for (let i = 0; i < 3; i++) throttle.fail('a');
  for (let i = 0; i < 3; i++) throttle.fail('b');
  throttle.fail('a');
  throttle.fail('c');
  throttle.fail('d');
  assert.equal(throttle.waitMs('a'), 200);
  assert.equal(throttle.waitMs('b'), 0);
});
