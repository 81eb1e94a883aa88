import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToUtf8, latin1ToBytes, utf8ToBytes } from '../lib/bytes.ts';
import { assertGolden } from '../../test/support/golden.ts';
import { formatDsn } from './dsn.ts';
import type { Dsn } from './dsn.ts';

const base: Dsn = {
  id: '01k5x7aq2b3c4d5e',
  date: Date.UTC(2026, 10, 23, 16, 4, 5),
  hostname: 'mx.example.com',
  to: { localPart: 'alice', domain: 'example.com' },
  arrivedAt: Date.UTC(2026, 10, 23, 16, 4, 1),
  recipients: [
    {
      recipient: { localPart: 'bob', domain: 'example.org' },
      action: 'failed',
      status: '5.1.1',
      remote: 'mx.example.org',
      reply: '550 5.1.1 There is no mailbox of that name here',
      text: 'mx.example.org refused this recipient.',
    },
  ],
  originalHeader: latin1ToBytes(
    'Received: from client (unknown) by mx.example.com with ESMTPSA;\r\n Mon, 23 Nov 2026 16:04:01 +0000\r\n' +
      'From: alice@example.com\r\nTo: bob@example.org\r\nSubject: Lunch\r\n',
  ),
  utf8: false,
};

const several: Dsn = {
  ...base,
  recipients: [
    ...base.recipients,
    {
      recipient: { localPart: 'two words', domain: 'example.net' },
      action: 'failed',
      status: '5.4.7',
      remote: undefined,
      reply: undefined,
      text: 'It was tried for 5 days and is now given up. The last attempt: mx.example.net (192.0.2.7:25): No connection came about within 30 s.',
    },
    {
      recipient: { localPart: 'carol', domain: 'example.org' },
      action: 'failed',
      status: '5.3.4',
      remote: 'mx.example.org',
      reply: `552 5.3.4 ${'This message is larger than we take here. '.repeat(8).trim()}`,
      text: 'mx.example.org refused the message.',
    },
  ],
};

const golden: readonly (readonly [file: string, dsn: Dsn, eightBit: boolean, utf8: boolean])[] = [
  ['refused.eml', base, false, false],
  ['several.eml', several, false, false],
  [
    'utf8-address.eml',
    {
      ...base,
      utf8: true,
      recipients: [
        {
          recipient: { localPart: 'jürgen', domain: 'xn--mller-kva.example' },
          action: 'failed',
          status: '5.6.7',
          remote: 'mx.example.org',
          reply: undefined,
          text: 'The address has letters (SMTPUTF8) that mx.example.org does not know.',
        },
      ],
      originalHeader: utf8ToBytes(
        'From: alice@example.com\r\nTo: jürgen@müller.example\r\nSubject: Grüße\r\n',
      ),
    },
    true,
    true,
  ],
  [
    'eight-bit-header.eml',
    { ...base, originalHeader: latin1ToBytes('Subject: Gr\u00fc\u00dfe\r\n') },
    true,
    false,
  ],
];

describe('delivery status notification (RFC 3464)', () => {
  for (const [file, dsn, eightBit, utf8] of golden) {
    test(`as in test/golden/dsn/${file}`, () => {
      const made = formatDsn(dsn);
      assertGolden(`dsn/${file}`, made.content);
      assert.deepEqual([made.eightBit, made.utf8], [eightBit, utf8]);
    });
  }

  for (const [file, dsn] of golden) {
    test(`${file} has only CRLF line ends, short lines, and three parts`, () => {
      const text = bytesToUtf8(formatDsn(dsn).content);
      assert.doesNotMatch(text, /\r(?!\n)|(?<!\r)\n|\0/);
      for (const line of text.split('\r\n')) assert.ok(line.length <= 200, line);
      assert.equal(text.match(/^--=_01k5x7aq2b3c4d5e_report\r$/gm)?.length, 3);
      assert.ok(text.endsWith('\r\n--=_01k5x7aq2b3c4d5e_report--\r\n'));
    });
  }

  test('the fields for programs stay ASCII where the notification is not UTF-8 (RFC 3464 §2.1)', () => {
    const [first] = base.recipients;
    assert.ok(first);
    const made = formatDsn({ ...base, recipients: [{ ...first, reply: '550 5.1.1 kein Bär hier' }] });
    const text = bytesToUtf8(made.content);
    assert.match(text, /Diagnostic-Code: smtp; 550 5\.1\.1 kein B\?r hier\r\n/);
    assert.match(text, /kein Bär hier/);
    assert.deepEqual([made.eightBit, made.utf8], [true, false]);
  });

  test('a reply of a hostile server is bounded, and can not break out of its field', () => {
    const [first] = base.recipients;
    assert.ok(first);
    const reply = `550 ${'x'.repeat(200_000)}\r\nStatus: 2.0.0`;
    const text = bytesToUtf8(formatDsn({ ...base, recipients: [{ ...first, reply }] }).content);
    assert.ok(text.length < 6000, `${text.length} characters`);
    assert.equal(text.match(/^Status: /gm)?.length, 1);
  });
});
