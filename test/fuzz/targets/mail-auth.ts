// What mail checks read of strangers: tag lists, signatures, keys, SPF and DMARC records, Authentication-Results, and whole messages
// that come in pieces. Nothing throws, and a message is judged alike however it is cut.
import assert from 'node:assert/strict';
import { bytesToLatin1, latin1ToBytes } from '../../../src/lib/bytes.ts';
import type { Random } from '../../../src/lib/random.ts';
import { parseKey } from '../../../src/mailauth/dkim/public-key.ts';
import { parseSignature } from '../../../src/mailauth/dkim/signature.ts';
import { parseDmarcRecord } from '../../../src/mailauth/dmarc/record.ts';
import { formatAuthenticationResults } from '../../../src/mailauth/results/format-results.ts';
import { readAuthservId } from '../../../src/mailauth/results/forged-results.ts';
import { parseMacroString } from '../../../src/mailauth/spf/domain-spec.ts';
import { parseSpfRecord } from '../../../src/mailauth/spf/record.ts';
import { parseTagList } from '../../../src/mailauth/tag-list.ts';
import { checkMessage, usualEnvelope } from '../../support/mail-auth.ts';
import type { FuzzTarget } from '../target.ts';

const signature =
  'v=1; a=rsa-sha256; c=relaxed/simple; d=example.com; s=s; i=@example.com; t=1; x=2; l=5; q=dns/txt;\r\n h=from:to; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=AAAA';

export const target: FuzzTarget = {
  name: 'mail-auth',
  testSteps: 300,
  seeds: [
    `DKIM-Signature: ${signature}\r\nFrom: a@example.com\r\n\r\nbody \t x\r\n\r\n`,
    `ARC-Seal: i=1; cv=none; ${signature}\r\nARC-Message-Signature: i=1; ${signature}\r\nARC-Authentication-Results: i=1; mx; none\r\nFrom: a@b.example\r\n\r\n\r\n`,
    'v=spf1 a:%{ir}.%{v}._spf.%{d2}/24//64 mx ip4:192.0.2.0/24 ip6:2001:db8::/32 include:x.example exists:%{L}.x.example exp=e.example -all',
    'v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@example.com!10m,mailto:b@example.com; fo=1:d:s; psd=y; t=y',
    'v=DKIM1; k=ed25519; t=y:s; s=email; h=sha256; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
    ' (c (n\\)) d) "mx.example" 1; spf=pass smtp.mailfrom=a@b (x)',
  ].map(latin1ToBytes),
  words: [
    ';',
    '=',
    ':',
    '%{',
    '}',
    '/',
    '//',
    '\r\n',
    '\r\n ',
    '(',
    '\\',
    '"',
    'i=2;',
    'cv=pass',
    'redirect=',
    'exp=',
  ].map(latin1ToBytes),
  async run(input, random) {
    const text = bytesToLatin1(input);
    parseTagList(text);
    parseSignature(text);
    parseKey(text);
    parseDmarcRecord(text);
    parseSpfRecord(`v=spf1 ${text}`);
    parseMacroString(text, true);
    readAuthservId(text);
    const names = {
      'example.com': [`TXT ${text}`, 'TXT v=spf1 -all'],
      '_dmarc.example.com': [`TXT ${text}`],
      's._domainkey.example.com': [`TXT ${text}`],
    };
    // The fuzzer's message has its own line ends, which the helper's are not to mend.
    const message = text.replaceAll(/\r?\n/g, '\n');
    const whole = await checkMessage(names, message);
    assert.deepEqual(
      await checkMessage(
        names,
        message,
        usualEnvelope,
        cuts(message.replaceAll('\n', '\r\n').length, random),
      ),
      whole,
    );
    const field = formatAuthenticationResults(
      'mx.example.net',
      { ...usualEnvelope, helo: text.slice(0, 200) },
      whole,
    );
    assert.match(field, /^Authentication-Results: mx\.example\.net;(?:\r\n\t[ -~]+(?:\r\n\t [ -~]+)*)+\r\n$/);
  },
};

function cuts(length: number, random: Random): number[] {
  const at: number[] = [];
  for (let next = random.below(20); next < length; next += 1 + random.below(40)) at.push(next);
  return at;
}
