import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1ToBytes } from '../../lib/bytes.ts';
import { LineDecoder, longestLine } from './line-decoder.ts';

/** Lines as `text` or `!fault`, and what is left behind them. */
function decode(chunks: readonly Uint8Array[]): readonly string[] {
  const decoder = new LineDecoder();
  const seen: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let line = decoder.next(); line !== undefined; line = decoder.next())
      seen.push(line.kind === 'line' ? line.text : `!${line.fault}`);
  }
  return seen;
}

const long = 'x'.repeat(longestLine);

const table: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing', '', []],
  ['no end yet', 'NOOP', []],
  ['half an end', 'NOOP\r', []],
  ['one line', 'NOOP\r\n', ['NOOP']],
  ['an empty line', '\r\n', ['']],
  ['three lines', 'EHLO x\r\nNOOP\r\nQUIT\r\n', ['EHLO x', 'NOOP', 'QUIT']],
  ['UTF-8', 'NOOP \u00c3\u00a9\r\n', ['NOOP é']],
  ['not UTF-8, and on', 'NOOP \u00e9\r\nQUIT\r\n', ['!not-utf8', 'QUIT']],
  ['a bare LF ends everything', 'NOOP\nQUIT\r\nQUIT\r\n', ['!bare-lf']],
  ['a bare LF after a line', 'NOOP\r\nNOOP\nQUIT\r\n', ['NOOP', '!bare-lf']],
  ['LF first', '\nQUIT\r\n', ['!bare-lf']],
  ['a bare CR ends everything', 'NOOP\rQUIT\r\nQUIT\r\n', ['!bare-cr']],
  ['CR CR LF', 'NOOP\r\r\nQUIT\r\n', ['!bare-cr']],
  ['NUL ends everything', 'NO\0OP\r\nQUIT\r\n', ['!nul']],
  ['other controls pass', 'NO\u0007OP\t\r\n', ['NO\u0007OP\t']],
  ['the longest line', `${long}\r\nQUIT\r\n`, [long, 'QUIT']],
  ['one octet more', `${long}x\r\nQUIT\r\n`, ['!too-long', 'QUIT']],
  ['far too long', `${long.repeat(3)}\r\nQUIT\r\n`, ['!too-long', 'QUIT']],
  ['far too long with a CR in it', `${long.repeat(2)}\rxx\r\nQUIT\r\n`, ['!too-long', 'QUIT']],
];

for (const [name, text, expected] of table) {
  const bytes = latin1ToBytes(text);
  test(`lines: ${name}`, () => {
    assert.deepEqual(decode([bytes]), expected, 'whole');
    const cuts =
      bytes.length < 200
        ? [...bytes.keys()]
        : [1, 511, 512, 513, longestLine - 1, longestLine, longestLine + 1, bytes.length - 8];
    for (const cut of cuts)
      assert.deepEqual(decode([bytes.subarray(0, cut), bytes.subarray(cut)]), expected, `cut at ${cut}`);
    assert.deepEqual(decode(Array.from(bytes, (octet) => Uint8Array.of(octet))), expected, 'octet by octet');
  });
}

test('a bare LF ends everything behind a line that is far too long, too', () => {
  const bytes = latin1ToBytes(`${long.repeat(2)}\nQUIT\r\n`);
  for (const cut of [1, longestLine, 2 * longestLine, bytes.length])
    assert.equal(decode([bytes.subarray(0, cut), bytes.subarray(cut)]).at(-1), '!bare-lf');
});

test('what stands behind a line is given back', () => {
  for (const cut of [0, 3, 6, 9]) {
    const bytes = latin1ToBytes('DATA\r\ncontent\r\n');
    const decoder = new LineDecoder();
    decoder.push(bytes.subarray(0, cut));
    let line = decoder.next();
    decoder.push(bytes.subarray(cut));
    line ??= decoder.next();
    assert.deepEqual(line, { kind: 'line', text: 'DATA' });
    assert.deepEqual(decoder.takeRest(), latin1ToBytes('content\r\n'));
    assert.equal(decoder.next(), undefined);
  }
});

test('a line without end costs no more than its octets', () => {
  const decoder = new LineDecoder();
  let faults = 0;
  const chunk = new Uint8Array(1000).fill(120);
  for (let i = 0; i < 20_000; i++) {
    decoder.push(chunk);
    if (decoder.next() !== undefined) faults++;
  }
  assert.equal(faults, 1);
  assert.ok(decoder.takeRest().length <= 1);
});
