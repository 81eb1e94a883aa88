import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, integer, property } from 'fast-check';
import { VirtualClock } from '../lib/clock.ts';
import type { AccountId } from '../mailbox/message.ts';
import { SendingCounts } from './sending-limits.ts';

const none = { minute: 0, hour: 0, day: 0 };
const alice = 1 as AccountId;

test('a limit is met, and told of until it is not any more', () => {
  const clock = new VirtualClock();
  const counts = new SendingCounts(clock, { messages: { minute: 3, hour: 5, day: 0 }, recipients: none });
  assert.equal(counts.met(alice, undefined), undefined);
  for (let i = 0; i < 3; i++) counts.add(alice, 1);
  const met = counts.met(alice, undefined);
  assert.deepEqual(met, { what: 'messages', most: 3, span: 'minute', retryAfterMs: 65_000 });
  clock.advance(64_999);
  assert.equal(counts.met(alice, undefined)?.span, 'minute');
  clock.advance(1);
  assert.equal(counts.met(alice, undefined), undefined);
  counts.add(alice, 1);
  counts.add(alice, 1);
  const hour = counts.met(alice, undefined);
  assert.equal(hour?.span, 'hour');
  clock.advance(hour?.retryAfterMs ?? 0);
  assert.equal(counts.met(alice, undefined), undefined);
});

test('accounts count for themselves; 0 is no limit, and one’s own limit goes first', () => {
  const clock = new VirtualClock();
  const counts = new SendingCounts(clock, { messages: { minute: 1, hour: 0, day: 0 }, recipients: none });
  counts.add(alice, 1);
  assert.equal(counts.met(2 as AccountId, undefined), undefined);
  assert.equal(counts.met(alice, undefined)?.most, 1);
  assert.equal(counts.met(alice, { messages: { minute: 0 } }), undefined);
  assert.equal(counts.met(alice, { messages: { minute: 2 } }), undefined);
  assert.equal(counts.met(alice, { recipients: { day: 1 }, messages: { minute: 5 } })?.what, 'recipients');
});

test('never more than the limit in any span, and the time that is told is right', () => {
  assertProperty(
    property(
      integer({ min: 1, max: 6 }),
      array(integer({ min: 0, max: 40_000 }), { maxLength: 60 }),
      (most, pauses) => {
        const clock = new VirtualClock();
        const counts = new SendingCounts(clock, {
          messages: { minute: most, hour: 0, day: 0 },
          recipients: none,
        });
        const sent: number[] = [];
        for (const pause of pauses) {
          clock.advance(pause);
          const met = counts.met(alice, undefined);
          if (met === undefined) {
            counts.add(alice, 1);
            sent.push(clock.monotonic());
            continue;
          }
          clock.advance(Math.ceil(met.retryAfterMs));
          assert.equal(counts.met(alice, undefined), undefined);
        }
        for (const at of sent)
          assert.ok(sent.filter((each) => each >= at && each < at + 60_000).length <= most);
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});
