import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1ToBytes, utf8ToBytes } from '../lib/bytes.ts';
import { fieldValue, headerOctets, isField, scanHeader } from './header.ts';

function seen(text: string): unknown {
  const bytes = utf8ToBytes(text);
  const scan = scanHeader(bytes);
  return {
    fields: scan.fields.map((field) => [field.name, fieldValue(bytes, field)]),
    body: text.slice(scan.bodyStart),
    complete: scan.complete,
  };
}

const table: readonly (readonly [string, string, readonly (readonly [string, string])[], string])[] = [
  ['nothing', '', [], ''],
  ['no header', '\r\nbody\r\n', [], 'body\r\n'],
  [
    'two fields',
    'From: a@example.com\r\nSubject: hello\r\n\r\nbody\r\n',
    [
      ['From', 'a@example.com'],
      ['Subject', 'hello'],
    ],
    'body\r\n',
  ],
  [
    'folded',
    'Subject: one\r\n two\r\n\tthree\r\nTo:b\r\n\r\n',
    [
      ['Subject', 'one two\tthree'],
      ['To', 'b'],
    ],
    '',
  ],
  ['blank before the colon', 'Subject \t: old style\r\n\r\n', [['Subject', 'old style']], ''],
  ['empty value', 'Subject:\r\n\r\n', [['Subject', '']], ''],
  ['no body', 'Subject: end\r\n', [['Subject', 'end']], ''],
  ['no last line end', 'Subject: end', [['Subject', 'end']], ''],
  [
    'a line that is no field ends the section',
    'A: 1\r\nFrom here on\r\nB: 2\r\n',
    [['A', '1']],
    'From here on\r\nB: 2\r\n',
  ],
  ['a continuation of nothing', ' A: 1\r\n\r\n', [], ' A: 1\r\n\r\n'],
  ['no name', ': 1\r\n\r\n', [], ': 1\r\n\r\n'],
];

for (const [name, text, fields, body] of table) {
  test(`header section: ${name}`, () => assert.deepEqual(seen(text), { fields, body, complete: true }));
}

test('names are compared without case', () => {
  const [field] = scanHeader(latin1ToBytes('received: x\r\n\r\n')).fields;
  assert.ok(field !== undefined && isField(field, 'Received') && !isField(field, 'Receive'));
});

test('positions cut the fields out', () => {
  const text = 'A: 1\r\nB: 2\r\n 3\r\nC: 4\r\n\r\n';
  const scan = scanHeader(latin1ToBytes(text));
  assert.deepEqual(
    scan.fields.map((field) => text.slice(field.start, field.end)),
    ['A: 1\r\n', 'B: 2\r\n 3\r\n', 'C: 4\r\n'],
  );
  assert.equal(text.slice(scan.end, scan.bodyStart), '\r\n');
});

test('limits hold', () => {
  const bytes = latin1ToBytes('A: 1\r\n'.repeat(100));
  assert.deepEqual(
    [scanHeader(bytes, { octets: 10_000, fields: 7 }), scanHeader(bytes, { octets: 45, fields: 1000 })].map(
      (scan) => [scan.fields.length, scan.complete],
    ),
    [
      [7, false],
      [7, false],
    ],
  );
  assert.equal(scanHeader(latin1ToBytes(`${'x'.repeat(2000)}: 1\r\n`)).fields.length, 0);
});

test('the front of a message in chunks is the same wherever it is cut', () => {
  const text = 'A: 1\r\nB: 2\r\n 3\r\n\r\nbody\r\nC: 4\r\n';
  const bytes = latin1ToBytes(text);
  const whole = scanHeader(bytes);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const octets = headerOctets([bytes.subarray(0, cut), bytes.subarray(cut)]);
    assert.deepEqual(scanHeader(octets), whole, `cut at ${cut}`);
  }
  assert.equal(headerOctets([bytes, bytes], { octets: 20, fields: 10 }).length, bytes.length);
  assert.equal(headerOctets([bytes.subarray(0, 3), bytes], { octets: 20, fields: 10 }).length, 20);
});

test('a hostile section costs no more than its octets', () => {
  // Folded for ever, bare LFs, no colon anywhere: each must end at once.
  for (const unit of ['A: 1\r\n ', '\n', 'x', '\r', ' ', 'A:\n', ':'])
    scanHeader(latin1ToBytes(unit.repeat(500_000 / unit.length)));
});
