import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, safeJson } from './one-line.ts';

const cases: readonly (readonly [string, string])[] = [
  ['550 no such user', '550 no such user'],
  ['zoë@bücher.example 𝒳', 'zoë@bücher.example 𝒳'],
  ['a\u001b[2Jb\u0007\r\n', 'a?[2Jb???'],
  ['\u009b31m\u0085', '?31m?'],
  ['a\u2028b\u2029c', 'a?b?c'],
  ['"bob\u202emoc.live"@ours', '"bob?moc.live"@ours'],
  ['\u2066\u2069\u200f\u061c', '????'],
];

test('nothing in a line for people steers the terminal, ends the line or turns it round', () => {
  for (const [said, shown] of cases) assert.equal(oneLine(said), shown);
});

test('JSON holds the same data, and shows the same characters as escapes', () => {
  for (const [said] of cases) {
    const json = safeJson({ said });
    assert.deepEqual(JSON.parse(json), { said });
    assert.equal(oneLine(json), json);
  }
});
