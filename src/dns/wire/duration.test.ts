import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';

test('seconds, and units in any order and case', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['0', 0],
    ['3600', 3600],
    ['1h', 3600],
    ['1w2d3h4m5s', 788_645],
    ['1S1M', 61],
    ['4294967295', 4_294_967_295],
    ['4294967296', undefined],
    ['7102w', undefined],
    ['9999999999w', undefined],
    ['00000000001', undefined],
    ['1h30', undefined],
    ['1y', undefined],
    ['h', undefined],
    ['-1', undefined],
    ['1.5h', undefined],
    ['', undefined],
    ['1 h', undefined],
  ];
  for (const [text, seconds] of cases) assert.equal(parseDuration(text), seconds, text);
});
