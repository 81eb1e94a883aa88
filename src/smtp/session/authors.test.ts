import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1ToBytes, utf8ToBytes } from '../../lib/bytes.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { scanHeader } from '../../message/header.ts';
import { authorsOf, countAuthors } from './authors.ts';

function read(octets: Uint8Array, utf8: boolean): string {
  const authors = authorsOf({ front: octets, header: scanHeader(octets) }, utf8);
  return authors.ok ? authors.value.map(formatMailAddress).join(' ') : authors.fault;
}

const many = (count: number): string => Array.from({ length: count }, (_, i) => `u${i}@a`).join(', ');

const cases: readonly (readonly [header: string, expected: string])[] = [
  ['Subject: x', ''],
  ['From: Alice <Alice@Example.COM>', 'Alice@example.com'],
  [
    'FROM: a@b.example,\r\n "x, y" <c@d.example>\r\nsender: e@f.example',
    'a@b.example c@d.example e@f.example',
  ],
  ['From: "a b"@c.example', '"a b"@c.example'],
  // RFC 6854: groups, too; the names in quotes and comments are no addresses.
  ['From: Us: a@b, c@d;', 'a@b c@d'],
  ['From: "x@y.example" <a@b> (c@d)', 'a@b'],
  ['From: nobody:;', 'The From field has no address.'],
  ['From:', 'The From field has no address.'],
  ['From: Alice', 'The From field has an address that is none.'],
  ['From: <@b.example>', 'The From field has an address that is none.'],
  ['From: a@b_c', 'The From field has an address that is none.'],
  ['From: a@b\r\nfrom: c@d', 'The header has more than one From field.'],
  ['From: a@b\r\nSender: a@b\r\nSender: a@b', 'The header has more than one Sender field.'],
  ['From: a@b\r\nSender: ', 'The Sender field has no address.'],
  [`From: ${many(50)}`, many(50).replaceAll(',', '')],
  [`From: ${many(51)}`, 'The From field names more than 50 people.'],
  [`X: ${'y'.repeat(2 ** 20)}\r\nFrom: a@b`, 'The header is too large.'],
];

for (const [header, expected] of cases) {
  test(header.length > 80 ? `${header.slice(0, 80)}…` : header.replaceAll('\r\n', '\\r\\n'), () =>
    assert.equal(read(utf8ToBytes(`${header}\r\n\r\ntext`), false), expected),
  );
}

test('letters outside ASCII are UTF-8, and declared; those of the body are its own matter', () => {
  const utf8 = utf8ToBytes('From: Jörg <jörg@bücher.example>\r\n\r\n');
  assert.match(read(utf8, false), /outside ASCII: declare SMTPUTF8/);
  assert.equal(read(utf8, true), 'jörg@xn--bcher-kva.example');
  assert.equal(
    read(latin1ToBytes('From: J\xf6rg <a@b>\r\n\r\n'), true),
    'The header is neither ASCII nor UTF-8.',
  );
  assert.equal(read(latin1ToBytes('From: <a@b>\r\n\r\n\xf6'), false), 'a@b');
});

test('authors are counted', () => {
  for (const [header, count] of [
    ['From: a@b', 1],
    ['From: a@b, c@d', 2],
    ['From: g: a@b, c@d;', 2],
    ['X: y', 0],
  ] as const) {
    const front = utf8ToBytes(`${header}\r\n\r\n`);
    assert.equal(countAuthors({ front, header: scanHeader(front) }), count, header);
  }
});
