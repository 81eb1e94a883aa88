import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanLine } from './log.ts';
import { formatSize, formatTable, formatTime } from './print.ts';

const time = '2026-11-23T12:00:00.123Z';

test('a line of the log for people: time, level, event, fields; fields of several lines below', () => {
  const table: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ level: 'info', time, msg: 'ready' }, '12:00:00.123 info  ready\n'],
    [
      { level: 'warn', time, part: 'queue', tries: 2, held: false, msg: 'an attempt ended' },
      '12:00:00.123 warn  an attempt ended part=queue tries=2 held=false\n',
    ],
    [
      { level: 'info', time, to: ['a', 'b'], why: 'two words', msg: 'x' },
      '12:00:00.123 info  x to=["a","b"] why="two words"\n',
    ],
    [
      { level: 'error', time, fault: 'zone:1:2: wrong\n  line\n  ^', part: 'authority', msg: 'not reloaded' },
      '12:00:00.123 error not reloaded part=authority\n    zone:1:2: wrong\n      line\n      ^\n',
    ],
  ];
  for (const [fields, expected] of table) assert.equal(humanLine(JSON.stringify(fields), false), expected);
});

test('a terminal is never sent control characters that a peer chose', () => {
  const line = humanLine(
    JSON.stringify({ level: 'info', time, from: '\u001b[2Jx\u0007', many: 'a\u001b]0;b\nc\r', msg: 'x' }),
    false,
  );
  assert.doesNotMatch(line.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f]/);
});

test('tables, times and sizes', () => {
  assert.equal(
    formatTable(
      ['ID', 'NAME'],
      [
        ['1', 'a'],
        ['200', ''],
      ],
    ),
    'ID   NAME\n1    a\n200\n',
  );
  assert.equal(formatTime(time), '2026-11-23 12:00:00');
  assert.deepEqual([0, 1023, 1024, 1_572_864, 2 ** 41].map(formatSize), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 MiB',
    '2.0 TiB',
  ]);
});
