import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkMessage, ed25519TestKey, rsaTestKey, usualEnvelope } from '../../test/support/mail-auth.ts';
import { ScriptedLookup } from '../../test/support/scripted-lookup.ts';
import { bytesToUtf8, utf8ToBytes } from '../lib/bytes.ts';
import { VirtualClock } from '../lib/clock.ts';
import { sealArc } from './arc/seal-arc.ts';
import { signDkim } from './dkim/sign-dkim.ts';
import { MailChecker } from './mail-check.ts';
import { formatAuthenticationResults, resultsText } from './results/format-results.ts';

const [rsa, ed25519, short] = [rsaTestKey(2048), ed25519TestKey(), rsaTestKey(512)];
const now = Date.UTC(2026, 0, 1);
const letter = `From: Joe <joe@example.com>\r\nTo: Ann <ann@example.net>\r\nSubject:  A  folded\r\n\tsubject\r\nDate: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\nHello  \t there \r\n \t\r\n.\r\n\r\n\r\n`;

function signed(
  text: string,
  signers: readonly (readonly [string, typeof rsa])[] = [
    ['rsa', rsa],
    ['ed', ed25519],
  ],
): string {
  return (
    signDkim(
      [utf8ToBytes(text)],
      signers.map(([selector, { key }]) => ({ domain: 'example.com', selector, key })),
      now,
    ) + text
  );
}

const names = {
  'example.com': ['TXT v=spf1 ip4:192.0.2.0/24 -all', 'A 192.0.2.1'],
  'rsa._domainkey.example.com': [`TXT ${rsa.record}`],
  'ed._domainkey.example.com': [`TXT ${ed25519.record}`],
  'short._domainkey.example.com': [`TXT ${short.record}`],
  'test._domainkey.example.com': [`TXT ${rsa.record}; t=y`],
  'revoked._domainkey.example.com': ['TXT v=DKIM1; p='],
  'slow._domainkey.example.com': ['FAILURE'],
  '_dmarc.example.com': ['TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.com'],
  '1.2.0.192.in-addr.arpa': ['PTR client.example.com'],
  'client.example.com': ['A 192.0.2.1'],
};
const elsewhere = { ...usualEnvelope, ip: '198.51.100.1' };

test('a message that is all right', async () => {
  const verdicts = await checkMessage(names, signed(letter));
  const { spf, dkim, dmarc, arc, iprev, disposition, temporary } = verdicts;
  assert.equal(spf.result, 'pass');
  assert.deepEqual(
    dkim.map(({ result }) => result),
    ['pass', 'pass'],
  );
  assert.equal(dmarc.result, 'pass', dmarc.reason);
  assert.equal(arc.result, 'none');
  assert.equal(iprev.name, 'client.example.com');
  assert.deepEqual([disposition, temporary], ['none', false]);
});

test('cut anywhere, it is the same message', async () => {
  const message = signed(letter, [['ed', ed25519]]);
  const whole = await checkMessage(names, message);
  for (let at = 1; at < message.length; at++)
    assert.deepEqual(await checkMessage(names, message, usualEnvelope, [at]), whole, `cut at ${at}`);
  const everywhere = Array.from({ length: message.length - 1 }, (_, i) => i + 1);
  assert.deepEqual(await checkMessage(names, message, usualEnvelope, everywhere), whole);
});

describe('signatures that do not count', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a short key', signed(letter, [['short', short]]), 'policy'],
    ['a revoked key', signed(letter, [['revoked', rsa]]), 'permerror'],
    ['no key', signed(letter, [['none', rsa]]), 'permerror'],
    ['a key that cannot be looked up', signed(letter, [['slow', rsa]]), 'temperror'],
    ['another key', signed(letter, [['rsa', ed25519]]), 'permerror'],
    ['rsa-sha1', signed(letter).replace('a=rsa-sha256', 'a=rsa-sha1'), 'policy'],
    ['a broken list of tags', signed(letter).replace('v=1;', 'v=1; v=1;'), 'neutral'],
    ['From is not signed', signed(letter).replace(/h=from:from:/, 'h='), 'neutral'],
    [
      'expired',
      signed(letter)
        .replace('v=1;', 'v=1; x=1767225599;')
        .replace(/ t=\d+;/, ''),
      'fail',
    ],
    ['an identity elsewhere', signed(letter).replace('v=1;', 'v=1; i=joe@example.org;'), 'neutral'],
    ['a second From on top', `From: x@example.org\r\n${signed(letter)}`, 'fail'],
  ];
  for (const [name, message, expected] of cases) {
    test(name, async () => {
      const { dkim } = await checkMessage(names, message);
      assert.equal(dkim[0]?.result, expected, dkim[0]?.reason ?? 'no verdict');
    });
  }

  test('no more than eight are looked at', async () => {
    const { dkim } = await checkMessage(
      names,
      signed(
        letter,
        Array.from({ length: 20 }, () => ['ed', ed25519] as const),
      ),
    );
    assert.equal(dkim.length, 8);
  });

  test('a header that is too long is no reason to trust', async () => {
    const long = `${'X: y\r\n'.repeat(3000)}${signed(letter)}`;
    const { dkim, dmarc } = await checkMessage(names, long, elsewhere);
    assert.deepEqual(
      dkim.map(({ result }) => result),
      ['policy'],
    );
    assert.equal(dmarc.result, 'permerror');
  });
});

describe('what the author asks for', () => {
  const forged = letter.replace('Subject', 'X-Subject');
  test('nothing proved: refused', async () => {
    const { dmarc, disposition } = await checkMessage(names, forged, elsewhere);
    assert.deepEqual([dmarc.result, disposition], ['fail', 'reject'], dmarc.reason);
  });
  test('a key that cannot be looked up leaves it open', async () => {
    const { dmarc, disposition, temporary } = await checkMessage(
      names,
      signed(letter, [['slow', rsa]]),
      elsewhere,
    );
    assert.deepEqual([dmarc.result, disposition, temporary], ['temperror', 'none', true]);
  });
  test('a key that is tested proves nothing', async () => {
    const { dkim, dmarc } = await checkMessage(names, signed(letter, [['test', rsa]]), elsewhere);
    assert.deepEqual([dkim[0]?.result, dkim[0]?.testing, dmarc.result], ['pass', true, 'fail']);
  });
  test('a policy that cannot be looked up leaves it open', async () => {
    const { temporary } = await checkMessage(
      { ...names, '_dmarc.example.com': ['FAILURE'] },
      forged,
      elsewhere,
    );
    assert.equal(temporary, true);
  });
  test('a second author does not free the first', async () => {
    const two = forged.replace(
      'From: Joe <joe@example.com>',
      'From: Eve <eve@example.org>, Joe <joe@example.com>',
    );
    assert.equal((await checkMessage(names, two, elsewhere)).disposition, 'reject');
    const fields = `From: Eve <eve@example.org>\r\n${forged}`;
    assert.equal((await checkMessage(names, fields, elsewhere)).disposition, 'reject');
  });
  test('no author', async () => {
    const { dmarc } = await checkMessage(names, forged.replace('From:', 'X-From:'), elsewhere);
    assert.equal(dmarc.result, 'permerror');
  });
});

test('what is asked after a check was aborted has no answer, and time ends what waits', async () => {
  const lookup = new ScriptedLookup(names);
  const check = new MailChecker({ lookup, clock: new VirtualClock(), hostname: 'mx.example.net' }).begin(
    usualEnvelope,
  );
  check.abort();
  check.push(utf8ToBytes(signed(letter)));
  const { temporary } = await check.end();
  assert.ok(temporary);

  const clock = new VirtualClock();
  const never = {
    lookup: (_name: unknown, _type: number, signal?: AbortSignal) =>
      new Promise<never>((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('time'))),
      ),
  };
  const failing = {
    lookup: (name: unknown, type: number, signal?: AbortSignal) =>
      never
        .lookup(name, type, signal)
        .catch(() => ({ kind: 'failure', reason: 'time', secure: false, journey: [] }) as const),
  };
  const waiting = new MailChecker({ lookup: failing, clock, hostname: 'mx.example.net' }).begin(
    usualEnvelope,
  );
  waiting.push(utf8ToBytes(signed(letter)));
  const end = waiting.end();
  await clock.advanceAsync(60_000);
  await clock.advanceAsync(60_000);
  const verdicts = await end;
  assert.deepEqual(
    [verdicts.spf.result, verdicts.dkim[0]?.result, verdicts.iprev.result],
    ['temperror', 'temperror', 'temperror'],
  );
});

describe('ARC seals of our own', () => {
  for (const [kind, sealer] of [
    ['rsa', rsa],
    ['ed', ed25519],
  ] as const) {
    test(`${kind}: three in a row pass, and a changed body does not`, async () => {
      let message = signed(letter);
      for (let hop = 1; hop <= 3; hop++) {
        const verdicts = await checkMessage(names, message);
        assert.deepEqual(
          [verdicts.arc.result, verdicts.arc.sets],
          [hop === 1 ? 'none' : 'pass', hop - 1],
          verdicts.arc.reason,
        );
        message =
          (sealArc(
            [utf8ToBytes(message)],
            verdicts.arc,
            resultsText('mx.example.net', usualEnvelope, verdicts),
            { domain: 'example.com', selector: kind, key: sealer.key },
            now,
          ) ?? '') + message;
      }
      const { arc } = await checkMessage(names, message);
      assert.deepEqual([arc.result, arc.sets, arc.domain], ['pass', 3, 'example.com'], arc.reason);
      assert.match(arc.results ?? '', /^mx\.example\.net;\s+iprev=pass/);
      assert.equal((await checkMessage(names, message.replace('Hello', 'Hullo'))).arc.result, 'fail');
      const broken = await checkMessage(names, message.replace('Hello', 'Hullo'));
      const sealed = sealArc(
        [utf8ToBytes(message)],
        broken.arc,
        'x',
        { domain: 'example.com', selector: kind, key: sealer.key },
        now,
      );
      assert.match(sealed ?? '', /cv=fail/);
    });
  }
});

test('results are written in lines that a header may have, in ASCII', async () => {
  const verdicts = await checkMessage(names, signed(letter));
  const field = formatAuthenticationResults('mx.example.net', usualEnvelope, verdicts);
  for (const line of field.split('\r\n')) assert.match(line, /^[\t -~]{0,200}$/);
  assert.equal(
    bytesToUtf8(utf8ToBytes(field))
      .replaceAll(/\r\n\s+/g, ' ')
      .replaceAll(/header\.b="?[^ ";]+"?/g, 'header.b=…')
      .trim(),
    'Authentication-Results: mx.example.net; iprev=pass policy.iprev=192.0.2.1 (client.example.com); spf=pass smtp.mailfrom=joe@example.com; ' +
      'dkim=pass header.d=example.com header.s=rsa header.a=rsa-sha256 header.b=…; ' +
      'dkim=pass header.d=example.com header.s=ed header.a=ed25519-sha256 header.b=…; ' +
      'dmarc=pass (p=reject dis=none) header.from=example.com',
  );
});
