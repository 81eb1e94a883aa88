import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseSubject } from './base-subject.ts';
import { parseMessageIds, threadKey } from './threading.ts';

const subjects: readonly (readonly [subject: string, base: string, isReply: boolean])[] = [
  ['', '', false],
  ['Lunch', 'Lunch', false],
  ['Re: Lunch', 'Lunch', true],
  ['RE :  Re: fw: Fwd: Lunch', 'Lunch', true],
  ['Re[2]: Lunch', 'Lunch', true],
  ['[list] Re: [list] Lunch', 'Lunch', true],
  ['[list] Lunch (fwd) (FWD) ', 'Lunch', true],
  ['[fwd: [list] Re: Lunch]', 'Lunch', true],
  ['[Fwd: [Fwd: Lunch]]', 'Lunch', true],
  ['[a] [b]', '[b]', false],
  ['Reply', 'Reply', false],
  ['re', 're', false],
  ['a\t  b', 'a b', false],
  ['=?utf-8?q?Re=3A_n=C3=A4chste?=', 'nächste', true],
  ['[unclosed Lunch', '[unclosed Lunch', false],
];

for (const [subject, text, isReply] of subjects)
  test(`base subject (RFC 5256 §2.1): ${subject}`, () =>
    assert.deepEqual(baseSubject(subject), { text, isReply }));

const ids: readonly (readonly [text: string, most: number, ids: readonly string[]])[] = [
  ['', 9, []],
  ['<a@b>', 9, ['a@b']],
  ['<a@b> Your mail of <c @\td> today', 9, ['a@b', 'c@d']],
  ['<a@b><c@d><e@f>', 2, ['c@d', 'e@f']],
  ['a@b', 9, []],
  ['<<a@b>>', 9, ['a@b']],
  ['<>', 9, []],
];

for (const [text, most, expected] of ids)
  test(`identifiers: ${text}`, () => assert.deepEqual(parseMessageIds(text, most), expected));

test('thread keys are safe integers, and differ', () => {
  const keys = new Set(Array.from({ length: 20_000 }, (_, i) => threadKey(`${i}@example.com`)));
  assert.equal(keys.size, 20_000);
  for (const key of keys) assert.ok(Number.isSafeInteger(key) && key >= 0);
  // In every bit: each is set in about half of them.
  for (let bit = 0; bit < 53; bit++) {
    const set = [...keys].filter((key) => Math.floor(key / 2 ** bit) % 2 === 1).length;
    assert.ok(set > 9_500 && set < 10_500, `bit ${bit}: ${set}`);
  }
});
