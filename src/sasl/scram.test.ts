import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, test } from 'node:test';
import { bytesToUtf8, utf8ToBytes } from '../lib/bytes.ts';
import { seededRandom } from '../lib/random.ts';
import type { TlsInfo } from '../lib/transport.ts';
import { ScramClient } from '../../test/support/scram-client.ts';
import type { ScramClientOptions } from '../../test/support/scram-client.ts';
import type { SaslExchange, SaslStep } from './mechanism.ts';
import { findSaslMechanism, saslMechanisms } from './mechanisms.ts';
import type { ScramKeys } from './proof.ts';

const salt = utf8ToBytes('salt');
const iterations = 4096;

function keysOf(password: string): ScramKeys {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return {
    storedKey: createHash('sha256').update(clientKey).digest(),
    serverKey: createHmac('sha256', salted).update('Server Key').digest(),
  };
}

/** A connection whose bindings are their own names. */
const bindable: TlsInfo = { protocol: 'TLSv1.3', cipher: 'x', channelBinding: utf8ToBytes };
const keys = keysOf('pencil');
const user = { name: 'user', password: 'pencil' };

/** Plays a login; tells how it went, or what the first fault is. */
function play(
  mechanism: string,
  options: ScramClientOptions,
  tls?: TlsInfo,
  change?: { first?: (text: string) => string; final?: (text: string) => string },
): string {
  const exchange = findSaslMechanism(saslMechanisms, mechanism)?.begin({ tls, random: seededRandom(1) });
  assert.ok(exchange);
  const client = new ScramClient(options);
  const first = client.first();
  const asked = exchange.start(utf8ToBytes(change?.first?.(first) ?? first));
  if (asked.kind === 'fault') return asked.reason;
  assert.equal(asked.kind, 'salt');
  const challenge = asked.next({ salt, iterations });
  assert.equal(challenge.kind, 'challenge');
  const final = client.final(bytesToUtf8(challenge.bytes));
  const step = exchange.respond(utf8ToBytes(change?.final?.(final) ?? final));
  if (step.kind === 'fault') return step.reason;
  assert.ok(step.kind === 'check' && step.proof.kind === 'scram');
  const fits = step.proof.fits(keys);
  const last = step.last?.(fits);
  if (fits) assert.equal(bytesToUtf8(last ?? new Uint8Array()), client.verifier);
  else assert.equal(last, undefined);
  return `${step.proof.actAs ?? ''}/${step.proof.identity} ${fits ? 'fits' : 'does not fit'}`;
}

const exporter = { flag: 'p=tls-exporter', binding: utf8ToBytes('tls-exporter') };
const endPoint = { flag: 'p=tls-server-end-point', binding: utf8ToBytes('tls-server-end-point') };

describe('SCRAM-SHA-256', () => {
  const table: readonly (readonly [
    what: string,
    mechanism: string,
    options: Partial<ScramClientOptions>,
    tls: TlsInfo | undefined,
    expected: string | RegExp,
  ])[] = [
    ['the right password', 'SCRAM-SHA-256', {}, undefined, '/user fits'],
    ['the wrong password', 'SCRAM-SHA-256', { password: 'pen' }, undefined, '/user does not fit'],
    ['a name with comma and equal sign', 'scram-sha-256', { name: 'a=2Cb=3Dc' }, undefined, '/a,b=c fits'],
    ['a name with a bare equal sign', 'SCRAM-SHA-256', { name: 'a=b' }, undefined, /names its user/],
    ['no name', 'SCRAM-SHA-256', { name: '' }, undefined, /names its user/],
    ['somebody to act as', 'SCRAM-SHA-256', { actAs: 'boss' }, undefined, 'boss/user fits'],
    ['a malformed one to act as', 'SCRAM-SHA-256', { actAs: 'b=oss' }, undefined, /=2C/],
    ['no nonce', 'SCRAM-SHA-256', { nonce: '' }, undefined, /nonce/],
    ['a long nonce', 'SCRAM-SHA-256', { nonce: 'x'.repeat(513) }, undefined, /nonce/],
    ['UTF-8', 'SCRAM-SHA-256', { name: 'jörg' }, undefined, '/jörg fits'],
    // RFC 5802 §6
    ['y, where -PLUS is not offered', 'SCRAM-SHA-256', { flag: 'y' }, undefined, '/user fits'],
    ['y, where it is', 'SCRAM-SHA-256', { flag: 'y' }, bindable, /somebody may stand between/],
    ['n, where it is', 'SCRAM-SHA-256', {}, bindable, '/user fits'],
    ['p= without -PLUS', 'SCRAM-SHA-256', exporter, bindable, /SCRAM-SHA-256-PLUS only/],
    ['-PLUS by the exporter', 'SCRAM-SHA-256-PLUS', exporter, bindable, '/user fits'],
    ['-PLUS by the certificate', 'SCRAM-SHA-256-PLUS', endPoint, bindable, '/user fits'],
    ['-PLUS and n', 'SCRAM-SHA-256-PLUS', {}, bindable, /needs a channel binding/],
    ['-PLUS and an old binding', 'SCRAM-SHA-256-PLUS', { flag: 'p=tls-unique' }, bindable, /not known here/],
    [
      '-PLUS bound to another connection',
      'SCRAM-SHA-256-PLUS',
      { ...exporter, binding: utf8ToBytes('another') },
      bindable,
      /not this connection/,
    ],
    [
      '-PLUS bound to one thing in the name of another',
      'SCRAM-SHA-256-PLUS',
      { ...exporter, binding: endPoint.binding },
      bindable,
      /not this connection/,
    ],
  ];
  for (const [what, mechanism, options, tls, expected] of table) {
    test(what, () => {
      const told = play(mechanism, { ...user, ...options }, tls);
      if (typeof expected === 'string') assert.equal(told, expected);
      else assert.match(told, expected);
    });
  }

  const changes: readonly (readonly [string, Parameters<typeof play>[3], string | RegExp])[] = [
    ['extensions are signed, and left aside', { first: (text) => `${text},x=1` }, /does not fit/],
    ['a mandatory extension', { first: (text) => text.replace('n=user', 'm=x,n=user') }, /No extension/],
    ['no header', { first: (text) => text.slice(3) }, /begins with n, y or p=/],
    ['a NUL', { first: (text) => `${text}\0` }, /UTF-8 without NUL/],
    ['a huge message', { first: (text) => `${text},${'x'.repeat(5000)}` }, /UTF-8/],
    ['another nonce', { final: (text) => text.replace(/r=/, 'r=x') }, /nonce/],
    [
      'a shorter nonce',
      { final: (text) => text.replace(/(r=[^,]+),/, (all) => `${all.slice(0, -2)},`) },
      /nonce/,
    ],
    ['another header', { final: (text) => text.replace('c=biws', 'c=eSws') }, /not this connection/],
    ['no proof', { final: (text) => text.replace(/,p=.*/, '') }, /c=, r= and p=/],
    ['a short proof', { final: (text) => text.replace(/,p=.*/, ',p=AAAA') }, /32 octets/],
    ['a proof of zeros', { final: (text) => text.replace(/,p=.*/, `,p=${'A'.repeat(43)}=`) }, /does not fit/],
    ['nothing', { final: () => '' }, /c=, r= and p=/],
  ];
  for (const [what, change, expected] of changes) {
    test(what, () => assert.match(play('SCRAM-SHA-256', user, undefined, change), new RegExp(expected)));
  }

  test('the client speaks first, and each login has a nonce of its own', () => {
    const mechanism = findSaslMechanism(saslMechanisms, 'SCRAM-SHA-256');
    assert.ok(mechanism);
    const random = seededRandom(5);
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const exchange: SaslExchange = mechanism.begin({ tls: undefined, random });
      assert.deepEqual(exchange.start(undefined), { kind: 'challenge', bytes: new Uint8Array() });
      const asked: SaslStep = exchange.respond(utf8ToBytes(new ScramClient(user).first()));
      assert.ok(asked.kind === 'salt');
      const challenge = asked.next({ salt, iterations });
      assert.ok(challenge.kind === 'challenge');
      const text = bytesToUtf8(challenge.bytes);
      assert.match(text, /^r=rOprNGfwEbeRWgbNEkqO[A-Za-z0-9+/]{24},s=c2FsdA==,i=4096$/);
      seen.add(text);
    }
    assert.equal(seen.size, 3);
  });
});
