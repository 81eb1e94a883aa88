import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMs, formatStep } from './journey-text.ts';
import type { JourneyStep } from './journey.ts';

test('a step is told in two lines, and the steps inside it below', () => {
  const inner: JourneyStep = { step: 'D1', at: 0, ms: 0.25, ok: true, text: 'Asked.' };
  const server = { name: 'mx.example.org', address: '198.51.100.25:25' };
  const outer: JourneyStep = {
    step: 'S4',
    at: 0,
    ms: 12,
    ok: false,
    server,
    text: 'Nobody answers.',
    steps: [inner],
  };
  assert.equal(
    formatStep(outer),
    [
      '✗ S4    12 ms  mx.example.org 198.51.100.25:25',
      '     Nobody answers.',
      '     ✓ D1   0.3 ms',
      '          Asked.',
    ].join('\n'),
  );
  assert.ok(formatStep(outer, '', (code, text) => `<${code}>${text}`).startsWith('<31>✗ <33>S4'));
});

test('times are short', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0.0 ms'],
    [9.94, '9.9 ms'],
    [10.4, '10 ms'],
    [999, '999 ms'],
    [1500, '1.5 s'],
  ];
  for (const [ms, text] of cases) assert.equal(formatMs(ms), text);
});

test('what a peer said can not steer the terminal', () => {
  const step: JourneyStep = {
    step: 'S5',
    at: 0,
    ms: 1,
    ok: false,
    text: '550 \u001b[2Jno\r\n✓ S6 \u0085yes',
  };
  assert.equal(formatStep(step), '✗ S5   1.0 ms\n     550 ?[2Jno??✓ S6 ?yes');
});
