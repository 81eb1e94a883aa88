import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../lib/random.ts';
import { makeCredentials, preparePassword, unmatchableHash, verifyPassword } from './password.ts';

const prepared: readonly (readonly [string, string | undefined])[] = [
  ['correct horse', 'correct horse'],
  // RFC 8265 §4.3, examples: case and other spaces than the ASCII one.
  ['Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
  ['foo\u1680bar', 'foo bar'],
  ['\u03c0\u00df\u00e5', '\u03c0\u00df\u00e5'],
  ['Jack of \u2666s', 'Jack of \u2666s'],
  ['A\u030a', '\u00c5'],
  ['', undefined],
  ['my cat is a \u0009by', undefined],
  ['nul\u0000', undefined],
  ['\ud800', undefined],
  ['x'.repeat(1025), undefined],
];

for (const [text, expected] of prepared) {
  test(`preparing ${JSON.stringify(text.slice(0, 40))}`, () => {
    const result = preparePassword(text);
    assert.equal(result.ok ? result.value : undefined, expected);
  });
}

test('a password fits its own hash, in each of its forms, and no other', async () => {
  const made = await makeCredentials('\u00c5ngstr\u00f6m 1', seededRandom(1));
  assert.ok(made.ok);
  const { argon2id } = made.value;
  assert.match(argon2id, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword('\u00c5ngstr\u00f6m 1', argon2id), true);
  assert.equal(await verifyPassword('A\u030angstro\u0308m\u00a01', argon2id), true);
  assert.equal(await verifyPassword('\u00e5ngstr\u00f6m 1', argon2id), false);
  assert.equal(await verifyPassword('', argon2id), false);
});

test('a hash made elsewhere, by the reference implementation, is verified', async () => {
  // `argon2 somesalt -id -t 2 -m 16 -p 1` of the reference implementation's test.c, password "password".
  const phc = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await verifyPassword('password', phc), true);
  assert.equal(await verifyPassword('differentpassword', phc), false);
});

const damaged = [
  '',
  'secret',
  '$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=19$m=4,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=19$m=19456,t=2,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxx$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
];
for (const phc of damaged) {
  test(`a damaged hash fits nothing: '${phc.slice(0, 40)}'`, async () => {
    assert.equal(await verifyPassword('password', phc), false);
  });
}

test('the hash that stands for unknown names is a valid one that no password fits', async () => {
  const phc = unmatchableHash(seededRandom(2));
  assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await verifyPassword('password', phc), false);
});
