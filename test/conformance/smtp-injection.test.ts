// What must not pass in any argument of any command, and what must not end content: each is refused with its reply, and nothing that
// stands behind it is taken for a command (RFC 5321 §2.3.8, §4.1.1.4, §4.5.3.1, RFC 6531 §3.3).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, latin1ToBytes } from '../../src/lib/bytes.ts';
import { ScriptedConnection } from '../support/scripted-connection.ts';
import { SmtpWorld } from '../support/smtp-world.ts';

const hello = 'EHLO client.example\r\n';
const mail = `${hello}MAIL FROM:<a@client.example>\r\n`;
const login = `${hello}AUTH PLAIN AGFsaWNlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk\r\n`;
const smuggled = 'MAIL FROM:<evil@client.example>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nX: y\r\n\r\n.\r\n';

/** What is said before, and the command; `§` is where the octets are put in. */
const places: readonly (readonly [before: string, command: string])[] = [
  ['', 'EHLO cli§ent.example'],
  ['', 'EHLO [192.0.2.§1]'],
  ['', 'HELO cli§ent.example'],
  ['', 'EH§LO client.example'],
  [hello, 'MAIL FROM:<a§b@client.example>'],
  [hello, 'MAIL FROM:<"a§b"@client.example>'],
  [hello, 'MAIL FROM:<a@cli§ent.example>'],
  [hello, 'MAIL FROM:<@ro§ute.example:a@client.example>'],
  [hello, 'MAIL FROM:<a@client.example> SIZE=1§0'],
  [hello, 'MAIL FROM:<a@client.example> BODY=8BIT§MIME'],
  [hello, 'MAIL FROM:<a@client.example> AUTH=a§b@client.example'],
  [hello, 'MAIL FROM:<a@client.example> RET=HD§RS'],
  [hello, 'MAIL FROM:<a@client.example> ENVID=a§b'],
  [hello, 'MAIL FROM:<a@client.example> BY=60;§R'],
  [hello, 'MAIL FROM:<a@client.example> SMTP§UTF8'],
  [mail, 'RCPT TO:<bo§b@example.com>'],
  [mail, 'RCPT TO:<"bo§b"@example.com>'],
  [mail, 'RCPT TO:<bob@exam§ple.com>'],
  [mail, 'RCPT TO:<bob@example.com> NOTIFY=DEL§AY'],
  [mail, 'RCPT TO:<bob@example.com> ORCPT=rfc822;a§b'],
  [mail, 'DATA §'],
  [mail, 'BDAT 1§0 LAST'],
  [hello, 'RSET§'],
  [hello, 'NOOP a§b'],
  [hello, 'VRFY a§b'],
  [hello, 'HELP a§b'],
  [hello, 'STARTTLS§'],
  [hello, 'AUTH PLA§IN'],
  [hello, 'AUTH PLAIN AGEA§Yg=='],
  [`${hello}AUTH PLAIN\r\n`, 'AGEA§Yg=='],
  [login, 'MAIL FROM:<alice§@example.com> HOLDFOR=6§0'],
  [login, 'MAIL FROM:<alice@example.com> HOLDUNTIL=2027-01-01T00:00:00§Z'],
  [login, 'MAIL FROM:<alice@example.com> MT-PRIORITY=§4'],
];

/** The octets, the reply, and whether the session is over with it: where the next line begins can't be known. */
const injections: readonly (readonly [name: string, octets: string, reply: RegExp, ends: boolean])[] = [
  ['a bare LF', `\n${smuggled}`, /^500 5\.5\.2 Lines end with CR LF/, true],
  ['a bare CR', `\r${smuggled}`, /^500 5\.5\.2 A CR stands in a line/, true],
  ['a NUL', '\0', /^500 5\.5\.2 A command holds no NUL/, true],
  ['a NUL and a line end', `\0\r\n${smuggled}`, /^500 5\.5\.2 A command holds no NUL/, true],
  ['octets that are no UTF-8', '\u00ff\u00fe', /^500 5\.5\.2 A command is written in ASCII or UTF-8/, false],
  ['a line that is too long', 'x'.repeat(12_400), /^500 5\.5\.[26] The line is too long/, false],
  // What a control character breaks depends on where it stands; it never passes.
  ['a control character', '\u0007', /^5\d\d 5\.\d\.\d/, false],
  ['an escape sequence', '\u001b[2J', /^5\d\d 5\.\d\.\d/, false],
];

async function lastReply(
  before: string,
  line: string,
): Promise<{ reply: string; world: SmtpWorld; closed: boolean }> {
  const submission = before === login || line.includes('AUTH') || before.includes('AUTH');
  const world = new SmtpWorld({ role: submission ? 'submission' : 'mx' });
  const connection = new ScriptedConnection('198.51.100.9', submission);
  const running = world.handler(connection, new AbortController().signal);
  connection.feed(latin1ToBytes(before));
  await connection.idle();
  connection.takeSent();
  connection.feed(latin1ToBytes(line));
  await connection.idle();
  const reply = bytesToLatin1(connection.takeSent());
  const { closed } = connection;
  connection.feedEnd();
  await running;
  return { reply, world, closed };
}

describe('RFC 5321 §2.3.8 and §4.1.1: nothing passes in the argument of a command', () => {
  for (const [name, octets, expected, ends] of injections) {
    for (const [before, command] of places) {
      test(`${name} in ${command}`, async () => {
        const line = `${command.replaceAll('§', octets)}\r\n`;
        const { reply, world, closed } = await lastReply(before, line);
        assert.match(reply, expected);
        if (ends) assert.equal(reply.split('\r\n').length, 2, 'one reply, and nothing behind it is read');
        assert.equal(closed, ends);
        assert.equal(world.messages.length, 0);
      });
    }
  }
});

/** Each ends a message on some server. */
const ends: readonly string[] = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r.\n',
  '\n.\r',
  '\r\n.\0\r\n',
  '\r\n\0.\r\n',
  '\r\n.\r\r\n',
  '\r\r\n.\r\r\n',
];

describe('RFC 5321 §4.1.1.4 and §4.5.2: only CRLF "." CRLF ends the content, and the rest is refused', () => {
  for (const end of ends) {
    const inner = `Subject: x\r\n\r\nfirst${end}${smuggled.slice(0, -5)}`;
    test(`by DATA: ${JSON.stringify(end)}`, async () => {
      const { reply, world } = await lastReply(
        `${mail}RCPT TO:<bob@example.com>\r\nDATA\r\n`,
        `${inner}\r\n.\r\nNOOP\r\n`,
      );
      assert.match(reply, /^550 5\.(?:5\.2|6\.0) [^\r]+\r\n250 2\.0\.0 Done\.\r\n$/);
      assert.equal(world.messages.length, 0);
    });
    test(`by BDAT: ${JSON.stringify(end)}`, async () => {
      const { reply, world } = await lastReply(
        `${mail}RCPT TO:<bob@example.com>\r\n`,
        `BDAT ${inner.length} LAST\r\n${inner}NOOP\r\n`,
      );
      assert.match(reply, /^550 5\.(?:5\.2|6\.0) [^\r]+\r\n250 2\.0\.0 Done\.\r\n$/);
      assert.equal(world.messages.length, 0);
    });
  }
});
