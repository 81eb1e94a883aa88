import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../lib/bytes.ts';
import { ContentEncoder } from './content-encoder.ts';

function encode(chunks: readonly Uint8Array[]): string {
  const encoder = new ContentEncoder();
  const encoded = chunks.map((chunk) => encoder.encode(chunk));
  return bytesToLatin1(concatBytes([...encoded, encoder.finish()]));
}

/** What a client does with the answer (RFC 1939 §3). */
function undo(answer: string): string {
  assert.ok(answer.endsWith('\r\n.\r\n') || answer === '.\r\n');
  return answer.slice(0, -3).replaceAll(/(^|\n)\.\./g, '$1.');
}

const table: readonly (readonly [string, string])[] = [
  ['', '.\r\n'],
  ['a\r\n', 'a\r\n.\r\n'],
  ['a', 'a\r\n.\r\n'],
  ['a\r', 'a\r\r\n.\r\n'],
  ['a\n', 'a\n\r\n.\r\n'],
  ['.\r\n', '..\r\n.\r\n'],
  ['..\r\n', '...\r\n.\r\n'],
  ['.a\r\n.b\r\n', '..a\r\n..b\r\n.\r\n'],
  ['a.b\r\n', 'a.b\r\n.\r\n'],
  ['a\r\n.\r\nb\r\n', 'a\r\n..\r\nb\r\n.\r\n'],
  ['a\r\n\r\n.', 'a\r\n\r\n..\r\n.\r\n'],
  // Lone line ends aren't stored; should one have got in, a client that takes it for a line end must not see the end.
  ['a\n.\r\n', 'a\n..\r\n.\r\n'],
  ['a\r.\r\n', 'a\r.\r\n.\r\n'],
  ['\r\n', '\r\n.\r\n'],
];

describe('ContentEncoder', () => {
  for (const [content, expected] of table) {
    const bytes = latin1ToBytes(content);
    test(`${JSON.stringify(content)}, split anywhere`, () => {
      for (let at = 0; at <= bytes.length; at++)
        assert.equal(encode([bytes.subarray(0, at), bytes.subarray(at)]), expected, `at ${at}`);
      assert.equal(encode(Array.from(bytes, (byte) => Uint8Array.of(byte))), expected);
    });
  }

  test('what a client undoes is the content, whatever it is and however it comes', () => {
    const chunk = fc.array(fc.constantFrom('\r\n', '.', 'a', '..', '\r\n.\r\n'), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 6 }), (chunks) => {
        const pieces = chunks.map((parts) => parts.join(''));
        const content = pieces.join('');
        const ended = content === '' || content.endsWith('\r\n') ? content : `${content}\r\n`;
        assert.equal(undo(encode(pieces.map(latin1ToBytes))), ended);
      }),
    );
  });

  test('a chunk without a dot to double is not copied', () => {
    const chunk = latin1ToBytes('a.b\r\nc\r\n');
    assert.equal(new ContentEncoder().encode(chunk), chunk);
  });
});
