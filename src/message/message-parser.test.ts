import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { latin1ToBytes } from '../lib/bytes.ts';
import { unreachable } from '../lib/result.ts';
import { parseMessage } from './message-parser.ts';
import { usualMimeLimits } from './mime-limits.ts';
import type { MimeLimits } from './mime-limits.ts';
import type { MimePart } from './mime-part.ts';

/** The tree in one line: `mixed[plain "text" 1, …]` with each leaf's body and line ends. */
function tree(text: string, part: MimePart): string {
  const body = JSON.stringify(text.slice(part.bodyStart, part.end));
  switch (part.kind) {
    case 'leaf':
      return `${part.content.subtype} ${body} ${part.lines}`;
    case 'message':
      return `${part.content.subtype}<${tree(text, part.message)}>`;
    case 'multipart':
      return `${part.content.subtype}[${part.parts.map((each) => tree(text, each)).join(', ')}]`;
    default:
      return unreachable(part);
  }
}

function parsed(text: string, limits: MimeLimits = usualMimeLimits): string {
  const octets = latin1ToBytes(text);
  const whole = parseMessage([octets], limits);
  for (let cut = 0; cut <= octets.length; cut++) {
    const chunks = [octets.subarray(0, cut), octets.subarray(cut)];
    assert.deepEqual(parseMessage(chunks, limits), whole, `cut at ${cut}`);
  }
  assert.deepEqual(
    parseMessage(
      [...octets].map((octet) => Uint8Array.of(octet)),
      limits,
    ),
    whole,
    'octet by octet',
  );
  const seen = tree(text, whole.root);
  return whole.limits.length === 0 ? seen : `${seen} (${whole.limits.join(' ')})`;
}

const mixed = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n';

const trees: readonly (readonly [name: string, message: string, expected: string])[] = [
  ['nothing', '', 'plain "" 0'],
  ['no header', '\r\nbody\r\n', 'plain "body\\r\\n" 1'],
  ['no body', 'Subject: x\r\n', 'plain "" 0'],
  ['text', 'Subject: x\r\n\r\na\r\nb', 'plain "a\\r\\nb" 1'],
  ['no empty line', 'Subject: x\r\nthis is text\r\n', 'plain "this is text\\r\\n" 1'],
  [
    'two parts',
    `${mixed}--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n`,
    'mixed[plain "one" 0, plain "two" 0]',
  ],
  [
    'preamble and epilogue',
    `${mixed}pre\r\n--b\r\n\r\none\r\n\r\n--b--\r\nepi\r\n--b\r\n\r\nnot a part\r\n`,
    'mixed[plain "one\\r\\n" 1]',
  ],
  [
    'bare LF',
    `${mixed.replaceAll('\r', '')}--b\n\none\n--b\n\ntwo\n--b--\n`,
    'mixed[plain "one" 0, plain "two" 0]',
  ],
  ['white space behind a boundary', `${mixed}--b \t\r\n\r\none\r\n--b-- \r\n`, 'mixed[plain "one" 0]'],
  [
    'text behind a boundary',
    `${mixed}--b\r\n\r\none\r\n--bc\r\n--b--x\r\n`,
    'mixed[plain "one\\r\\n--bc\\r\\n--b--x\\r\\n" 3]',
  ],
  ['no closing boundary', `${mixed}--b\r\n\r\none\r\n`, 'mixed[plain "one\\r\\n" 1]'],
  ['an empty part', `${mixed}--b\r\n--b\r\n\r\n--b--`, 'mixed[plain "" 0, plain "" 0]'],
  [
    'a boundary after a header',
    `${mixed}--b\r\nX: y\r\n--b\r\n\r\none\r\n--b--`,
    'mixed[plain "" 0, plain "one" 0]',
  ],
  [
    'a boundary that looks like a field',
    `${mixed.replace('=b', '=":b"')}--:b\r\nX: y\r\n--:b\r\n\r\none\r\n--:b--`,
    'mixed[plain "" 0, plain "one" 0]',
  ],
  ['a boundary never seen', `${mixed}text\r\n--c\r\n`, 'plain "text\\r\\n--c\\r\\n" 2'],
  ['a multipart without boundary', 'Content-Type: multipart/mixed\r\n\r\ntext\r\n', 'plain "text\\r\\n" 1'],
  ['bare CR', `${mixed}--b\r\n\r\none\r--b\r\r\n--b--\r\n`, 'mixed[plain "one\\r--b\\r" 0]'],
  [
    'nested',
    `${mixed}--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\none\r\n--bb\r\n\r\ntwo\r\n--b\r\n\r\nthree\r\n--b--\r\n`,
    'mixed[alternative[plain "one" 0, plain "two" 0], plain "three" 0]',
  ],
  [
    'a message inside',
    `${mixed}--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\none\r\n\r\n--b--\r\n`,
    'mixed[rfc822<plain "one\\r\\n" 1>]',
  ],
  [
    'a digest',
    `${mixed.replace('mixed', 'digest')}--b\r\n\r\nSubject: y\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n`,
    'digest[rfc822<plain "one" 0>, html "two" 0]',
  ],
  [
    'a message inside, encoded',
    'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==\r\n',
    'octet-stream "QQ==\\r\\n" 1',
  ],
  [
    'an unknown encoding',
    'Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uue\r\n\r\nQQ\r\n',
    'octet-stream "QQ\\r\\n" 1',
  ],
];

describe('tree of parts (RFC 2046)', () => {
  for (const [name, message, expected] of trees) test(name, () => assert.equal(parsed(message), expected));
});

const bounded: readonly (readonly [
  name: string,
  limits: Partial<MimeLimits>,
  message: string,
  expected: string,
])[] = [
  [
    'parts',
    { parts: 2 },
    `${mixed}--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n`,
    'mixed[plain "one" 0, octet-stream "\\r\\ntwo\\r\\n--b--\\r\\n" 3] (parts)',
  ],
  [
    'depth',
    { depth: 1 },
    `${mixed}--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n--b--\r\n`,
    'mixed[octet-stream "Content-Type: multipart/mixed; boundary=c\\r\\n\\r\\n--c" 2] (depth)',
  ],
  [
    'header octets',
    { headerOctets: 50 },
    `${mixed}--b\r\nX: y\r\n\r\n--b--\r\n`,
    'mixed[octet-stream "X: y\\r\\n" 1] (header)',
  ],
  [
    'header fields',
    { headerFields: 1 },
    'A: 1\r\nContent-Type: text/html\r\n\r\nx',
    'octet-stream "Content-Type: text/html\\r\\n\\r\\nx" 2 (header)',
  ],
  [
    'boundary',
    { boundaryOctets: 2 },
    `${mixed.replace('=b', '=bbb')}--bbb\r\n\r\n--bbb--\r\n`,
    'plain "--bbb\\r\\n\\r\\n--bbb--\\r\\n" 3',
  ],
];

describe('past a bound the rest is one opaque part', () => {
  for (const [name, limits, message, expected] of bounded)
    test(name, () => assert.equal(parsed(message, { ...usualMimeLimits, ...limits }), expected));
});
