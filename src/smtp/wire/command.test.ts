import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand } from './command.ts';

function path(localPart: string, domain: string, more: object = {}): object {
  return { address: { localPart, domain }, utf8: false, sourceRoute: [], ...more };
}

const none = {};
const a = path('a', 'example.com');

const commands: readonly (readonly [string, object])[] = [
  ['EHLO mail.example.com', { verb: 'EHLO', client: { text: 'mail.example.com', wellFormed: true } }],
  ['ehlo Mail.Example.COM  ', { verb: 'EHLO', client: { text: 'mail.example.com', wellFormed: true } }],
  ['EHLO [192.0.2.1]', { verb: 'EHLO', client: { text: '[192.0.2.1]', wellFormed: true } }],
  ['EHLO [IPv6:2001:DB8::1]', { verb: 'EHLO', client: { text: '[IPv6:2001:db8::1]', wellFormed: true } }],
  ['HELO bücher.example', { verb: 'HELO', client: { text: 'xn--bcher-kva.example', wellFormed: true } }],
  ['EHLO my_printer', { verb: 'EHLO', client: { text: 'my_printer', wellFormed: false } }],
  ['EHLO host.example.', { verb: 'EHLO', client: { text: 'host.example.', wellFormed: false } }],
  ['EHLO 2001:db8::1', { verb: 'EHLO', client: { text: '2001:db8::1', wellFormed: false } }],
  ['MAIL FROM:<a@example.com>', { verb: 'MAIL', reversePath: a, parameters: none }],
  ['mail from: <a@example.com> ', { verb: 'MAIL', reversePath: a, parameters: none }],
  ['MAIL FROM:<>', { verb: 'MAIL', reversePath: undefined, parameters: none }],
  ['MAIL FROM:<> SIZE=0', { verb: 'MAIL', reversePath: undefined, parameters: { ...none, size: 0 } }],
  [
    'MAIL FROM:<a@example.com> size=1000  body=8bitmime SMTPUTF8 auth=<>',
    {
      verb: 'MAIL',
      reversePath: a,
      parameters: { size: 1000, body: '8BITMIME', smtpUtf8: true, submitter: 'none' },
    },
  ],
  [
    'MAIL FROM:<a@example.com> AUTH=e+3Dmc2@example.com',
    {
      verb: 'MAIL',
      reversePath: a,
      parameters: { ...none, submitter: { localPart: 'e=mc2', domain: 'example.com' } },
    },
  ],
  [
    'MAIL FROM:<a@example.com> SIZE=99999999999999999999',
    { verb: 'MAIL', reversePath: a, parameters: { ...none, size: 1e20 } },
  ],
  ['RCPT TO:<a@example.com>', { verb: 'RCPT', forwardPath: { kind: 'path', path: a }, parameters: {} }],
  [
    'RCPT TO:<@relay.example:a@example.com>',
    {
      verb: 'RCPT',
      forwardPath: { kind: 'path', path: path('a', 'example.com', { sourceRoute: ['relay.example'] }) },
      parameters: {},
    },
  ],
  [
    'RCPT TO:<ä@example.com>',
    {
      verb: 'RCPT',
      forwardPath: { kind: 'path', path: path('ä', 'example.com', { utf8: true }) },
      parameters: {},
    },
  ],
  [
    'MAIL FROM:<> ret=hdrs ENVID=a+2Bb+20c REQUIRETLS BY=3600;nt HOLDFOR=60 MT-PRIORITY=-4',
    {
      verb: 'MAIL',
      reversePath: undefined,
      parameters: {
        returns: 'headers',
        envelopeId: 'a+b c',
        requireTls: true,
        deliverBy: { seconds: 3600, mode: 'notify', trace: true },
        holdFor: 60,
        priority: -4,
      },
    },
  ],
  [
    'MAIL FROM:<> RET=FULL BY=+1;R HOLDUNTIL=2027-01-31T13:00:00+01:00 MT-PRIORITY=0',
    {
      verb: 'MAIL',
      reversePath: undefined,
      parameters: {
        returns: 'full',
        deliverBy: { seconds: 1, mode: 'return', trace: false },
        holdUntil: Date.UTC(2027, 0, 31, 12),
        priority: 0,
      },
    },
  ],
  [
    'MAIL FROM:<> BY=-60;N',
    {
      verb: 'MAIL',
      reversePath: undefined,
      parameters: { deliverBy: { seconds: -60, mode: 'notify', trace: false } },
    },
  ],
  [
    'RCPT TO:<a@example.com> NOTIFY=never',
    {
      verb: 'RCPT',
      forwardPath: { kind: 'path', path: a },
      parameters: { notify: 'none' },
    },
  ],
  [
    'RCPT TO:<a@example.com> NOTIFY=DELAY,Success ORCPT=RFC822;b+2Bc@example.org',
    {
      verb: 'RCPT',
      forwardPath: { kind: 'path', path: a },
      parameters: {
        notify: ['delay', 'success'],
        originalRecipient: { type: 'rfc822', address: 'b+c@example.org' },
      },
    },
  ],
  [
    'RCPT TO:<a@example.com> ORCPT=utf-8;j\\x{F6}rg@b\u00fccher.example',
    {
      verb: 'RCPT',
      forwardPath: { kind: 'path', path: a },
      parameters: { originalRecipient: { type: 'utf-8', address: 'j\u00f6rg@b\u00fccher.example' } },
    },
  ],
  ['RCPT TO:<postMaster>', { verb: 'RCPT', forwardPath: { kind: 'postmaster' }, parameters: {} }],
  ['DATA', { verb: 'DATA' }],
  ['data\t', { verb: 'DATA' }],
  ['RSET', { verb: 'RSET' }],
  ['NOOP', { verb: 'NOOP' }],
  ['NOOP whatever you like', { verb: 'NOOP' }],
  ['QUIT', { verb: 'QUIT' }],
  ['VRFY a', { verb: 'VRFY', what: 'a' }],
  ['HELP', { verb: 'HELP', topic: undefined }],
  ['HELP MAIL', { verb: 'HELP', topic: 'MAIL' }],
  ['STARTTLS', { verb: 'STARTTLS' }],
  ['AUTH plain', { verb: 'AUTH', mechanism: 'PLAIN', initial: undefined }],
  ['AUTH PLAIN =', { verb: 'AUTH', mechanism: 'PLAIN', initial: '=' }],
  ['AUTH PLAIN AGEAYg==', { verb: 'AUTH', mechanism: 'PLAIN', initial: 'AGEAYg==' }],
  ['EXPN list', { verb: 'unsupported', name: 'EXPN' }],
  ['BDAT 100 LAST', { verb: 'BDAT', size: 100, last: true }],
  ['bdat 0  last ', { verb: 'BDAT', size: 0, last: true }],
  ['BDAT 999999999999999', { verb: 'BDAT', size: 999_999_999_999_999, last: false }],
  [
    'MAIL FROM:<> BODY=binarymime',
    { verb: 'MAIL', reversePath: undefined, parameters: { ...none, body: 'BINARYMIME' } },
  ],
  ['GET / HTTP/1.1', { verb: 'foreign', name: 'GET' }],
];

for (const [line, value] of commands) {
  test(`command: ${line}`, () => assert.deepEqual(parseCommand(line), { ok: true, value }));
}

const refused: readonly (readonly [string, string])[] = [
  ['', 'unknown'],
  [' NOOP', 'unknown'],
  ['HELLO there', 'unknown'],
  ['MAILFROM:<a@example.com>', 'unknown'],
  ['NO\u0007OP', 'unknown'],
  ['NOOP \u007f', 'unknown'],
  ['EHLO', 'syntax'],
  ['EHLO a b', 'syntax'],
  ['EHLO (comment)', 'syntax'],
  ['EHLO a;b', 'syntax'],
  ['EHLO "x"', 'syntax'],
  [`EHLO ${'x_'.repeat(200)}`, 'syntax'],
  ['DATA now', 'syntax'],
  ['RSET x', 'syntax'],
  ['BDAT', 'chunk'],
  ['BDAT LAST', 'chunk'],
  ['BDAT -1', 'chunk'],
  ['BDAT 1 2', 'chunk'],
  ['BDAT 1 LAST LAST', 'chunk'],
  ['BDAT 0x10', 'chunk'],
  ['BDAT 1000000000000000', 'chunk'],
  ['QUIT x', 'syntax'],
  ['STARTTLS x', 'syntax'],
  ['VRFY', 'syntax'],
  ['MAIL', 'syntax'],
  ['MAIL <a@example.com>', 'syntax'],
  ['MAIL FROM', 'syntax'],
  ['MAIL FROM <a@example.com>', 'syntax'],
  ['MAIL TO:<a@example.com>', 'syntax'],
  ['MAIL FROM:a@example.com', 'sender'],
  ['MAIL FROM:<a>', 'sender'],
  ['MAIL FROM:<a@example.com', 'sender'],
  ['MAIL FROM:<postmaster>', 'sender'],
  ['MAIL FROM:<a@example.com>SIZE=1', 'syntax'],
  ['MAIL FROM:<a@example.com> SIZE=1 SIZE=2', 'syntax'],
  ['MAIL FROM:<a@example.com> =1', 'syntax'],
  ['MAIL FROM:<a@example.com> SIZE=1=2', 'syntax'],
  [`MAIL FROM:<a@example.com>${' X=1'.repeat(21)}`, 'syntax'],
  ['MAIL FROM:<a@example.com> SIZE', 'value'],
  ['MAIL FROM:<a@example.com> SIZE=-1', 'value'],
  ['MAIL FROM:<a@example.com> SIZE=999999999999999999999', 'value'],
  ['MAIL FROM:<a@example.com> BODY', 'value'],
  ['MAIL FROM:<a@example.com> BODY=16BITMIME', 'value'],
  ['MAIL FROM:<a@example.com> SMTPUTF8=yes', 'value'],
  ['MAIL FROM:<a@example.com> AUTH', 'value'],
  ['MAIL FROM:<a@example.com> AUTH=nobody', 'value'],
  ['MAIL FROM:<a@example.com> AUTH=a+4@example.com', 'value'],
  ['MAIL FROM:<a@example.com> AUTH=+FF@example.com', 'value'],
  ['MAIL FROM:<a@example.com> NOTIFY=NEVER', 'parameter'],
  ['MAIL FROM:<a@example.com> RET', 'value'],
  ['MAIL FROM:<a@example.com> RET=ALL', 'value'],
  ['MAIL FROM:<a@example.com> ENVID', 'value'],
  ['MAIL FROM:<a@example.com> ENVID=a+4@', 'value'],
  ['MAIL FROM:<a@example.com> ENVID=a+0D+0Ab', 'value'],
  ['MAIL FROM:<a@example.com> ENVID=a+C3+A4', 'value'],
  [`MAIL FROM:<a@example.com> ENVID=${'x'.repeat(101)}`, 'value'],
  ['MAIL FROM:<a@example.com> REQUIRETLS=yes', 'value'],
  ['MAIL FROM:<a@example.com> BY=3600', 'value'],
  ['MAIL FROM:<a@example.com> BY=3600;X', 'value'],
  ['MAIL FROM:<a@example.com> BY=0;R', 'value'],
  ['MAIL FROM:<a@example.com> BY=-5;RT', 'value'],
  ['MAIL FROM:<a@example.com> BY=1234567890;N', 'value'],
  ['MAIL FROM:<a@example.com> HOLDFOR=0', 'value'],
  ['MAIL FROM:<a@example.com> HOLDFOR=-1', 'value'],
  ['MAIL FROM:<a@example.com> HOLDFOR=1234567890', 'value'],
  ['MAIL FROM:<a@example.com> HOLDUNTIL=tomorrow', 'value'],
  ['MAIL FROM:<a@example.com> HOLDUNTIL=2027-13-01T00:00:00Z', 'value'],
  ['MAIL FROM:<a@example.com> HOLDUNTIL=2027-01-01T00:00:00', 'value'],
  ['MAIL FROM:<a@example.com> MT-PRIORITY=10', 'value'],
  ['MAIL FROM:<a@example.com> MT-PRIORITY=-0', 'value'],
  ['MAIL FROM:<a@example.com> MT-PRIORITY=+1', 'value'],
  ['RCPT', 'syntax'],
  ['RCPT FROM:<a@example.com>', 'syntax'],
  ['RCPT TO:<>', 'recipient'],
  ['RCPT TO:<a>', 'recipient'],
  ['RCPT TO:<a@b@c>', 'recipient'],
  ['RCPT TO:<a@example.com> SIZE=1', 'parameter'],
  ['RCPT TO:<a@example.com> NOTIFY', 'value'],
  ['RCPT TO:<a@example.com> NOTIFY=NEVER,DELAY', 'value'],
  ['RCPT TO:<a@example.com> NOTIFY=DELAY,DELAY', 'value'],
  ['RCPT TO:<a@example.com> NOTIFY=DELAY,', 'value'],
  ['RCPT TO:<a@example.com> NOTIFY=ALWAYS', 'value'],
  ['RCPT TO:<a@example.com> ORCPT=a@example.com', 'value'],
  ['RCPT TO:<a@example.com> ORCPT=rfc822;', 'value'],
  ['RCPT TO:<a@example.com> ORCPT=rfc822;a+0D+0AX:+20y', 'value'],
  ['RCPT TO:<a@example.com> ORCPT=rfc822;+C3+A4@example.com', 'value'],
  ['RCPT TO:<a@example.com> ORCPT=utf-8;\\x{D800}@example.com', 'value'],
  ['RCPT TO:<a@example.com> ORCPT=utf-8;\\x{0A}@example.com', 'value'],
  [`RCPT TO:<a@example.com> ORCPT=rfc822;${'x'.repeat(500)}`, 'value'],
  ['RCPT TO:<postmaster>x', 'syntax'],
  ['AUTH', 'syntax'],
  ['AUTH PLAIN a b', 'syntax'],
  ['AUTH a.b', 'syntax'],
  [`AUTH ${'A'.repeat(21)}`, 'syntax'],
];

for (const [line, kind] of refused) {
  test(`no command: ${JSON.stringify(line.slice(0, 60))}`, () => {
    const parsed = parseCommand(line);
    assert.ok(!parsed.ok, JSON.stringify(parsed));
    assert.equal(parsed.fault.kind, kind, parsed.fault.reason);
    assert.match(parsed.fault.reason, /^[A-Z][ -~]+\.$/, 'the reason is a sentence in ASCII');
  });
}

test('hostile lines are read in time that grows with their length alone', () => {
  const starts = [
    '',
    'NOOP',
    'MAIL FROM:<',
    'MAIL FROM:<a@b> ',
    'MAIL FROM:<> AUTH=',
    'RCPT TO:<"',
    'EHLO ',
    'AUTH x ',
  ];
  const units = [' ', '\t', 'a', '=', '"', '\\', '@a,', 'a.', '<', 'é', ' A=b', '+3D', 'a ', '[', '%'];
  for (const start of starts) {
    for (const unit of units) {
      for (const end of ['', 'x', '>', ' x', '=']) {
        const line = start + unit.repeat(12_000 / unit.length) + end;
        const before = process.cpuUsage();
        parseCommand(line);
        const { user } = process.cpuUsage(before);
        // Quadratic work on 12,000 characters takes 70 ms and more; linear work less than one.
        assert.ok(user < 40_000, `${user} µs for ${JSON.stringify(line.slice(0, 40))}`);
      }
    }
  }
});
