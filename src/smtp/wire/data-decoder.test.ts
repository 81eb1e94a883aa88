import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToLatin1, concatBytes, latin1ToBytes } from '../../lib/bytes.ts';
import { seededRandom } from '../../lib/random.ts';
import { DataDecoder, longestTextLine } from './data-decoder.ts';

interface Seen {
  readonly content: string;
  readonly fault: string | undefined;
  readonly eightBit: boolean;
  /** What stands behind the end; `undefined` where no end was found. */
  readonly rest: string | undefined;
}

function decode(chunks: readonly Uint8Array[]): Seen {
  const written: Uint8Array[] = [];
  const decoder = new DataDecoder({ write: (bytes, from, to) => written.push(bytes.slice(from, to)) });
  let rest: string | undefined;
  for (const chunk of chunks) {
    const used: number | undefined = rest === undefined ? decoder.push(chunk) : 0;
    if (used !== undefined) rest = (rest ?? '') + bytesToLatin1(chunk.subarray(used));
  }
  const { fault, eightBit } = decoder;
  return { content: fault === undefined ? bytesToLatin1(concatBytes(written)) : '', fault, eightBit, rest };
}

function assertHoweverCut(text: string, expected: Seen): void {
  const bytes = latin1ToBytes(text);
  assert.deepEqual(decode([bytes]), expected, 'whole');
  for (let cut = 1; cut < bytes.length; cut++)
    assert.deepEqual(decode([bytes.subarray(0, cut), bytes.subarray(cut)]), expected, `cut at ${cut}`);
  assert.deepEqual(decode(Array.from(bytes, (octet) => Uint8Array.of(octet))), expected, 'octet by octet');
}

const taken: readonly (readonly [string, string, string, string | undefined])[] = [
  ['empty', '.\r\n', '', ''],
  ['one line', 'a\r\n.\r\n', 'a\r\n', ''],
  ['what follows is left', 'a\r\n.\r\nQUIT\r\n', 'a\r\n', 'QUIT\r\n'],
  ['stuffed dots', '..\r\n..a\r\n...\r\na.b\r\n.\r\n', '.\r\n.a\r\n..\r\na.b\r\n', ''],
  ['a dot that was not stuffed goes', '.a\r\n.\r\n', 'a\r\n', ''],
  ['empty lines', '\r\n\r\na\r\n\r\n.\r\n', '\r\n\r\na\r\n\r\n', ''],
  ['a stuffed dot at the very end', '..\r\n.\r\n', '.\r\n', ''],
  [
    'other controls',
    '\u0001\u0008\t\u000b\u000c\u001b\u007f\r\n.\r\n',
    '\u0001\u0008\t\u000b\u000c\u001b\u007f\r\n',
    '',
  ],
  ['a dot and a blank are content', 'a\r\n. \r\n.\r\n', 'a\r\n \r\n', ''],
  ['no end', 'a\r\nb', 'a\r\nb', undefined],
  ['no end behind a dot', 'a\r\n.', 'a\r\n', undefined],
  ['no end behind a dot and CR', 'a\r\n.\r', 'a\r\n', undefined],
];

for (const [name, text, content, rest] of taken) {
  test(`content: ${name}`, () =>
    assertHoweverCut(text, { content, fault: undefined, eightBit: false, rest }));
}

test('content: 8-bit octets are passed and told', () => {
  const text = 'gr\u00c3\u00bc\u00ff\u0080\r\n.\r\n';
  assertHoweverCut(text, { content: text.slice(0, -3), fault: undefined, eightBit: true, rest: '' });
});

/** Each of these has ended a message on some server. None may here, nor may it pass. */
const smuggling: readonly (readonly [string, string])[] = [
  ['\n.\n', 'bare-lf'],
  ['\n.\r\n', 'bare-lf'],
  ['\r\n.\n', 'bare-lf'],
  ['\r.\r', 'bare-cr'],
  ['\r\n.\r', 'bare-cr'],
  ['\n\n.\r\n', 'bare-lf'],
  ['\r\n\0.\r\n', 'nul'],
  ['\r.\r\n', 'bare-cr'],
  ['\r.\n', 'bare-cr'],
  ['\n.\r', 'bare-lf'],
  ['\r\r\n.\r\n', 'bare-cr'],
  ['\r\n.\r\r\n', 'bare-cr'],
  ['\r\n.\0\r\n', 'nul'],
  ['\n', 'bare-lf'],
  ['\r', 'bare-cr'],
  ['\0', 'nul'],
];

for (const [sequence, fault] of smuggling) {
  test(`smuggling: ${JSON.stringify(sequence)} neither ends the content nor passes`, () => {
    // `\r\r\n.\r\n` does hold the true end; all others must be read over up to the one that follows.
    const rest = sequence.includes('\r\n.\r\n')
      ? 'MAIL FROM:<smuggled@example.com>\r\n.\r\nQUIT\r\n'
      : 'QUIT\r\n';
    assertHoweverCut(`first${sequence}MAIL FROM:<smuggled@example.com>\r\n.\r\nQUIT\r\n`, {
      content: '',
      fault,
      eightBit: false,
      rest,
    });
  });
}

const counted: readonly (readonly [string, string | undefined])[] = [
  ['', undefined],
  ['a\r\n.\r\n..\r\n', undefined],
  ['.', undefined],
  ['gr\u00fc\u00dfe', undefined],
  ['a\r', 'bare-cr'],
  ['a\rb\r\n', 'bare-cr'],
  ['a\nb\r\n', 'bare-lf'],
  ['\n', 'bare-lf'],
  ['a\0\r\n', 'nul'],
];

for (const [text, fault] of counted) {
  test(`counted content: ${JSON.stringify(text)} is held to the same rules, and its dots stay`, () => {
    const bytes = latin1ToBytes(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const written: Uint8Array[] = [];
      const sink = { write: (b: Uint8Array, from: number, to: number) => written.push(b.slice(from, to)) };
      const decoder = new DataDecoder(sink, 'count');
      for (const chunk of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
        assert.equal(decoder.push(chunk), undefined);
      }
      decoder.finish();
      assert.equal(decoder.fault, fault);
      assert.equal(decoder.eightBit, text.includes('\u00fc'));
      if (fault === undefined) assert.equal(bytesToLatin1(concatBytes(written)), text);
    }
  });
}

test('after a fault nothing more reaches the sink', () => {
  let octets = 0;
  const decoder = new DataDecoder({ write: (_bytes, from, to) => (octets += to - from) });
  decoder.push(latin1ToBytes('ab\ncd\r\nef\r\n'));
  const before = octets;
  decoder.push(new Uint8Array(100_000).fill(97));
  assert.equal(octets, before);
});

test('lines are bounded, wherever they are cut', () => {
  const line = (length: number): Uint8Array => new Uint8Array(length).fill(97);
  const end = latin1ToBytes('\r\n.\r\n');
  assert.equal(decode([line(longestTextLine - 2), end]).fault, undefined);
  assert.equal(decode([line(longestTextLine - 1), end]).fault, 'long-line');
  assert.equal(decode([line(longestTextLine / 2), line(longestTextLine / 2), end]).fault, 'long-line');
  assert.equal(decode([line(2 * longestTextLine)]).fault, 'long-line');
  assert.equal(decode([line(1000), latin1ToBytes('\r\n'), line(longestTextLine - 2), end]).fault, undefined);
});

test('what is stuffed comes out as it was, in random chunks', () => {
  const random = seededRandom(1);
  const pieces = ['.', '..', 'a', '\r\n', '\r\n.', 'long text', '\u00ff'];
  for (let round = 0; round < 300; round++) {
    let content = '';
    for (let i = random.below(30); i >= 0; i--) content += pieces[random.below(pieces.length)] ?? '';
    content += '\r\n';
    const bytes = latin1ToBytes(`${content.replaceAll(/^\./gm, '..')}.\r\n`);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const next = at + 1 + random.below(6);
      chunks.push(bytes.subarray(at, next));
      at = next;
    }
    const seen = decode(chunks);
    assert.deepEqual([seen.content, seen.fault, seen.rest], [content, undefined, '']);
  }
});
