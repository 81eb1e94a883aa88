import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { base64ToBytes, utf8ToBytes } from '../lib/bytes.ts';
import { decoySalt, deriveScramSha256, parseScramSha256, scramIterations } from './scram-keys.ts';

test('SCRAM keys give the server signature of the example of RFC 7677 §3', async () => {
  const salt = base64ToBytes('W22ZaJ0SNY7soEsUEjb6gQ==');
  assert.ok(salt);
  // Computed from the example's password `pencil`; its exchange is checked below with these keys.
  const stored = await deriveScramSha256('pencil', salt, 4096);
  assert.match(stored, /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$/);
  const message =
    'n=user,r=rOprNGfwEbeRWgbNEkqO,' +
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,' +
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const parsed = parseScramSha256(stored);
  assert.ok(parsed);
  const { storedKey, serverKey } = parsed;
  const signature = createHmac('sha256', serverKey).update(message).digest('base64');
  assert.equal(signature, '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  const proof = base64ToBytes('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=');
  const clientSignature = createHmac('sha256', storedKey).update(message).digest();
  const clientKey = clientSignature.map((octet, i) => octet ^ (proof?.[i] ?? 0));
  assert.deepEqual(new Uint8Array(createHash('sha256').update(clientKey).digest()), storedKey);
});

test('what is damaged has no keys', () => {
  const salt = 'W22ZaJ0SNY7soEsUEjb6gQ==';
  const key = 'A'.repeat(43) + '=';
  assert.ok(parseScramSha256(`SCRAM-SHA-256$4096:${salt}$${key}:${key}`));
  for (const text of [
    '',
    'SCRAM-SHA-256$4096:',
    `SCRAM-SHA-1$4096:${salt}$${key}:${key}`,
    `SCRAM-SHA-256$0:${salt}$${key}:${key}`,
    `SCRAM-SHA-256$99999999:${salt}$${key}:${key}`,
    `SCRAM-SHA-256$4096:${salt}$${key}:AAAA`,
    `SCRAM-SHA-256$4096:====$${key}:${key}`,
  ])
    assert.equal(parseScramSha256(text), undefined, text);
});

test("a name that nobody has gets the same salt each time, another than every other name's", () => {
  const secret = utf8ToBytes('x'.repeat(32));
  const salt = decoySalt(secret, 'a@b.example');
  assert.deepEqual(decoySalt(secret, 'a@b.example'), salt);
  assert.equal(salt.salt.length, 16);
  assert.equal(salt.iterations, scramIterations);
  assert.notDeepEqual(decoySalt(secret, 'b@b.example').salt, salt.salt);
  assert.notDeepEqual(decoySalt(utf8ToBytes('y'.repeat(32)), 'a@b.example').salt, salt.salt);
});
