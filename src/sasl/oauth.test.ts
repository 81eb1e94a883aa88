import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToUtf8, utf8ToBytes } from '../lib/bytes.ts';
import { seededRandom } from '../lib/random.ts';
import type { TlsInfo } from '../lib/transport.ts';
import { external } from './external.ts';
import type { SaslMechanism, SaslStep } from './mechanism.ts';
import { findSaslMechanism } from './mechanisms.ts';
import { oauthMechanisms } from './oauth.ts';

const mechanisms = oauthMechanisms({ scope: 'mail', discovery: 'https://login.example/config' });

function say(mechanism: SaslMechanism | undefined, text: string | undefined, tls?: TlsInfo): SaslStep {
  assert.ok(mechanism);
  const exchange = mechanism.begin({ tls, random: seededRandom(1) });
  return exchange.start(text === undefined ? undefined : utf8ToBytes(text));
}

function show(step: SaslStep): string {
  if (step.kind === 'fault') return `fault: ${step.reason}`;
  if (step.kind === 'challenge') return `challenge '${bytesToUtf8(step.bytes)}'`;
  if (step.kind !== 'check' || step.proof.kind !== 'token') return step.kind;
  return `${step.proof.actAs ?? 'nobody named'}: ${step.proof.token}`;
}

const token = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==';
const table: readonly (readonly [string, string | undefined, string | RegExp])[] = [
  // RFC 7628 §4.1
  [
    'OAUTHBEARER',
    `n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer ${token}\x01\x01`,
    `user@example.com: ${token}`,
  ],
  ['OAUTHBEARER', `n,,\x01auth=Bearer ${token}\x01\x01`, `nobody named: ${token}`],
  ['OAUTHBEARER', `y,a=,\x01auth=bearer  ${token}\x01\x01`, `nobody named: ${token}`],
  ['OAUTHBEARER', `n,a=a=2Cb=3D@c.example,\x01auth=Bearer x\x01\x01`, 'a,b=@c.example: x'],
  ['OAUTHBEARER', undefined, "challenge ''"],
  ['OAUTHBEARER', '\x01', /^fault/],
  ['OAUTHBEARER', '', /^fault/],
  ['OAUTHBEARER', `n,a=b=c,\x01auth=Bearer x\x01\x01`, /^fault: A name/],
  ['OAUTHBEARER', `p=tls-exporter,,\x01auth=Bearer x\x01\x01`, /^fault/],
  ['OAUTHBEARER', `n,,\x01auth=Bearer x\x01`, /^fault|nobody named: x/],
  ['OAUTHBEARER', `n,,\x01auth=Basic x\x01\x01`, /^fault: The response must have one auth=Bearer/],
  ['OAUTHBEARER', `n,,\x01auth=Bearer\x01\x01`, /^fault: The response must have one/],
  ['OAUTHBEARER', `n,,\x01auth=Bearer x\x01auth=Bearer y\x01\x01`, /^fault: The response must have one/],
  ['OAUTHBEARER', `n,,\x01auth=Bearer x y\x01\x01`, /^fault: The response must have one/],
  ['OAUTHBEARER', `n,,\x01host=x\x01\x01`, /^fault: The response must have one/],
  // The example on Google's page.
  ['XOAUTH2', `user=someuser@example.com\x01auth=Bearer ${token}\x01\x01`, `someuser@example.com: ${token}`],
  ['XOAUTH2', undefined, "challenge ''"],
  ['XOAUTH2', `user=\x01auth=Bearer x\x01\x01`, 'nobody named: x'],
  ['XOAUTH2', `n,,\x01auth=Bearer x\x01\x01`, /^fault/],
  ['XOAUTH2', `user=a`, /^fault/],
];
for (const [name, text, expected] of table) {
  test(`${name} ${JSON.stringify(text ?? null).slice(0, 70)}`, () => {
    const shown = show(say(findSaslMechanism(mechanisms, name), text));
    if (typeof expected === 'string') assert.equal(shown, expected);
    else assert.match(shown, expected);
  });
}

test('who is refused is told why, in the way of the mechanism (RFC 7628 §3.2.2)', () => {
  const told = (name: string, text: string): unknown => {
    const step = say(findSaslMechanism(mechanisms, name), text);
    assert.ok(step.kind === 'check');
    assert.equal(step.last?.(true), undefined);
    return JSON.parse(bytesToUtf8(step.last?.(false) ?? new Uint8Array()));
  };
  assert.deepEqual(told('OAUTHBEARER', 'n,,\x01auth=Bearer x\x01\x01'), {
    status: 'invalid_token',
    scope: 'mail',
    'openid-configuration': 'https://login.example/config',
  });
  assert.deepEqual(told('XOAUTH2', 'user=a\x01auth=Bearer x\x01\x01'), {
    status: '401',
    schemes: 'bearer',
    scope: 'mail',
  });
});

test('EXTERNAL is for connections with a certificate (RFC 4422 appendix A)', () => {
  const certificate = { fingerprint: 'ab', addresses: ['a@b.example'], trusted: true };
  const tls: TlsInfo = { protocol: 'TLSv1.3', cipher: 'x', clientCertificate: certificate };
  const channel = (info: TlsInfo | undefined): boolean =>
    external.fits({ tls: info, random: seededRandom(1) });
  assert.deepEqual(
    [channel(undefined), channel({ protocol: 'x', cipher: 'x' }), channel(tls)],
    [false, false, true],
  );
  const proof = { kind: 'certificate', certificate };
  assert.deepEqual(say(external, '', tls), { kind: 'check', proof });
  assert.deepEqual(say(external, 'a@b.example', tls), {
    kind: 'check',
    proof: { ...proof, actAs: 'a@b.example' },
  });
  assert.deepEqual(say(external, undefined, tls), { kind: 'challenge', bytes: new Uint8Array() });
  for (const text of ['a\0b', 'x'.repeat(256)]) assert.equal(say(external, text, tls).kind, 'fault');
  assert.equal(say(external, '').kind, 'fault');
});
