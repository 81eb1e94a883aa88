import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../lib/bytes.ts';
import { DataEncoder } from './data-encoder.ts';

function encode(pieces: readonly Uint8Array[]): string {
  const encoder = new DataEncoder();
  const sent: Uint8Array[] = [];
  for (const piece of pieces) {
    const encoded = encoder.push(piece);
    if (!encoded.ok) return `fault: ${encoded.fault}`;
    sent.push(encoded.value);
  }
  const end = encoder.finish();
  return end.ok ? bytesToLatin1(concatBytes([...sent, end.value])) : `fault: ${end.fault}`;
}

const [bareCr, bareLf, nul] = [
  'fault: the content holds a bare CR',
  'fault: the content holds a bare LF',
  'fault: the content holds a NUL',
];

const cases: readonly (readonly [input: string, expected: string])[] = [
  ['', '.\r\n'],
  ['a\r\n', 'a\r\n.\r\n'],
  ['a', 'a\r\n.\r\n'],
  ['\r\n', '\r\n.\r\n'],
  ['.\r\n', '..\r\n.\r\n'],
  ['.', '..\r\n.\r\n'],
  ['..\r\n', '...\r\n.\r\n'],
  ['a.\r\n', 'a.\r\n.\r\n'],
  ['a\r\n.b\r\n.\r\n', 'a\r\n..b\r\n..\r\n.\r\n'],
  ['.\r\n.\r\n.\r\n', '..\r\n..\r\n..\r\n.\r\n'],
  ['a\rb\r\n', bareCr],
  ['a\r', bareCr],
  ['a\r\r\n', bareCr],
  ['a\nb\r\n', bareLf],
  ['\na\r\n', bareLf],
  ['a\r\n\n', bareLf],
  ['a\0b\r\n', nul],
  ['\u00e4\u00ff\r\n.\u00e4\r\n', '\u00e4\u00ff\r\n..\u00e4\r\n.\r\n'],
];

/** What some server, somewhere, has taken for an end of data. */
const smuggled = ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\n\n.\r\n', '\r\n\0.\r\n'];

describe('data encoder (RFC 5321 §4.5.2)', () => {
  for (const [input, expected] of cases) {
    test(`${JSON.stringify(input)} gives ${JSON.stringify(expected)}, however it is split`, () => {
      const bytes = latin1ToBytes(input);
      assert.equal(encode([bytes]), expected);
      for (let at = 0; at <= bytes.length; at++) {
        assert.equal(encode([bytes.subarray(0, at), bytes.subarray(at)]), expected, `split at ${at}`);
      }
      assert.equal(encode(Array.from(bytes, (octet) => Uint8Array.of(octet))), expected);
    });
  }

  for (const sequence of smuggled) {
    test(`${JSON.stringify(sequence)} in the content is refused, however it is split`, () => {
      const bytes = latin1ToBytes(`Subject: a\r\n\r\nbody${sequence}MAIL FROM:<evil@example.net>\r\n`);
      for (let at = 0; at <= bytes.length; at++) {
        assert.match(encode([bytes.subarray(0, at), bytes.subarray(at)]), /^fault/, `split at ${at}`);
      }
    });
  }

  test('after a fault nothing more comes out', () => {
    const encoder = new DataEncoder();
    assert.equal(encoder.push(latin1ToBytes('a\nb')).ok, false);
    assert.equal(encoder.push(latin1ToBytes('c\r\n')).ok, false);
    assert.equal(encoder.finish().ok, false);
  });

  test('whatever the content: refused, or one end of data by every reading, and the content again when unstuffed', () => {
    const octets = fc.array(fc.constantFrom('\r\n', '\r', '\n', '.', 'a', '\0', '..'), { maxLength: 30 });
    fc.assert(
      fc.property(octets, fc.nat(60), (parts, at) => {
        const content = parts.join('');
        const bytes = latin1ToBytes(content);
        const sent = encode([bytes.subarray(0, at), bytes.subarray(at)]);
        if (/\r(?!\n)|(?<!\r)\n|\0/.test(content)) {
          assert.match(sent, /^fault/);
          return;
        }
        // A server may take CR, LF or CRLF for a line end, and drop NULs: for each, only the last line is a lone dot.
        const lines = `\n${sent}`.replaceAll('\0', '').split(/\r\n|\r|\n/);
        assert.equal(lines.indexOf('.'), lines.length - 2, JSON.stringify(sent));
        const body = sent.slice(0, -'.\r\n'.length).replaceAll(/(^|\n)\.(?!$)/g, '$1');
        assert.equal(body, content === '' || content.endsWith('\r\n') ? content : `${content}\r\n`);
      }),
      { numRuns: 500 },
    );
  });
});
