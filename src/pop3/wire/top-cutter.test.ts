import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../lib/bytes.ts';
import { TopCutter } from './top-cutter.ts';

function cut(lines: number, chunks: readonly Uint8Array[]): string {
  const cutter = new TopCutter(lines);
  return bytesToLatin1(concatBytes(chunks.map((chunk) => cutter.cut(chunk))));
}

const message = 'A: 1\r\nB: 2\r\n\r\none\r\n\r\nthree\r\nfour';
const table: readonly (readonly [string, number, string])[] = [
  [message, 0, 'A: 1\r\nB: 2\r\n\r\n'],
  [message, 1, 'A: 1\r\nB: 2\r\n\r\none\r\n'],
  [message, 2, 'A: 1\r\nB: 2\r\n\r\none\r\n\r\n'],
  [message, 3, 'A: 1\r\nB: 2\r\n\r\none\r\n\r\nthree\r\n'],
  [message, 4, message],
  [message, 9_999_999_999, message],
  ['\r\nbody\r\nmore\r\n', 1, '\r\nbody\r\n'],
  ['A: 1\r\n', 5, 'A: 1\r\n'],
  ['A: 1', 0, 'A: 1'],
  ['', 3, ''],
  ['A: \r\r\n\r\nbody\r\n', 0, 'A: \r\r\n\r\n'],
];

describe('TopCutter', () => {
  for (const [content, lines, expected] of table) {
    const bytes = latin1ToBytes(content);
    test(`${lines} lines of ${JSON.stringify(content)}, split anywhere`, () => {
      for (let at = 0; at <= bytes.length; at++)
        assert.equal(cut(lines, [bytes.subarray(0, at), bytes.subarray(at)]), expected, `at ${at}`);
      assert.equal(
        cut(
          lines,
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
        ),
        expected,
      );
    });
  }

  test('is done as soon as nothing more is wanted, so that no more is read', () => {
    const cutter = new TopCutter(1);
    cutter.cut(latin1ToBytes('A: 1\r\n\r\none\r'));
    assert.equal(cutter.done, false);
    cutter.cut(latin1ToBytes('\n'));
    assert.equal(cutter.done, true);
  });
});
