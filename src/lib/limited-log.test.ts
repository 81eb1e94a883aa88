import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.ts';
import { limitLog } from './limited-log.ts';
import { silentLog } from './log.ts';
import type { Log } from './log.ts';

test('so many lines of a kind pass in a minute, and the next tells how many did not', () => {
  const lines: string[] = [];
  const write =
    (level: string): Log['info'] =>
    (event, fields) =>
      void lines.push(`${level} ${event} ${JSON.stringify(fields ?? {})}`);
  const inner: Log = { ...silentLog, info: write('info'), warn: write('warn'), error: write('error') };
  const clock = new VirtualClock();
  const log = limitLog({ ...inner, child: () => inner }, clock, 2);
  for (let i = 0; i < 5; i++) log.info('a');
  log.warn('b', { x: 1 });
  log.child({}).info('a');
  for (let i = 0; i < 3; i++) log.error('c');
  clock.advance(60_000);
  log.info('a', { y: 2 });
  log.info('a');
  assert.deepEqual(lines, [
    'info a {}',
    'info a {}',
    'warn b {"x":1}',
    'error c {}',
    'error c {}',
    'error c {}',
    'info a {"y":2,"leftOut":4}',
    'info a {}',
  ]);
});
