import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, latin1ToBytes } from '../../lib/bytes.ts';
import { endlessLine, LineDecoder, longestLine } from './line-decoder.ts';
import type { ClientLine } from './line-decoder.ts';

function show(line: ClientLine): string {
  return line.kind === 'line' ? `line ${bytesToLatin1(line.bytes)}` : line.kind;
}

function decode(chunks: readonly Uint8Array[]): string[] {
  const decoder = new LineDecoder();
  const shown: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let line = decoder.next(); line !== undefined; line = decoder.next()) shown.push(show(line));
  }
  return shown;
}

const longest = 'x'.repeat(longestLine);
const table: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['NOOP', []],
  ['NOOP\r\n', ['line NOOP']],
  ['\r\n', ['line ']],
  ['USER a\r\nPASS b\r\nQUIT', ['line USER a', 'line PASS b']],
  ['NOOP\n', ['bare-line-end']],
  ['\n', ['bare-line-end']],
  ['\n\n\r\n', ['bare-line-end', 'bare-line-end', 'line ']],
  ['NO\rOP\r\nQUIT\r\n', ['bare-line-end', 'line QUIT']],
  ['NOOP\r\r\n', ['bare-line-end']],
  ['\r\rx\n', ['bare-line-end']],
  ['a\0b\xff\r\n', ['line a\0b\xff']],
  [`${longest}\r\nNOOP\r\n`, [`line ${longest}`, 'line NOOP']],
  [`${longest}\n`, ['bare-line-end']],
  [`${longest}y\r\nNOOP\r\n`, ['too-long', 'line NOOP']],
  [`${longest}yy\r\n`, ['too-long']],
  [`${longest}y\n`, ['bare-line-end']],
  [`${longest}\r\r\nNOOP\r\n`, ['too-long', 'line NOOP']],
];

describe('LineDecoder', () => {
  for (const [text, expected] of table) {
    const bytes = latin1ToBytes(text);
    const name = JSON.stringify(text.length > 60 ? `${text.slice(0, 20)}… (${text.length})` : text);
    test(`${name} in one piece and octet by octet`, () => {
      assert.deepEqual(decode([bytes]), expected);
      assert.deepEqual(decode(Array.from(bytes, (byte) => Uint8Array.of(byte))), expected);
    });
    test(`${name} in two pieces, split anywhere`, () => {
      for (let at = 0; at <= bytes.length; at++)
        assert.deepEqual(decode([bytes.subarray(0, at), bytes.subarray(at)]), expected, `at ${at}`);
    });
  }

  test('a push before all is pulled loses nothing', () => {
    const decoder = new LineDecoder();
    decoder.push(latin1ToBytes('A\r\nB'));
    decoder.push(latin1ToBytes('C\r\nD\r\n'));
    const lines = [decoder.next(), decoder.next(), decoder.next(), decoder.next()];
    assert.deepEqual(
      lines.map((line) => line && show(line)),
      ['line A', 'line BC', 'line D', undefined],
    );
  });

  test('discard forgets whole lines and the begin of one', () => {
    const decoder = new LineDecoder();
    decoder.push(latin1ToBytes('A\r\nB\r\nPA'));
    assert.equal(decoder.next()?.kind, 'line');
    decoder.discard();
    decoder.push(latin1ToBytes('NOOP\r\n'));
    const line = decoder.next();
    assert.ok(line);
    assert.equal(show(line), 'line NOOP');

    decoder.push(latin1ToBytes('PA'));
    assert.equal(decoder.next(), undefined);
    decoder.discard();
    decoder.push(latin1ToBytes('SS\r\n'));
    const rest = decoder.next();
    assert.ok(rest);
    assert.equal(show(rest), 'line SS');
  });

  test('a line without an end is given up, once', () => {
    const chunk = new Uint8Array(4096).fill(0x61);
    const chunks = Array.from({ length: endlessLine / chunk.length + 3 }, () => chunk);
    assert.deepEqual(decode([...chunks, latin1ToBytes('\r\nNOOP\r\n')]), ['endless']);
  });
});
