import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, shuffle } from '../lib/random.ts';
import type { JourneyStep } from '../lib/journey.ts';
import { JourneySequence, journeyOrder } from './sequence.ts';

const step = (name: JourneyStep['step'], ok = true): JourneyStep => ({
  step: name,
  at: 0,
  ms: 1,
  ok,
  text: name,
});

test('steps come out in order, whatever the order they came in', () => {
  for (let seed = 0; seed < 50; seed++) {
    const seen: string[] = [];
    const sequence = new JourneySequence((each) => seen.push(each.step));
    for (const name of shuffle([...journeyOrder], seededRandom(seed))) sequence.take(step(name));
    assert.deepEqual(seen, journeyOrder);
    assert.deepEqual(sequence.missing, []);
  }
});

test('each step is emitted once, at once when its turn has come', () => {
  const seen: string[] = [];
  const sequence = new JourneySequence((each) => seen.push(each.step));
  sequence.take(step('S1'));
  sequence.take(step('S1'));
  sequence.take(step('S3'));
  assert.deepEqual(seen, ['S1']);
  sequence.take(step('S2'));
  assert.deepEqual(seen, ['S1', 'S2', 'S3']);
  assert.equal(sequence.missing[0], 'D1');
});

test('what waits is told at the end, and what never came is known', () => {
  const seen: string[] = [];
  const sequence = new JourneySequence((each) => seen.push(each.step));
  sequence.take(step('D3', false));
  sequence.take(step('D3'));
  sequence.take(step('S1'));
  assert.equal(sequence.missing.length, 13);
  sequence.flush();
  assert.deepEqual(seen, ['S1', 'D3']);
});
