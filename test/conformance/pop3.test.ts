// POP3 by section of its standards: RFC 1939, 2449, 2595, 3206, 5034. Dialogues in the form of test/support/pop3-dialogue.ts, each
// played with the client's octets in one piece and one by one. Longer ones stand in test/scenario/pop3/.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, utf8ToBytes } from '../../src/lib/bytes.ts';
import { playPop3 } from '../support/pop3-dialogue.ts';
import { Pop3World } from '../support/pop3-world.ts';
import { ScriptedConnection } from '../support/scripted-connection.ts';

const login = `S: +OK …
C: USER mrose@example.com
C: PASS secret word
S: +OK …
S: +OK …`;
const longPassword = 'x'.repeat(248);

const commands = 'C: USER mrose\n'.repeat(101);
const answers = 'S: +OK Now send the password with PASS.\n'.repeat(100);

const dialogues: readonly (readonly [string, string, string])[] = [
  [
    'RFC 1939 §3',
    'keywords are taken in any case',
    `given tls\n${login}\nC: sTaT\nS: +OK 0 0\nC: noop\nS: +OK\nC: QuIt\nS: +OK Goodbye.\nS.`,
  ],
  ['RFC 1939 §3', 'an unknown command gets -ERR', `given tls\n${login}\nC: LAST\nS: -ERR …`],
  [
    'RFC 1939 §3',
    'a command in the wrong state gets -ERR, and changes nothing',
    `given tls
given message
> a
S: +OK …
C: DELE 1
S: -ERR DELE comes after the login.
C: RSET
S: -ERR RSET comes after the login.
C: UIDL
S: -ERR UIDL comes after the login.
C: TOP 1 1
S: -ERR TOP comes after the login.
C: RETR 1
S: -ERR RETR comes after the login.
C: LIST
S: -ERR LIST comes after the login.
C: QUIT
S: +OK Goodbye.
S.
then the mailbox holds 11`,
  ],
  [
    'RFC 1939 §3',
    'a client silent for ten minutes is left, and loses nothing',
    `given tls
given message
> a
${login}
C: DELE 1
S: +OK …
then the client is silent too long
S.
then the mailbox holds 11`,
  ],
  [
    'RFC 1939 §3',
    'a client that never logs in doesn’t stay',
    `given tls\nS: +OK …\n${commands}${answers}S: -ERR Too many commands without a login. Goodbye.\nS.`,
  ],
  [
    'RFC 1939 §3',
    'a line without an end is given up',
    `S: +OK …\nC~ ${'x'.repeat(65_537)}\nS: -ERR That line does not end. Goodbye.\nS.`,
  ],
  [
    'RFC 1939 §3',
    'errors without end are given up',
    `given tls
${login}
${'C: LAST\n'.repeat(50)}${'S: -ERR There is no such command. CAPA lists what there is.\n'.repeat(50)}S: -ERR Too many errors. Goodbye.
S.`,
  ],
  [
    'RFC 1939 §5',
    'LIST has a scan listing a message: its number, a space, its exact size',
    `given tls
given message
> Subject: dot
>
> .
given message
> x
${login}
C: LIST
S: +OK 2 messages (22 octets)
S: 1 19
S: 2 3
S: .
C: LIST 1
S: +OK 1 19`,
  ],
  [
    'RFC 1939 §5',
    'the size is that of the stored message, without the dots that are doubled on the way',
    `given tls
given message
> ..
${login}
C: RETR 1
S: +OK 4 octets
S: ...
S: .`,
  ],
  [
    'RFC 1939 §5',
    'deleted messages keep their numbers, and the others too',
    `given tls
given message
> a
given message
> bb
${login}
C: DELE 1
S: +OK …
C: RETR 2
S: +OK 4 octets
S: bb
S: .
C: STAT
S: +OK 1 4`,
  ],
  [
    'RFC 1939 §7',
    'PASS comes right after USER',
    `given tls
S: +OK …
C: USER mrose@example.com
S: +OK …
C: CAPA
S: +OK …
S: TOP
S: UIDL
S: RESP-CODES
S: AUTH-RESP-CODE
S: PIPELINING
S: EXPIRE NEVER
S: UTF8 USER
S: USER
S: SASL SCRAM-SHA-256 PLAIN LOGIN
S: IMPLEMENTATION Signpost
S: .
C: PASS secret word
S: -ERR Send USER first, and PASS right after it.`,
  ],
  [
    'RFC 1939 §7',
    'USER says nothing about whether there is such a mailbox',
    `given tls\nS: +OK …\nC: USER nobody@example.com\nS: +OK Now send the password with PASS.`,
  ],
  [
    'RFC 1939 §7',
    'APOP isn’t offered: the greeting has no timestamp, and the command is refused',
    `given tls\nS: +OK dewey.example.com POP3 ready\nC: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nS: -ERR APOP …`,
  ],
  [
    'RFC 1939 §7',
    'TOP of 0 lines is the header section and the empty line',
    `given tls
given message
> A: 1
>
> body
${login}
C: TOP 1 0
S: +OK …
S: A: 1
S:
S: .`,
  ],
  [
    'RFC 2449 §4',
    'a command of 255 octets with its CRLF is taken, a longer one refused, and the session goes on',
    `given tls
S: +OK …
C: USER mrose@example.com
C: PASS ${longPassword}
S: +OK …
S: -ERR [AUTH] Wrong address or password.
C: USER mrose@example.com
C: PASS ${longPassword}x
S: +OK …
S: -ERR That line is longer than a command may be (255 octets).
C: ${'x'.repeat(13_000)}
S: -ERR That line is longer than any that I take.
C: QUIT
S: +OK Goodbye.
S.`,
  ],
  [
    'RFC 2449 §5',
    'CAPA is there before and after the login',
    `given tls
${login}
C: CAPA
S: +OK This is what I can do:
S: TOP
S: UIDL
S: RESP-CODES
S: AUTH-RESP-CODE
S: PIPELINING
S: EXPIRE NEVER
S: UTF8 USER
S: USER
S: SASL SCRAM-SHA-256 PLAIN LOGIN
S: IMPLEMENTATION Signpost
S: .`,
  ],
  [
    'RFC 2595 §4',
    'what follows STLS in clear is dropped, a finished command and the begin of one',
    `S: +OK …
C: STLS
C: CAPA
C~ USER mro
S: +OK Begin TLS negotiation now.
then TLS begins
C: NOOP
S: -ERR NOOP comes after the login.`,
  ],
  [
    'RFC 2595 §4',
    'a name said in clear is forgotten with TLS',
    `given this host
given plaintext login
S: +OK …
C: USER mrose@example.com
S: +OK …
C: STLS
S: +OK …
then TLS begins
C: PASS secret word
S: -ERR Send USER first, and PASS right after it.`,
  ],
  [
    'RFC 3206 §4',
    'AUTH says that it is the credentials, SYS/TEMP that it passes by itself',
    `given tls
S: +OK …
C: USER mrose@example.com
C: PASS wrong
S: +OK …
S: -ERR [AUTH] Wrong address or password.
then logins cannot be checked
C: USER mrose@example.com
C: PASS secret word
S: +OK …
S: -ERR [SYS/TEMP] Logins cannot be checked now. Try again later.`,
  ],
  [
    'RFC 5034 §4',
    'an initial response stands in the command, and “=” is an empty one',
    `given tls
S: +OK …
C: AUTH LOGIN =
S: -ERR An identity is 1 to 255 octets of UTF-8 without NUL.
C: AUTH PLAIN AG1yb3NlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk
S: +OK 0 messages (0 octets) waiting.`,
  ],
  [
    'RFC 5034 §4',
    'a challenge without text is “+” and a space; “*” cancels',
    `given tls\nS: +OK …\nC: AUTH PLAIN\nS: +␠\nC: *\nS: -ERR Authentication cancelled.\nC: QUIT\nS: +OK Goodbye.\nS.`,
  ],
  [
    'RFC 5034 §4',
    'a response may be longer than a command (the longest that PLAIN can make)',
    `given tls
S: +OK …
C: AUTH PLAIN
S: +␠
C: ${utf8ToBytes(`${'i'.repeat(255)}\0${'i'.repeat(255)}\0${'p'.repeat(255)}`).toBase64()}
S: -ERR [AUTH] Wrong address or password.`,
  ],
  [
    'RFC 5034 §4',
    'AUTH isn’t there after the login',
    `given tls\n${login}\nC: AUTH PLAIN\nS: -ERR You are logged in already.`,
  ],
];

for (const section of new Set(dialogues.map(([section]) => section))) {
  describe(section, () => {
    for (const [, title, text] of dialogues.filter(([each]) => each === section)) {
      test(title, async () => {
        await playPop3(text, false);
        // Octet by octet is for what may be split wrongly, not for length.
        if (text.length < 20_000) await playPop3(text, true);
      });
    }
  });
}

/** Opens a session on `world` and logs in; gives what came after PASS. */
async function logIn(world: Pop3World): Promise<readonly [ScriptedConnection, Promise<void>, string]> {
  const connection = new ScriptedConnection('198.51.100.9', true);
  const running = world.handler(connection, new AbortController().signal);
  connection.feed(utf8ToBytes('USER mrose@example.com\r\nPASS secret word\r\n'));
  await connection.idle();
  const lines = bytesToLatin1(connection.takeSent()).split('\r\n');
  return [connection, running, lines[2] ?? ''];
}

describe('RFC 1939 §4', () => {
  test('a mailbox has one session at a time, and the next one as soon as that has ended', async () => {
    const world = new Pop3World({ messages: [utf8ToBytes('a\r\n')] });
    const [first, firstRunning, greeting] = await logIn(world);
    assert.match(greeting, /^\+OK 1 message/);
    const [second, secondRunning, refusal] = await logIn(world);
    assert.match(refusal, /^-ERR \[IN-USE\]/);
    first.feed(utf8ToBytes('QUIT\r\n'));
    await firstRunning;
    second.feed(utf8ToBytes('USER mrose@example.com\r\nPASS secret word\r\nQUIT\r\n'));
    await secondRunning;
    assert.match(
      bytesToLatin1(second.takeSent()),
      /\+OK 1 message \(3 octets\) waiting\.\r\n\+OK Goodbye\.\r\n$/,
    );
  });

  test('a session that breaks off gives the mailbox back', async () => {
    const world = new Pop3World();
    const [first, firstRunning] = await logIn(world);
    first.fail('reset');
    await firstRunning;
    const [second, secondRunning, greeting] = await logIn(world);
    assert.match(greeting, /^\+OK 0 messages/);
    second.feedEnd();
    await secondRunning;
  });
});

describe('RFC 1939 §7', () => {
  test('a unique id is the same in every session, and no other message gets it', async () => {
    const world = new Pop3World({ messages: ['a\r\n', 'b\r\n', 'c\r\n'].map(utf8ToBytes) });
    const seen: string[] = [];
    for (const commands of ['UIDL\r\nDELE 1\r\nQUIT\r\n', 'UIDL\r\nQUIT\r\n']) {
      const [connection, running] = await logIn(world);
      connection.feed(utf8ToBytes(commands));
      await running;
      seen.push(bytesToLatin1(connection.takeSent()));
    }
    assert.match(seen[0] ?? '', /\r\n1 1800\.11\r\n2 1800\.12\r\n3 1800\.13\r\n\./);
    assert.match(seen[1] ?? '', /\r\n1 1800\.12\r\n2 1800\.13\r\n\./);
  });
});
