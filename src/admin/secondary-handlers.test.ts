import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RefreshOutcome } from '../dns/transfer/in/secondary-zone.ts';
import { domainName } from '../dns/wire/name.ts';
import { secondaryHandlers } from './secondary-handlers.ts';

const never = new Promise<RefreshOutcome>(() => undefined);
const outcomes: Readonly<Record<string, Promise<RefreshOutcome>>> = {
  'whole.example.': Promise.resolve({ kind: 'taken', serial: 7, from: '192.0.2.1:53', steps: undefined }),
  'step.example.': Promise.resolve({ kind: 'taken', serial: 7, from: '192.0.2.1:53', steps: 1 }),
  'current.example.': Promise.resolve({ kind: 'current', serial: 7 }),
  'failed.example.': Promise.resolve({ kind: 'failed', reason: '192.0.2.1:53: nobody listens there' }),
  'slow.example.': never,
};
const handlers = secondaryHandlers(
  {
    refresh: (origin) => outcomes[origin.toString()],
    status: () => [
      {
        origin: domainName('a.example'),
        serial: undefined,
        expired: false,
        phase: 'idle',
        refreshedAt: undefined,
        expiresAt: undefined,
        nextCheckAt: 0,
      },
    ],
  },
  5,
);

const cases: readonly (readonly [name: string, expected: string])[] = [
  ['whole.example', 'taken 7: was taken from 192.0.2.1:53 whole: serial 7'],
  ['step.example', 'taken 7: was taken from 192.0.2.1:53 in 1 step: serial 7'],
  ['current.example', 'current 7: is as its primaries have it: serial 7'],
  ['failed.example', 'failed null: could not be taken: 192.0.2.1:53: nobody listens there'],
  ['slow.example', 'under way null: is still being taken from its primary; the log tells how it ends'],
  ['none.example', 'not-found none.example. is no zone that is taken from primaries'],
  ['a..b', "invalid 'a..b' has an empty label"],
];

for (const [name, expected] of cases) {
  test(`zone refresh: ${name}`, async () => {
    const answer = await handlers.refreshZone({ name });
    const text = answer.ok
      ? `${answer.value.outcome} ${answer.value.serial}: ${answer.value.text}`
      : `${answer.fault.kind} ${answer.fault.message}`;
    assert.equal(text, expected);
  });
}

test('zone status: times are ISO 8601, and what is not known is null', async () => {
  const answer = await handlers.listSecondaries({});
  assert.deepEqual(answer.ok ? answer.value : answer.fault, [
    {
      zone: 'a.example.',
      serial: null,
      expired: false,
      phase: 'idle',
      refreshedAt: null,
      expiresAt: null,
      nextCheckAt: '1970-01-01T00:00:00.000Z',
    },
  ]);
});

test('zone refresh and status: without a server', async () => {
  const none = secondaryHandlers(undefined);
  for (const answer of [await none.refreshZone({ name: 'a.example' }), await none.listSecondaries({})])
    assert.equal(answer.ok ? '' : answer.fault.kind, 'unavailable');
});
