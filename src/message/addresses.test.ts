import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddresses } from './addresses.ts';
import type { Address } from './addresses.ts';

/** `name|local|domain`, and `group{…}`. */
function shown(address: Address): string {
  if (address.kind === 'group') return `${address.name}{${address.members.map(shown).join(' ')}}`;
  return `${address.name ?? ''}|${address.localPart}|${address.domain}`;
}

const table: readonly (readonly [text: string, expected: readonly string[]])[] = [
  ['', []],
  [',, ,', []],
  ['ann@example.com', ['|ann|example.com']],
  ['<ann@example.com>', ['|ann|example.com']],
  ['Ann Miller <ann@example.com>', ['Ann Miller|ann|example.com']],
  ['"Miller, Ann" <ann@example.com>, bob@example.org', ['Miller, Ann|ann|example.com', '|bob|example.org']],
  ['"a \\"b\\" \\\\ c" <ann@example.com>', ['a "b" \\ c|ann|example.com']],
  ['ann@example.com (Ann (the one))', ['Ann (the one)|ann|example.com']],
  ['"two words"@example.com', ['|two words|example.com']],
  ['ann@[IPv6:2001:db8::1]', ['|ann|[IPv6:2001:db8::1]']],
  ['jürgen@müller.example', ['|jürgen|müller.example']],
  // Groups (RFC 5322 §3.4, RFC 6854).
  ['undisclosed-recipients:;', ['undisclosed-recipients{}']],
  ['A Group:Ed <ed@a>,joe@b;, ann@c', ['A Group{Ed|ed|a |joe|b}', '|ann|c']],
  ['A: b@c', ['A{|b|c}']],
  // Obsolete forms (RFC 5322 §4.4).
  ['ann . b @ example . com', ['|ann.b|example.com']],
  ['Ann. B. <@a.example,@b.example:ann@example.com>', ['Ann. B.|ann|example.com']],
  ['<ann (x) @ (y) example.com>', ['x|ann|example.com'.replace('x', 'y')]],
  // Broken ones.
  ['ann', ['|ann|']],
  ['Ann Miller ann@example.com', ['Ann Miller|ann|example.com']],
  ['ann@example.com <ann@example.com>', ['ann@example.com|ann|example.com']],
  ['Ann <ann@example.com', ['Ann|ann|example.com']],
  ['a@b; c@d', ['|a|b', '|c|d']],
  ['"unclosed <a@b>', ['"unclosed|a|b']],
  ['(unclosed <a@b>', ['(unclosed|a|b']],
  ['a@b@c', ['|a@b|c']],
  ['Ann <>', ['Ann||']],
  ['[x <a@b>', ['[x|a|b']],
];

for (const [text, expected] of table)
  test(`addresses: ${text}`, () => assert.deepEqual(parseAddresses(text, 100).map(shown), expected));

test('no more addresses than asked for', () => {
  assert.equal(parseAddresses('a@b,'.repeat(100), 7).length, 7);
  assert.equal(parseAddresses(`g:${'a@b,'.repeat(100)};`, 7).length, 1);
});
