// The mechanisms of SASL, fed by lines: each exchange comes to an end, and nobody gets in by anything but the password.
import assert from 'node:assert/strict';
import { bytesToLatin1, utf8ToBytes } from '../../../src/lib/bytes.ts';
import type { SaslStep } from '../../../src/sasl/mechanism.ts';
import { prepareOpaqueString } from '../../../src/sasl/opaque-string.ts';
import { saslMechanisms } from '../../../src/sasl/mechanisms.ts';
import type { FuzzTarget } from '../target.ts';

const channelBinding = utf8ToBytes;
/** A stored key that nobody knows the client's key of. */
const keys = { storedKey: new Uint8Array(32).fill(7), serverKey: new Uint8Array(32).fill(8) };

export const target: FuzzTarget = {
  name: 'sasl',
  seeds: [
    '\0tim\0tanstaaftanstaaf',
    'alice@example.com\nsecret word',
    'n,,n=user,r=fyko\nc=biws,r=fykoAAAA,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts1AAAAAAAAAAAAAAA=',
    'p=tls-exporter,a=x=2C,n=us=3Der,r=fyko,x=1\nc=cD0=,r=fyko,e=f,p=AAAA',
    'y,,m=1,n=a,r=b',
  ].map(utf8ToBytes),
  words: ['n,,', 'y,,', 'p=', ',', '=2C', 'r=', '\n', '\0', 'c=', ',p='].map(utf8ToBytes),
  run(input, random) {
    const tls = random.below(2) === 0 ? undefined : { protocol: 'TLSv1.3', cipher: 'x', channelBinding };
    const channel = { tls, random };
    const lines = bytesToLatin1(input).split('\n');
    prepareOpaqueString(lines[0] ?? '');
    for (const mechanism of saslMechanisms) {
      const exchange = mechanism.begin(channel);
      let step: SaslStep = exchange.start(Buffer.from(lines[0] ?? '', 'latin1'));
      for (const line of [...lines.slice(1), 'end', 'end']) {
        if (step.kind === 'salt') step = step.next({ salt: utf8ToBytes('salt'), iterations: 4096 });
        if (step.kind !== 'challenge') break;
        // The client knows the server's nonce, as any does.
        const nonce = /^r=[^,]*/.exec(bytesToLatin1(step.bytes))?.[0];
        const said = nonce === undefined ? line : line.replace(/r=[^,]*/, nonce);
        step = exchange.respond(Buffer.from(said, 'latin1'));
      }
      if (step.kind !== 'check' || step.proof.kind !== 'scram') continue;
      assert.equal(step.proof.fits(keys), false);
      assert.equal(step.last?.(false), undefined);
    }
  },
};
