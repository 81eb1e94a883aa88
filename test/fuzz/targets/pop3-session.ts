// Whole POP3 dialogues against the server over a connection in memory: it answers in lines, removes nothing without a QUIT,
// and always comes to an end.
import assert from 'node:assert/strict';
import { bytesToLatin1, utf8ToBytes } from '../../../src/lib/bytes.ts';
import { Pop3World } from '../../support/pop3-world.ts';
import { ScriptedConnection } from '../../support/scripted-connection.ts';
import type { FuzzTarget } from '../target.ts';

const messages = [
  'Subject: one\r\n\r\nbody\r\n.\r\n..\r\n',
  'Subject: two\r\n\r\n',
  'no header at all',
  '',
  `Subject: long\r\n\r\n${'.x\r\n'.repeat(200)}`,
].map(utf8ToBytes);

const login = 'USER mrose@example.com\r\nPASS secret word\r\n';

export const target: FuzzTarget = {
  name: 'pop3-session',
  seeds: [
    `${login}STAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 5 3\r\nDELE 1\r\nQUIT\r\n`,
    `${login}DELE 1\r\nDELE 2\r\nRSET\r\nDELE 3\r\nLIST 1\r\nUIDL 2\r\nNOOP\r\nCAPA\r\n`,
    `STLS\r\nUSER mrose@example.com\r\n${login}RETR 4\r\nRETR 3\r\nQUIT\r\n`,
    'AUTH LOGIN\r\nbXJvc2VAZXhhbXBsZS5jb20=\r\nc2VjcmV0IHdvcmQ=\r\nRETR 1\r\nRETR 9\r\n',
    'AUTH PLAIN\r\nAG1yb3NlQGV4YW1wbGUuY29tAHNlY3JldCB3b3Jk\r\nTOP 1 0\r\nQUIT\r\n',
    'AUTH PLAIN\r\n*\r\nCAPA\r\nAUTH\r\nAPOP a b\r\nUTF8\r\nQUIT\r\n',
    'CAPA\r\n'.repeat(110),
    `${login}${'NOPE\r\n'.repeat(60)}`,
  ].map(utf8ToBytes),
  testSteps: 1000,
  async run(input, random) {
    const world = new Pop3World({ messages, chunk: 1 + random.below(64), plaintextLogin: true });
    const connection = new ScriptedConnection('127.0.0.1', random.below(2) === 0);
    const running = world.handler(connection, new AbortController().signal);
    const step = random.below(3) === 0 ? 1 + random.below(8) : input.length;
    for (let at = 0; at < input.length; at += step) connection.feed(input.subarray(at, at + step));
    await connection.idle();
    connection.feedEnd();
    await running;
    const sent = bytesToLatin1(connection.takeSent());
    assert.ok(sent.startsWith('+OK dewey.example.com'));
    assert.ok(sent.endsWith('\r\n'), 'an answer broke off');
    if (world.uids.length < messages.length)
      assert.match(sent, /\+OK Goodbye\. \d+ messages? removed\.\r\n$/);
    assert.ok(world.locks.tryLock(world.mailbox.id), 'the lock was kept');
  },
};
