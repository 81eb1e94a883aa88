// Whole SMTP dialogues against the server over a connection in memory. Whatever comes: it answers in well-formed lines, stores just
// what it said it took, stores nothing that could be read as two messages, relays for nobody unknown, and gives all memory back. Where
// senders are looked into, just one field of a stored message claims to be our result.
import assert from 'node:assert/strict';
import { bytesToLatin1, concatBytes, utf8ToBytes } from '../../../src/lib/bytes.ts';
import { MessageHeader } from '../../../src/mailauth/message-header.ts';
import { forgedResults } from '../../../src/mailauth/results/forged-results.ts';
import { parseAddresses } from '../../../src/message/addresses.ts';
import { fieldsNamed, fieldValue, scanHeader } from '../../../src/message/header.ts';
import { decodeParsedMessage } from '../../../src/message/kept-message.ts';
import { ScriptedConnection } from '../../support/scripted-connection.ts';
import { ScriptedLookup } from '../../support/scripted-lookup.ts';
import { SmtpWorld } from '../../support/smtp-world.ts';
import type { FuzzTarget } from '../target.ts';

const hello = 'EHLO client.example\r\n';
const mail = 'MAIL FROM:<a@client.example>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n';
const chunked = (parameters = ''): string =>
  `MAIL FROM:<a@client.example>${parameters}\r\nRCPT TO:<bob@example.com>\r\n`;
const claims =
  'Authentication-Results: mx.example.com; spf=pass\r\nDKIM-Signature: v=1; a=rsa-sha256; d=client.example; s=s; h=from; bh=YQ==; b=YQ==\r\nFrom: a@client.example\r\n';
const names = {
  'client.example': ['TXT v=spf1 ip4:198.51.100.9 -all', 'A 198.51.100.9'],
  '_dmarc.client.example': ['TXT v=DMARC1; p=reject; rua=mailto:a@client.example'],
  '9.100.51.198.in-addr.arpa': ['PTR client.example'],
};
const login = 'AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk\r\n';

const own = 'MAIL FROM:<alice@example.com>\r\nRCPT TO:<u@elsewhere.example>\r\nDATA\r\n';

export const target: FuzzTarget = {
  name: 'smtp-session',
  testSteps: 1000,
  seeds: [
    `${hello}${mail}Subject: x\r\n\r\ntext\r\n..\r\n.\r\nQUIT\r\n`,
    `${hello}${mail}a\r\n.\r\n${mail}b\r\n.\r\nRSET\r\nNOOP\r\nHELP\r\nVRFY bob\r\nQUIT\r\n`,
    `${hello}${mail}a\n.\nMAIL FROM:<evil@client.example>\r\n.\r\n${mail}Return-Path: <x>\r\nb\r\n.\r\n`,
    `${hello}MAIL FROM:<>\r\nRCPT TO:<user%elsewhere.example@example.com>\r\nRCPT TO:<@example.com:u@elsewhere.example>\r\nDATA\r\n`,
    `${hello}STARTTLS\r\n${hello}${login}MAIL FROM:<alice@example.com> SIZE=10\r\nRCPT TO:<u@elsewhere.example>\r\nDATA\r\n\r\n.\r\n`,
    `${hello}${login}${own}From: alice@example.com, "x, y" <ALICE+z@Example.com>\r\nBcc: a@b,\r\n c@d\r\n\r\nx\r\n.\r\n${own}.\r\n`,
    `${hello}${login}${own}Sender: alice@example.com\r\nFrom: g: alice@example.com (<u@elsewhere.example>);\r\n\r\n.\r\n`,
    `${hello}AUTH LOGIN\r\nYWxpY2VAZXhhbXBsZS5jb20=\r\nc2VjcmV0IHdvcmQ=\r\nAUTH PLAIN\r\n*\r\n`,
    `${hello}MAIL FROM:<jürgen@bücher.example> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<jörg@example.com>\r\nRCPT TO:<postmaster>\r\nDATA\r\nä\r\n.\r\n`,
    `${hello}${chunked()}BDAT 12\r\nSubject: x\r\nBDAT 6\r\n\r\n.\r\nBDAT 0 LAST\r\nQUIT\r\n`,
    `${hello}${chunked(' BODY=BINARYMIME')}BDAT 8\r\n\0\n\r\n.\r\n\rBDAT 6 LAST\r\nQUIT\r\nNOOP\r\nBDAT 6\r\nQUIT\r\nDATA\r\n`,
    `${hello}${chunked()}BDAT 1500 LAST\r\n${'MAIL FROM:<>\r\n'.repeat(107)}xxBDAT x\r\n${hello}`,
    `${hello}MAIL FROM:<alice@example.com> RET=FULL ENVID=a+2Bb BY=60;RT\r\nRCPT TO:<bob@example.com> NOTIFY=SUCCESS ORCPT=utf-8;j\\x{F6}rg@x\r\nDATA\r\nTLS-Required: No\r\n\r\n.\r\n`,
    `${hello}STARTTLS\r\n${hello}${login}MAIL FROM:<alice@example.com> HOLDFOR=60 MT-PRIORITY=-4 REQUIRETLS\r\nRCPT TO:<bob@example.com> NOTIFY=NEVER\r\nDATA\r\nFrom: alice@example.com\r\n\r\n.\r\n`,
    `${hello}${'NOPE\r\n'.repeat(60)}`,
    `${hello}${mail}${claims}\r\nhello\r\n.\r\n${chunked()}BDAT 30\r\n${claims}`,
    `${hello}${mail}${'x'.repeat(2000)}\r\n.\r\n${mail}${'Received: x\r\n'.repeat(101)}\r\n.\r\n`,
  ].map(utf8ToBytes),
  words: [
    '\r\n.\r\n',
    'DATA\r\n',
    'BDAT 5\r\n',
    'BDAT 10 LAST\r\n',
    ' BODY=BINARYMIME',
    'RSET\r\n',
    'STARTTLS\r\n',
    mail,
    hello,
    login,
    '\n',
    '\r',
    '\0',
    '<>',
    claims,
    own,
    'Bcc: u@elsewhere.example\r\n',
    'Sender: alice@example.com\r\n',
    ' <alice@example.com>',
    'authentication-results: "mx.example.com" 1;',
    'From: <a@other.example>\r\n',
    '@',
  ].map(utf8ToBytes),
  async run(input, random) {
    const submission = random.below(3) === 0;
    const checks = !submission && random.below(2) === 0;
    const policy = {
      dmarc: random.below(2) === 0 ? 'mark' : 'obey',
      spfFail: random.below(2) === 0 ? 'reject' : 'quarantine',
    } as const;
    const world = new SmtpWorld({
      ...(checks && { checks: { lookup: new ScriptedLookup(names), policy } }),
      role: submission ? 'submission' : 'mx',
      maxMessageSize: 1500,
      maxRecipients: 3,
    });
    const connection = new ScriptedConnection('198.51.100.9', submission || random.below(2) === 0);
    const running = world.handler(connection, new AbortController().signal);
    const step = random.below(3) === 0 ? 1 + random.below(8) : input.length;
    for (let at = 0; at < input.length; at += step) connection.feed(input.subarray(at, at + step));
    await connection.idle();
    connection.feedEnd();
    await running;
    const sent = bytesToLatin1(connection.takeSent());
    assert.match(sent, /^220 [ -~]+\r\n(?:[2-5]\d\d[ -][ -~]*\r\n)*$/);
    const taken = sent.match(/^250 2\.0\.0 Message taken/gm)?.length ?? 0;
    assert.equal(world.messages.length, taken);
    assert.equal(world.memory.used, 0);
    for (const report of world.notices) {
      // What a sender wrote stands in it, and ends no line of it.
      assert.match(bytesToLatin1(concatBytes(report.content)), /^(?:[^\r\n\0]*\r\n)+$/);
      assert.equal(report.envelope.reversePath, undefined);
    }
    for (const message of world.messages) {
      const octets = concatBytes(message.content);
      const content = bytesToLatin1(octets);
      assert.equal(forgedResults(new MessageHeader(octets), 'mx.example.com').length, checks ? 1 : 0);
      if (checks)
        assert.match(
          content,
          /^Return-Path: [^]*?\nReceived: [^\n]*\n(?:[\t ][^\n]*\n)*Authentication-Results: mx\.example\.com;\r\n/,
        );
      const delivered = message.destinations.some(({ kind }) => kind === 'mailbox');
      const kept = message.parsed === undefined ? undefined : decodeParsedMessage(message.parsed);
      // What is held may still come into a mailbox.
      const held = message.envelope.terms?.releaseAt !== undefined;
      const size = kept?.ok === true ? kept.value.size : undefined;
      if (!held || size !== undefined) assert.equal(size, delivered || held ? octets.length : undefined);
      if (message.envelope.binary !== true) assert.doesNotMatch(content, /\r(?!\n)|(?<!\r)\n|\0/);
      assert.match(content, /^(?:Return-Path: <[^\r\n]*>\r\n)?Received: from [^\r\n]+\r\n/);
      assert.ok(message.destinations.length > 0);
      for (const destination of message.destinations)
        assert.ok(destination.kind === 'mailbox' || submission, 'relayed for a stranger');
      if (submission) assertOwnHeader(octets);
    }
  },
};

/** Of our users' mail: it is from one of them, has what a message must have, and tells nobody of blind copies. */
function assertOwnHeader(octets: Uint8Array): void {
  const header = scanHeader(octets);
  const count = (name: string): number => fieldsNamed(header, name).length;
  assert.equal(count('From'), 1);
  assert.ok(count('Sender') <= 1 && count('Date') > 0 && count('Message-ID') > 0);
  assert.equal(count('Bcc') + count('Resent-Bcc'), 0);
  for (const field of [...fieldsNamed(header, 'From'), ...fieldsNamed(header, 'Sender')]) {
    const named = parseAddresses(fieldValue(octets, field), 100).flatMap((each) =>
      each.kind === 'mailbox' ? [each] : each.members,
    );
    assert.ok(named.length > 0 && named.every(({ domain }) => /^example\.com$/i.test(domain)));
  }
}
