import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTtl } from './ttl.ts';

test('TTLs are read', () => {
  const cases: readonly (readonly [text: string, seconds: number | undefined])[] = [
    ['0', 0],
    ['3600', 3600],
    ['2147483647', 2147483647],
    ['2147483648', undefined],
    ['99999999999', undefined],
    ['1w2d3h', 604800 + 2 * 86400 + 3 * 3600],
    ['1W2D3H4M5S', 604800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 5],
    ['90m', 5400],
    ['1h30', undefined],
    ['', undefined],
    ['h', undefined],
    ['-1', undefined],
    ['1y', undefined],
    ['4000w', undefined],
  ];
  for (const [text, seconds] of cases) assert.equal(parseTtl(text), seconds, text);
});
