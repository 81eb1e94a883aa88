import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import type { AccountId } from '../../mailbox/message.ts';
import { LoginDelays } from './login-delays.ts';

const alice = 1 as AccountId;
const bob = 2 as AccountId;

test('an account waits, and no other waits for it', () => {
  const clock = new VirtualClock();
  const delays = new LoginDelays(clock, 60);
  assert.equal(delays.tryLogin(alice), 0);
  assert.equal(delays.tryLogin(bob), 0);
  assert.equal(delays.tryLogin(alice), 60);
  clock.advance(59_500);
  assert.equal(delays.tryLogin(alice), 1);
  clock.advance(500);
  assert.equal(delays.tryLogin(alice), 0);
  assert.equal(delays.tryLogin(alice), 60);
});

test('without a delay nobody waits', () => {
  const delays = new LoginDelays(new VirtualClock(), 0);
  assert.equal(delays.tryLogin(alice), 0);
  assert.equal(delays.tryLogin(alice), 0);
});
