import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationInWords } from './duration-words.ts';

test('a duration is told in the unit that people would use, rounded up', () => {
  const told: readonly (readonly [number, string])[] = [
    [0, 'a second'],
    [1000, 'a second'],
    [1001, '2 seconds'],
    [90_500, '91 seconds'],
    [119_000, '119 seconds'],
    [120_000, '2 minutes'],
    [120_001, '3 minutes'],
    [7_140_000, '119 minutes'],
    [7_200_000, '2 hours'],
    [90_000_000, '25 hours'],
  ];
  for (const [ms, words] of told) assert.equal(durationInWords(ms), words);
});
