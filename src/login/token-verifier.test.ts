import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { VirtualClock } from '../lib/clock.ts';
import { TokenVerifier } from './token-verifier.ts';
import type { TokenRules } from './token-verifier.ts';

const start = Date.UTC(2026, 10, 24);
const pairs = await Promise.all(
  ['ES256', 'RS256', 'Ed25519'].map((alg) => generateKeyPair(alg, { extractable: true })),
);
const [first, rsa, edwards] = pairs;
assert.ok(first && rsa && edwards);
const publicSet = async (...chosen: readonly (readonly [string, CryptoKey])[]): Promise<JSONWebKeySet> => ({
  keys: await Promise.all(chosen.map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid }))),
});
const known = await publicSet(['a', first.publicKey], ['b', rsa.publicKey], ['c', edwards.publicKey]);

const rules: TokenRules = {
  issuer: 'https://login.example',
  audience: ['mail', 'post'],
  claim: 'email',
  scope: 'smtp pop',
};
const good: JWTPayload = {
  iss: 'https://login.example',
  aud: 'mail',
  exp: start / 1000 + 600,
  email: 'alice@example.com',
  scope: 'openid smtp pop',
};

function sign(
  payload: JWTPayload,
  header: { alg?: string; kid?: string } = {},
  key = first?.privateKey,
): Promise<string> {
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: 'a', ...header })
    .sign(key ?? assert.fail('no key'));
}

async function verdict(
  token: string,
  changed: Partial<TokenRules> = {},
  set: JSONWebKeySet = known,
): Promise<string> {
  const clock = new VirtualClock(start);
  const verifier = new TokenVerifier({ ...rules, ...changed }, { keys: () => Promise.resolve(set) }, clock);
  const result = await verifier.verify(token);
  return result.kind === 'good' ? result.address : `${result.kind}: ${result.reason}`;
}

describe('access tokens', () => {
  test('a good one opens the account that it names', async () => {
    assert.equal(await verdict(await sign(good)), 'alice@example.com');
    assert.equal(
      await verdict(await sign(good, { alg: 'RS256', kid: 'b' }, rsa.privateKey)),
      'alice@example.com',
    );
    assert.equal(
      await verdict(
        await sign(good, { alg: 'PS256', kid: 'b' }, (await rsaFor('PS256')).privateKey),
        {},
        await publicSet(['b', (await rsaFor('PS256')).publicKey]),
      ),
      'alice@example.com',
    );
    assert.equal(
      await verdict(await sign(good, { alg: 'Ed25519', kid: 'c' }, edwards.privateKey)),
      'alice@example.com',
    );
    assert.equal(
      await verdict(await sign({ ...good, aud: ['x', 'post'], scope: ['pop', 'smtp'] })),
      'alice@example.com',
    );
    assert.equal(
      await verdict(await sign({ ...good, sub: 'al@example.com' }), { claim: 'sub' }),
      'al@example.com',
    );
  });

  /** Other claims, or the name of one that is missing. */
  const changes: readonly (readonly [string, JWTPayload | string, RegExp])[] = [
    ['it has expired', { exp: start / 1000 - 61 }, /^bad: .*exp/],
    ['it never expires', 'exp', /^bad: .*exp/],
    ['it is not yet valid', { nbf: start / 1000 + 61 }, /^bad: .*nbf/],
    ['somebody else has given it', { iss: 'https://evil.example' }, /^bad: .*iss/],
    ['it is for somebody else', { aud: 'calendar' }, /^bad: .*aud/],
    ['it is for nobody', 'aud', /^bad: .*aud/],
    ['it names nobody', 'email', /^bad: the token has no claim 'email'/],
    ['it names something else', { email: 7 }, /^bad: the token has no claim 'email'/],
    ['the address is not verified', { email_verified: false }, /^bad: the provider has not verified/],
    ['it is good for less', { scope: 'openid smtp' }, /^bad: the token is not good for 'pop'/],
    ['it is good for nothing', 'scope', /^bad: the token is not good for 'smtp'/],
  ];
  for (const [what, change, expected] of changes)
    test(`is refused where ${what}`, async () => {
      const claims = Object.entries(good).filter(([name]) => name !== change);
      const payload = { ...Object.fromEntries(claims), ...(typeof change === 'string' ? {} : change) };
      assert.match(await verdict(await sign(payload)), expected);
    });

  test('clocks may be a minute apart', async () => {
    assert.equal(await verdict(await sign({ ...good, exp: start / 1000 - 59 })), 'alice@example.com');
  });

  test('is refused where nobody has signed it who may', async () => {
    const other = await generateKeyPair('ES256');
    assert.match(await verdict(await sign(good, {}, other.privateKey)), /^bad: signature/);
    assert.match(await verdict(await sign(good, { kid: 'z' })), /^bad: no applicable key/);
    assert.match(await verdict(new UnsecuredJWT(good).encode()), /^bad: /);
    const [header = '', payload = '', signature = ''] = (await sign(good)).split('.');
    assert.match(await verdict(`${header}.${payload.slice(0, -2)}AA.${signature}`), /^bad: /);
    assert.match(await verdict(`${header}.${payload}.`), /^bad: /);
    assert.match(await verdict('x'), /^bad: /);
    // A public key is no secret: whoever signs by it as if it were one is nobody (RFC 8725 §2.1).
    const forged = await new SignJWT(good)
      .setProtectedHeader({ alg: 'HS256', kid: 'b' })
      .sign(new TextEncoder().encode(JSON.stringify(known.keys[1])));
    assert.match(await verdict(forged), /^bad: /);
  });

  test('keys that the provider has changed are asked for anew, once', async () => {
    const asked: boolean[] = [];
    const source = {
      keys: async (fresh: boolean) => {
        asked.push(fresh);
        return fresh ? known : await publicSet(['old', edwards.publicKey]);
      },
    };
    const verifier = new TokenVerifier(rules, source, new VirtualClock(start));
    assert.equal((await verifier.verify(await sign(good))).kind, 'good');
    assert.equal((await verifier.verify(await sign(good, { kid: 'z' }))).kind, 'bad');
    assert.deepEqual(asked, [false, true, false, true]);
  });

  test('a provider that is away refuses nobody', async () => {
    const source = { keys: () => Promise.reject(new Error('connection refused')) };
    const result = await new TokenVerifier(rules, source, new VirtualClock(start)).verify(await sign(good));
    assert.deepEqual(result, {
      kind: 'unavailable',
      reason: "the token can't be checked: connection refused",
    });
  });
});

let probabilistic: ReturnType<typeof generateKeyPair> | undefined;

function rsaFor(alg: string): ReturnType<typeof generateKeyPair> {
  probabilistic ??= generateKeyPair(alg, { extractable: true });
  return probabilistic;
}
