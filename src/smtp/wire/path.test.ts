import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { parseAddressLiteral, parseMailAddress, parseMailDomain, parsePath } from './path.ts';

const addresses: readonly (readonly [string, string, string])[] = [
  ['user@example.com', 'user', 'example.com'],
  ['User@EXAMPLE.Com', 'User', 'example.com'],
  ["o'hara+tag=x/y@example.com", "o'hara+tag=x/y", 'example.com'],
  ['a.b.c@sub.example.com', 'a.b.c', 'sub.example.com'],
  ['user@localhost', 'user', 'localhost'],
  ['"odd user"@example.com', 'odd user', 'example.com'],
  ['"a@b"@example.com', 'a@b', 'example.com'],
  ['"quote\\"back\\\\slash"@example.com', 'quote"back\\slash', 'example.com'],
  ['"plain"@example.com', 'plain', 'example.com'],
  ['user@[192.0.2.1]', 'user', '[192.0.2.1]'],
  ['user@[IPv6:2001:DB8:0:0::1]', 'user', '[IPv6:2001:db8::1]'],
  ['user@[ipv6:::1]', 'user', '[IPv6:::1]'],
  ['jörg@bücher.example', 'jörg', 'xn--bcher-kva.example'],
  ['用户@例子.广告', '用户', 'xn--fsqu00a.xn--4rr70v'],
  ['user@xn--bcher-kva.example', 'user', 'xn--bcher-kva.example'],
  ['user@faß.de', 'user', 'xn--fa-hia.de'],
  [`${'l'.repeat(64)}@example.com`, 'l'.repeat(64), 'example.com'],
];

const notAddresses: readonly string[] = [
  '',
  '@',
  'user',
  '@example.com',
  'user@',
  'user@@example.com',
  'user@example.com ',
  ' user@example.com',
  'us er@example.com',
  '.user@example.com',
  'user.@example.com',
  'us..er@example.com',
  '"user@example.com',
  '"us"er@example.com',
  '""@example.com',
  '"a\\\u00e9"@example.com',
  'us\u0000er@example.com',
  'us\u0085er@example.com',
  '"us\r\ner"@example.com',
  'user@example..com',
  'user@.example.com',
  'user@example.com.',
  'user@-example.com',
  'user@example-.com',
  'user@ex_ample.com',
  'user@exa mple.com',
  'user@１２７.0.0.1',
  'user@a\u200db.example',
  'user@[192.0.2]',
  'user@[192.0.2.1',
  'user@[010.0.0.1]',
  'user@[2001:db8::1]',
  'user@[IPv6:192.0.2.1]',
  'user@[IPv6:fe80::1%eth0]',
  'user@[X400:foo]',
  'user@[192.0.2.1]x',
  '<user@example.com>',
  `${'l'.repeat(65)}@example.com`,
  `${'é'.repeat(33)}@example.com`,
  `user@${'d'.repeat(64)}.com`,
  `user@${'dddddddd.'.repeat(28)}com`,
];

for (const [text, localPart, domain] of addresses) {
  test(`${JSON.stringify(text)} is an address`, () => {
    assert.deepEqual(parseMailAddress(text), { ok: true, value: { localPart, domain } });
  });
}

for (const text of notAddresses) {
  test(`${JSON.stringify(text.slice(0, 40))} is not an address`, () => {
    const parsed = parseMailAddress(text);
    assert.equal(parsed.ok, false, JSON.stringify(parsed));
  });
}

test('an address that is read, written and read again stays the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (localPart) => {
      const parsed = parseMailAddress(formatMailAddress({ localPart, domain: 'example.com' }));
      // What can't be written in a quoted string (controls) is refused, never changed.
      if (parsed.ok) assert.deepEqual(parsed.value, { localPart, domain: 'example.com' });
      else assert.match(localPart, /^$|[\u0000-\u001f\u007f-\u009f]|[\ud800-\udfff]/);
    }),
  );
});

test('paths', () => {
  const table: readonly (readonly [string, unknown])[] = [
    ['<>', { path: undefined, end: 2 }],
    [
      '<a@example.com> SIZE=1',
      {
        path: { address: { localPart: 'a', domain: 'example.com' }, utf8: false, sourceRoute: [] },
        end: 15,
      },
    ],
    [
      '<@one.example,@Two.example:a@example.com>',
      {
        path: {
          address: { localPart: 'a', domain: 'example.com' },
          utf8: false,
          sourceRoute: ['one.example', 'two.example'],
        },
        end: 41,
      },
    ],
    [
      '<a@bücher.example>',
      {
        path: { address: { localPart: 'a', domain: 'xn--bcher-kva.example' }, utf8: true, sourceRoute: [] },
        end: 18,
      },
    ],
  ];
  for (const [text, value] of table) assert.deepEqual(parsePath(text, 0), { ok: true, value }, text);
});

test('broken paths say where', () => {
  const table: readonly (readonly [string, number])[] = [
    ['a@example.com', 0],
    ['<a@example.com', 14],
    ['<a@example.com SIZE=1>', 14],
    ['<@one.example a@example.com>', 13],
    ['<@one.example,two.example:a@example.com>', 14],
    ['<@[192.0.2.1]:a@example.com>', 2],
    [`<${'@h.example,'.repeat(30)}@h.example:a@example.com>`, 231],
    [`<${'l'.repeat(256)}@example.com>`, 1],
  ];
  for (const [text, at] of table) {
    const parsed = parsePath(text, 0);
    assert.ok(!parsed.ok, text);
    assert.equal(parsed.fault.at, at, `${text}: ${parsed.fault.reason}`);
  }
});

test('domains and literals alone', () => {
  assert.deepEqual(parseMailDomain('Bücher.Example'), { ok: true, value: 'xn--bcher-kva.example' });
  assert.equal(parseMailDomain('example.com/x').ok, false);
  assert.equal(parseMailDomain('').ok, false);
  assert.equal(parseAddressLiteral('[192.0.2.1]'), '[192.0.2.1]');
  assert.equal(parseAddressLiteral('[IPv6:2001:db8::0:1]'), '[IPv6:2001:db8::1]');
  assert.equal(parseAddressLiteral('192.0.2.1'), undefined);
});
