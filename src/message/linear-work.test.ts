import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countWork } from '../../test/support/count-work.ts';
import { latin1ToBytes } from '../lib/bytes.ts';
import { parseAddresses } from './addresses.ts';
import { baseSubject } from './base-subject.ts';
import { decodeWords } from './encoded-words.ts';
import { htmlText } from './html-text.ts';
import { parseMessage } from './message-parser.ts';
import { parseParameters } from './parameters.ts';
import { parseMessageIds } from './threading.ts';

const octets = 5_000;

function ofLength(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

function inPieces(text: string, size: number): Uint8Array[] {
  const whole = latin1ToBytes(text);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
  return chunks;
}

const boundaries = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n';
const messageUnits = [
  'A: 1\r\n',
  'A: 1\r\n ',
  '--',
  '\n',
  `${boundaries}--b\r\n`,
  'Content-Type: message/rfc822\r\n\r\n',
  'Content-Type: text/html\r\n\r\n<a ="',
  'To: a@b, \r\n',
  'Subject: [[[ =?=?=?\r\n',
];
const bodyUnits = ['--', '\r\n--', '\r\n--b', '\r\n--b\r\n', '--b--\r\n', '\r', '\r\n--b\r\nA: 1'];
const texts: readonly (readonly [name: string, read: (text: string) => unknown, units: readonly string[]])[] =
  [
    [
      'addresses',
      (text) => parseAddresses(text, 1e6),
      ['"', '"\\', '(', '((a)', '<', '[', 'a@', 'a ', ':', 'a.', 'a,', '<@a,'],
    ],
    ['encoded words', decodeWords, ['=?', '=?a?q?', '=?utf-8?q?a?=', '?=', '=?utf-8?b?*', '=?x?q?= ']],
    ['base subject', baseSubject, ['[a]', 're:', '[fwd:', '(fwd)', '[', ']', 're[a]', '[fwd:]']],
    ['identifiers', (text) => parseMessageIds(text, 1e6), ['<', '>', '<>', '<a', 'a>', '<a>']],
    [
      'parameters',
      (text) => parseParameters(text, 0, 1e6),
      [';a="', 'a=b ', ';a*0=', '(', '=', ';', 'a=(', '\\"', ';a=b c '],
    ],
    ['HTML', htmlText, ['<', '<a ="', "<a b='", '<!--', '<script>', '</', '&', '&#', '<a ']],
  ];

const cases: readonly (readonly [name: string, run: (length: number) => void])[] = [
  ...messageUnits.map(
    (unit) =>
      [
        `message of ${JSON.stringify(unit)}`,
        (length: number) => parseMessage([latin1ToBytes(ofLength(unit, length))]),
      ] as const,
  ),
  ...[...messageUnits, ...bodyUnits].map(
    (unit) =>
      [
        `message of ${JSON.stringify(unit)}, octet by octet`,
        (length: number) => parseMessage(inPieces(boundaries + ofLength(unit, length), 1)),
      ] as const,
  ),
  ...texts.flatMap(([name, read, units]) =>
    units.map(
      (unit) =>
        [
          `${name} of ${JSON.stringify(unit)}`,
          (length: number) => void read(ofLength(unit, length)),
        ] as const,
    ),
  ),
];

/** What is not linear must be told: each call reads its text from the start. */
function square(length: number): void {
  for (let i = 1; i <= length / 100; i++) parseMessageIds('<a>'.repeat(i), 1e6);
}

test('twice the octets are about twice the work', async () => {
  const all = [...cases, ['square', square] as const];
  const counts = await countWork(
    '/src/message/',
    all.flatMap(([, run]) => [() => run(octets), () => run(octets * 2)]),
  );
  const steep = all.filter((_, index) => {
    const [once = 0, twice = 0] = counts.slice(2 * index);
    return once === 0 || twice > 2.5 * once + 1000;
  });
  assert.deepEqual(
    steep.map(([name]) => name),
    ['square'],
  );
});
