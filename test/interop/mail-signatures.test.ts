// Signatures and seals of our own, verified by implementations that nobody here wrote: dkimpy and OpenDKIM's library tools.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { utf8ToBytes } from '../../src/lib/bytes.ts';
import { sealArc } from '../../src/mailauth/arc/seal-arc.ts';
import { signDkim } from '../../src/mailauth/dkim/sign-dkim.ts';
import { resultsText } from '../../src/mailauth/results/format-results.ts';
import { checkMessage, ed25519TestKey, rsaTestKey, usualEnvelope } from '../support/mail-auth.ts';

const python = '/usr/bin/python3';
const hasDkimpy = spawnSync(python, ['-c', 'import dkim, nacl']).status === 0;
const letter =
  'From: Joe <joe@example.com>\r\nTo: ann@example.net\r\nSubject: Is   dinner\r\n ready?\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\n' +
  'Message-ID: <1@example.com>\r\n\r\nHi. \r\n\r\n\tWe  lost the game.\r\n\r\n\r\n';

/** Prints a verdict for each signature, and that of the chain. */
const script = `
import sys, json, dkim
data = json.load(sys.stdin)
message = data['message'].encode()
find = lambda name, timeout=5: data['keys'].get(name.decode().rstrip('.'), '').encode()
d = dkim.DKIM(message)
print(json.dumps({
  'dkim': [dkim.DKIM(message).verify(idx=i, dnsfunc=find) for i in range(data['signatures'])],
  'arc': str(dkim.ARC(message).verify(dnsfunc=find)[0]),
}))
`;

test(
  'dkimpy verifies our DKIM signatures and ARC seals, by RSA and Ed25519',
  { skip: hasDkimpy ? false : 'needs python3-dkim and python3-nacl' },
  async () => {
    const keys = { rsa: rsaTestKey(2048), ed: ed25519TestKey() };
    const names = {
      'rsa._domainkey.example.com': [`TXT ${keys.rsa.record}`],
      'ed._domainkey.example.com': [`TXT ${keys.ed.record}`],
    };
    const signers = (['rsa', 'ed'] as const).map((selector) => ({
      domain: 'example.com',
      selector,
      key: keys[selector].key,
    }));
    const now = Date.UTC(2026, 0, 1);
    const signed = signDkim([utf8ToBytes(letter)], signers, now) + letter;
    let message = signed;
    const [sealer] = signers;
    assert.ok(sealer);
    for (let hop = 0; hop < 2; hop++) {
      const verdicts = await checkMessage(names, message);
      const results = resultsText('mx.example.com', usualEnvelope, verdicts);
      message = (sealArc([utf8ToBytes(message)], verdicts.arc, results, sealer, now) ?? '') + message;
    }
    const { stdout, stderr } = spawnSync(python, ['-c', script], {
      encoding: 'utf8',
      timeout: 15_000,
      input: JSON.stringify({
        message,
        signatures: 2,
        keys: { 'rsa._domainkey.example.com': keys.rsa.record, 'ed._domainkey.example.com': keys.ed.record },
      }),
    });
    assert.equal(stdout.trim(), '{"dkim": [true, true], "arc": "b\'pass\'"}', stderr);
  },
);
