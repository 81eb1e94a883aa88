import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.ts';
import { Paced } from './paced.ts';

test('is done at once, and then no more often than every so-many milliseconds', () => {
  const clock = new VirtualClock();
  let done = 0;
  const paced = new Paced(clock, 100, () => (done += 1));
  const after = (ms: number): number => {
    clock.advance(ms);
    return done;
  };
  paced.want();
  assert.equal(done, 1);
  assert.equal(after(500), 1);
  for (let i = 0; i < 10; i++) paced.want();
  assert.equal(done, 2);
  assert.equal(after(99), 2);
  assert.equal(after(1), 3);
  // The pause after that counts, too.
  paced.want();
  assert.equal(done, 3);
  assert.equal(after(100), 4);
  assert.equal(after(500), 4);
  paced.want();
  paced.want();
  paced[Symbol.dispose]();
  assert.equal(after(500), 5);
});
