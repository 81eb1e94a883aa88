// What the checks of mail do at the door: their fields, refusals, mailboxes and reports, and that nothing of them is left behind.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ed25519TestKey } from '../../../test/support/mail-auth.ts';
import { ScriptedLookup } from '../../../test/support/scripted-lookup.ts';
import type { ScriptedNames } from '../../../test/support/scripted-lookup.ts';
import { dialogueOf, sendMail, SmtpTalk } from '../../../test/support/smtp-talk.ts';
import { SmtpWorld } from '../../../test/support/smtp-world.ts';
import { concatBytes, utf8ToBytes } from '../../lib/bytes.ts';
import { silentLog } from '../../lib/log.ts';
import type { Log } from '../../lib/log.ts';
import { signDkim } from '../../mailauth/dkim/sign-dkim.ts';
import { decodeParsedMessage } from '../../message/kept-message.ts';
import type { MailCheckPolicy } from '../session/mail-checks.ts';

const key = ed25519TestKey();

const names: ScriptedNames = {
  'example.net': ['TXT v=spf1 ip4:192.0.2.1 -all exp=why.example.net'],
  'why.example.net': ['TXT %{i} is not one of ours\\: see https://example.net/why'.replace('\\', '')],
  '_dmarc.example.net': ['TXT v=DMARC1; p=reject; rua=mailto:reports@example.net'],
  's1._domainkey.example.net': [`TXT ${key.record}`],
  'quiet.example': ['TXT v=spf1 -all'],
  '_dmarc.quiet.example': ['TXT v=DMARC1; p=quarantine'],
  'plain.example': ['TXT v=spf1 -all'],
  '1.2.0.192.in-addr.arpa': ['PTR client.example.net'],
  'client.example.net': ['A 192.0.2.1'],
  '5.2.0.192.in-addr.arpa': ['PTR elsewhere.example.net'],
  '6.2.0.192.in-addr.arpa': ['FAILURE'],
  'broken.example': ['FAILURE'],
  '_dmarc.broken.example': ['FAILURE'],
};

function worldOf(policy: Partial<MailCheckPolicy> = {}): SmtpWorld {
  return new SmtpWorld({ checks: { lookup: new ScriptedLookup(names), policy, exempt: ['203.0.113.1'] } });
}

const text = (from: string): string => `From: ${from}\nSubject: hi\n\nhello\n`;

/** The header section without the fields that the message came with. */
function topOf(stored: string | undefined): string {
  return stored?.slice(0, stored.indexOf('From: ')) ?? '';
}

test('a proven message gets its field under Return-Path and Received, and forged ones go', async () => {
  const world = worldOf();
  const body = 'From: Joe <joe@example.net>\r\nSubject: hi\r\n\r\nhello\r\n';
  const octets = utf8ToBytes(body);
  const seal = signDkim([octets], [{ domain: 'example.net', selector: 's1', key: key.key }], 0);
  const forged = 'Authentication-Results: MX.example.com;\r\n spf=pass smtp.mailfrom=bank.example\r\n';
  const other = 'Authentication-Results: mx.example.org; spf=fail\r\n';
  const { said, stored } = await sendMail(world, { message: `${seal}${forged}${other}${body}` });
  assert.match(said, /250 2\.0\.0 Message taken/);
  const mark = /b=([^\s;]{8})/.exec(seal.replaceAll(/\bbh=/g, ''))?.[1] ?? '';
  assert.match(
    stored ?? '',
    new RegExp(
      `^Return-Path: <joe@example\\.net>\\r
Received: [^]*?\\r
Authentication-Results: mx\\.example\\.com;\\r
\\tiprev=pass policy\\.iprev=192\\.0\\.2\\.1 \\(client\\.example\\.net\\);\\r
\\tspf=pass smtp\\.mailfrom=joe@example\\.net;\\r
\\tdkim=pass[^]*header\\.d=example\\.net[^]*header\\.s=s1[^]*header\\.a=ed25519-sha256[^]*header\\.b=[^]*;\\r
\\tdmarc=pass \\(p=reject dis=none\\) header\\.from=example\\.net\\r
DKIM-Signature: `,
    ),
  );
  assert.ok(mark !== '' && stored?.includes(mark));
  assert.ok(stored?.endsWith(`${other}${body}`) && !stored.includes('bank.example'));
  const s2 = world.steps.find(({ step }) => step === 'S2');
  assert.match(
    s2?.text ?? '',
    /bob@example\.com is an address of this server\. SPF pass: 192\.0\.2\.1 matches 'ip4:192\.0\.2\.1' of example\.net\. DKIM pass for example\.net: 256-bit key\. DMARC pass: DKIM and SPF speak for example\.net\. Reverse DNS pass: /,
  );
  assert.deepEqual([s2?.detail?.['spf'], s2?.detail?.['dkim']], ['pass', ['pass example.net']]);
  assert.deepEqual(
    world.reports.map(({ disposition, dkimAligned, spfAligned, source }) => [
      disposition,
      dkimAligned,
      spfAligned,
      source,
    ]),
    [['none', true, true, '192.0.2.1']],
  );
});

test('content in chunks is checked as it comes, wherever it is cut', async () => {
  const body = 'From: Joe <joe@example.net>\r\n\r\nhello\r\nworld\r\n';
  const seal = signDkim([utf8ToBytes(body)], [{ domain: 'example.net', selector: 's1', key: key.key }], 0);
  const message = `${seal}${body}`;
  for (const at of [1, seal.length - 1, seal.length + 30, message.length - 8, message.length]) {
    const world = worldOf();
    const talk = new SmtpTalk(world);
    const [first, last] = [message.slice(0, at), message.slice(at)];
    await talk.say('EHLO x\r\nMAIL FROM:<joe@example.net>\r\nRCPT TO:<bob@example.com>\r\n');
    await talk.say(`BDAT ${first.length}\r\n${first}`);
    assert.match(await talk.say(`BDAT ${last.length} LAST\r\n${last}`), /250 2\.0\.0 Message taken/);
    assert.deepEqual(
      world.reports.map(({ dkim, dkimAligned }) => [dkim[0]?.result, dkimAligned]),
      [['pass', true]],
      `cut at ${at}`,
    );
    talk.connection.feedEnd();
    await talk.running;
  }
});

test('what is stored is what was parsed: places fit the octets with our fields', async () => {
  const world = worldOf();
  await sendMail(world, { message: text('joe@example.net') });
  const [message] = world.messages;
  assert.ok(message?.parsed);
  const kept = decodeParsedMessage(message.parsed);
  assert.ok(kept.ok);
  const octets = concatBytes(message.content);
  assert.equal(kept.value.size, octets.length);
  const { bodyStart, end } = kept.value.root;
  assert.equal(Buffer.from(octets.subarray(bodyStart, end)).toString(), 'hello\r\n');
});

test('a message beyond the bounds of reading is taken all the same, and the log says what was cut', async () => {
  const told: unknown[] = [];
  const log: Log = { ...silentLog, info: (event, fields) => void told.push([event, fields?.['limits']]) };
  const world = new SmtpWorld({ log });
  const deep = 'Content-Type: message/rfc822\n\n'.repeat(60);
  const { said } = await sendMail(world, { message: `${deep}text\n` });
  assert.match(said, /250 2\.0\.0 Message taken/);
  assert.deepEqual(told.at(-1), ['message accepted', ['depth']]);
});

const from = '192.0.2.5';

describe('what is done with mail that fails', () => {
  const cases: readonly (readonly [
    what: string,
    policy: Partial<MailCheckPolicy>,
    ip: string,
    mailFrom: string,
    author: string,
    reply: RegExp,
    mailboxes: string,
  ])[] = [
    [
      'DMARC asks for reject',
      {},
      from,
      '<joe@example.net>',
      'joe@example.net',
      /550 5\.7\.26 Nothing proves that example\.net sent this/,
      '',
    ],
    [
      '… and we only quarantine',
      { dmarc: 'quarantine' },
      from,
      '<joe@example.net>',
      'joe@example.net',
      /250 2\.0\.0 M/,
      'Inbox Junk',
    ],
    [
      '… and we only mark',
      { dmarc: 'mark' },
      from,
      '<joe@example.net>',
      'joe@example.net',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
    [
      'DMARC asks for quarantine: where there is a mailbox for it',
      {},
      from,
      '<joe@quiet.example>',
      'joe@quiet.example',
      /250 2\.0\.0 M/,
      'Inbox Junk',
    ],
    [
      '… of another name',
      { quarantineMailbox: 'Spam' },
      from,
      '<joe@quiet.example>',
      'joe@quiet.example',
      /250 2\.0\.0 M/,
      'Spam Inbox',
    ],
    [
      'SPF fails and nobody asks',
      {},
      from,
      '<joe@plain.example>',
      'joe@plain.example',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
    [
      'SPF fails and is quarantined',
      { spfFail: 'quarantine' },
      from,
      '<joe@plain.example>',
      'joe@plain.example',
      /250 2\.0\.0 M/,
      'Inbox Junk',
    ],
    [
      'SPF fails and is refused',
      { spfFail: 'reject' },
      from,
      '<joe@plain.example>',
      'joe@plain.example',
      /\r\n550 5\.7\.23 plain\.example doesn't let 192\.0\.2\.5 send its mail\.\r\n550/,
      '',
    ],
    [
      '… with an explanation',
      { spfFail: 'reject' },
      from,
      '<joe@example.net>',
      'joe@example.net',
      /\r\n550 5\.7\.23 example\.net doesn't let 192\.0\.2\.5 send its mail, and explains: 192\.0\.2\.5 is not one of ours: see https:\/\/example\.net\/why\r\n/,
      '',
    ],
    [
      '… and passes',
      { spfFail: 'reject' },
      '192.0.2.1',
      '<joe@example.net>',
      'joe@example.net',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
    [
      'no name leads back',
      { iprevFail: 'reject' },
      from,
      '<joe@plain.example>',
      'joe@plain.example',
      /\r\n550 5\.7\.25 192\.0\.2\.5 has no name that leads back to it\.\r\n/,
      '',
    ],
    [
      'no name at all',
      { iprevFail: 'reject' },
      '198.51.100.1',
      '<joe@plain.example>',
      'joe@plain.example',
      /\r\n550 5\.7\.25 /,
      '',
    ],
    [
      'the name leads back',
      { iprevFail: 'reject' },
      '192.0.2.1',
      '<joe@example.net>',
      'joe@example.net',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
    [
      'the null sender is checked by its HELO name',
      { spfFail: 'reject' },
      from,
      '<>',
      'joe@plain.example',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
    [
      'DNS fails, and mail is taken',
      {},
      '192.0.2.6',
      '<joe@broken.example>',
      'joe@broken.example',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
    [
      'DNS fails, and mail comes again',
      { temporary: 'defer' },
      '192.0.2.6',
      '<joe@broken.example>',
      'joe@broken.example',
      /451 4\.7\.1 Whether broken\.example sent this can't be found out now/,
      '',
    ],
    [
      '… at RCPT for SPF',
      { temporary: 'defer', spfFail: 'reject' },
      '192.0.2.6',
      '<joe@broken.example>',
      'joe@broken.example',
      /\r\n451 4\.7\.24 /,
      '',
    ],
    [
      '… at RCPT for reverse DNS',
      { temporary: 'defer', iprevFail: 'reject' },
      '192.0.2.6',
      '<joe@plain.example>',
      'joe@plain.example',
      /\r\n451 4\.7\.25 /,
      '',
    ],
    [
      '… but not where it decides nothing',
      { temporary: 'defer', dmarc: 'mark' },
      '192.0.2.6',
      '<joe@broken.example>',
      'joe@broken.example',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
    [
      'our own hosts are not asked',
      { spfFail: 'reject', iprevFail: 'reject' },
      '203.0.113.1',
      '<joe@example.net>',
      'joe@example.net',
      /250 2\.0\.0 M/,
      'Inbox Inbox',
    ],
  ];
  for (const [what, policy, ip, mailFrom, author, wanted, mailboxes] of cases) {
    test(what, async () => {
      const world = worldOf(policy);
      world.mailboxes.add('2 Junk').add('1 Spam');
      const to = ['<alice@example.com>', '<bob@example.com>'];
      const { said } = await sendMail(world, { ip, from: mailFrom, to, message: text(author) });
      assert.match(said, wanted);
      const stored = world.messages.flatMap(({ destinations }) =>
        destinations.map((destination) => (destination.kind === 'mailbox' ? destination.mailbox : 'relay')),
      );
      assert.equal(stored.join(' '), mailboxes);
      assert.equal(world.memory.used, 0);
    });
  }
});

test('the field says what was done, and so does the report of a refused message', async () => {
  const marked = worldOf({ dmarc: 'mark' });
  const { stored } = await sendMail(marked, { ip: from, message: text('joe@example.net') });
  assert.match(topOf(stored), /dmarc=fail \(p=reject dis=none\) header\.from=example\.net\r\n$/);
  assert.deepEqual([marked.reports[0]?.disposition, marked.reports[0]?.override], ['none', 'local_policy']);
  const obeyed = worldOf();
  await sendMail(obeyed, { ip: from, message: text('joe@example.net') });
  assert.deepEqual([obeyed.reports[0]?.disposition, obeyed.reports[0]?.override], ['reject', undefined]);
  assert.deepEqual(
    obeyed.steps.map(({ step, ok }) => `${step} ${ok}`),
    ['S1 true', 'S2 true', 'S3 false'],
  );
  assert.match(
    obeyed.steps[2]?.text ?? '',
    /^Refused \d+ octets from joe@example\.net to bob@example\.com: 550 5\.7\.26 /,
  );
});

test('the log tells what was found of a message that was taken', async () => {
  const told: unknown[] = [];
  const log: Log = { ...silentLog, info: (event, fields) => void told.push({ event, ...fields }) };
  const world = new SmtpWorld({ log, checks: { lookup: new ScriptedLookup(names) } });
  await sendMail(world, { message: text('joe@example.net') });
  const { event, spf, dkim, dmarc, iprev } = told.at(-1) as Record<string, unknown>;
  assert.deepEqual([event, spf, dkim, dmarc, iprev], ['message accepted', 'pass', ['none'], 'pass', 'pass']);
});

test('a message that the store refuses is in no report', async () => {
  const world = worldOf();
  world.faults.accept = 'full';
  const { said } = await sendMail(world, { message: text('joe@example.net') });
  assert.match(said, /452 4\.3\.1/);
  assert.deepEqual(world.reports, []);
});

test('a store that does not know its mailboxes is a temporary error', async () => {
  const world = worldOf();
  const talk = new SmtpTalk(world, from);
  await talk.say(dialogueOf({ from: '<joe@quiet.example>', message: '' }).slice(0, -'.\r\n'.length));
  world.faults.route = 'broken';
  assert.match(await talk.say('From: joe@quiet.example\r\n\r\n.\r\n'), /^451 4\.3\.0 /);
  assert.equal(world.messages.length, 0);
});

test('our own users are not looked into, and nobody else where there are no checks', async () => {
  const lookup = new ScriptedLookup(names);
  const world = new SmtpWorld({ role: 'submission', checks: { lookup } });
  const talk = new SmtpTalk(world, from, true);
  await talk.say('EHLO x\r\nMAIL FROM:<alice@example.com>\r\nRSET\r\n');
  const { stored } = await sendMail(new SmtpWorld(), { ip: from, message: text('joe@example.net') });
  assert.deepEqual(lookup.asked, []);
  assert.doesNotMatch(stored ?? '', /Authentication-Results/);
});
