import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapStatistics } from 'node:v8';
import { VirtualClock } from '../lib/clock.ts';
import { giveBackMemory, giveBackWhenIdle } from './give-back-memory.ts';

const mib = 1024 * 1024;

function heldMib(): number {
  return getHeapStatistics().total_physical_size / mib;
}

test('what nobody needs any more goes back to the system', () => {
  const base = heldMib();
  let records: object[] = Array.from({ length: 500_000 }, (_, i) => ({ owner: [i], ttl: i }));
  const full = heldMib();
  assert.ok(full - base > 30, `only ${full - base} MiB were taken`);
  assert.equal(records.length, 500_000);
  records = [];
  giveBackMemory();
  const left = heldMib();
  assert.ok(full - left > 0.8 * (full - base), `${left} MiB are held of ${full}, and ${base} before`);
});

test('what much work has left behind is given back once it is quiet, and not over and over', () => {
  const clock = new VirtualClock();
  const seen = { held: 30, busy: 0.9, given: 0 };
  let kept = 30;
  using watch = giveBackWhenIdle(clock, {
    heldOctets: () => seen.held * mib,
    busyShare: () => seen.busy,
    giveBack: () => {
      seen.given += 1;
      seen.held = kept;
    },
  });
  assert.ok(watch);
  for (const { held, busy, keeps, given } of [
    { held: 200, busy: 0.9, keeps: 30, given: 0 },
    { held: 70, busy: 0, keeps: 30, given: 0 },
    { held: 200, busy: 0.01, keeps: 150, given: 1 },
    { held: 190, busy: 0, keeps: 150, given: 1 },
    { held: 300, busy: 0.5, keeps: 150, given: 1 },
    { held: 300, busy: 0, keeps: 30, given: 2 },
    { held: 30, busy: 0, keeps: 30, given: 2 },
    { held: 90, busy: 0, keeps: 30, given: 3 },
  ]) {
    seen.held = held;
    seen.busy = busy;
    kept = keeps;
    clock.advance(10_000);
    assert.equal(seen.given, given, `at ${held} MiB`);
  }
});
