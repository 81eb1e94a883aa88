import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { nextAttemptAt } from './back-off.ts';
import { defaultQueueLimits } from './queue-options.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** A `Random` that always draws the middle: no jitter. */
const middle = { bytes: () => new Uint8Array(0), below: (bound: number) => Math.floor(bound / 2) };

describe('back-off (RFC 5321 §4.5.4.1)', () => {
  test('waits grow, and the last one stays', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 20].map(
      (attempts) => (nextAttemptAt({ queuedAt: 0, attempts }, 0, defaultQueueLimits, middle) ?? 0) / minute,
    );
    assert.deepEqual(waits, [1, 5, 15, 30, 60, 120, 240, 240, 240]);
  });

  test('jitter stays within its bounds, and spreads', () => {
    const random = seededRandom(3);
    const times = Array.from(
      { length: 500 },
      () => nextAttemptAt({ queuedAt: 0, attempts: 5 }, 0, defaultQueueLimits, random) ?? 0,
    );
    assert.ok(Math.min(...times) >= 54 * minute && Math.max(...times) <= 66 * minute);
    assert.ok(Math.max(...times) - Math.min(...times) > 10 * minute);
  });

  test('the last attempt falls on the end of the life of a message, and then it is given up', () => {
    const next = (now: number): number | undefined =>
      nextAttemptAt({ queuedAt: 0, attempts: 40 }, now, defaultQueueLimits, middle);
    assert.equal(next(5 * day - 60 * minute), 5 * day);
    assert.equal(next(5 * day - 1), 5 * day);
    assert.equal(next(5 * day), undefined);
  });
});
