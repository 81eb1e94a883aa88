import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, utf8ToBytes } from '../../lib/bytes.ts';
import { Pop3World } from '../../../test/support/pop3-world.ts';
import type { Pop3WorldOptions } from '../../../test/support/pop3-world.ts';
import { ScriptedConnection } from '../../../test/support/scripted-connection.ts';

interface Talk {
  readonly world: Pop3World;
  readonly connection: ScriptedConnection;
  readonly running: Promise<void>;
}

async function logIn(options: Pop3WorldOptions, room?: number): Promise<Talk> {
  const world = new Pop3World(options);
  const connection = new ScriptedConnection('198.51.100.9', true, room);
  const running = world.handler(connection, new AbortController().signal);
  connection.feed(utf8ToBytes('USER mrose@example.com\r\nPASS secret word\r\n'));
  await connection.idle();
  connection.takeSent();
  return { world, connection, running };
}

async function say(talk: Talk, text: string): Promise<string> {
  talk.connection.feed(utf8ToBytes(text));
  await talk.connection.idle();
  return bytesToLatin1(talk.connection.takeSent());
}

describe('a POP3 connection', () => {
  test('waits ten minutes for a whole line, however slowly it comes, and for a login in all', async () => {
    const minute = 60_000;
    const world = new Pop3World({});
    const connection = new ScriptedConnection('198.51.100.9', true);
    const running = world.handler(connection, new AbortController().signal);
    const slowly = async (text: string): Promise<void> => {
      world.clock.advance(4 * minute);
      connection.feed(utf8ToBytes(text));
      await connection.idle();
    };
    await connection.idle();
    assert.equal(connection.waitMs, 10 * minute);
    await slowly('CAPA\r\n');
    assert.equal(connection.waitMs, 6 * minute, 'a command is no login');
    await slowly('USER mrose@example.com\r\nPASS secret word\r\n');
    assert.equal(connection.waitMs, 10 * minute);
    await slowly('NO');
    assert.equal(connection.waitMs, 6 * minute, 'a piece of a line is no line');
    await slowly('OP\r\n');
    assert.equal(connection.waitMs, 10 * minute);
    connection.feedEnd();
    await running;
  });

  test('ends after many errors in a row, and not before', async () => {
    const talk = await logIn({});
    assert.equal((await say(talk, 'NOPE\r\n'.repeat(49))).split('\r\n').length, 50);
    assert.equal(await say(talk, 'NOOP\r\n'), '+OK\r\n');
    const last = await say(talk, 'NOPE\r\n'.repeat(60));
    assert.match(last, /-ERR Too many errors\. Goodbye\.\r\n$/);
    assert.equal(last.split('\r\n').length, 52);
    await talk.running;
    assert.ok(talk.connection.closed);
  });

  test('answers thousands of pipelined commands without starving others', async () => {
    const talk = await logIn({});
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!talk.connection.closed) setImmediate(count);
    };
    setImmediate(count);
    const sent = await say(talk, 'NOOP\r\n'.repeat(4000));
    assert.equal(sent, '+OK\r\n'.repeat(4000));
    assert.ok(turns >= 20, `${turns} turns of the event loop while 4,000 commands were answered`);
    talk.connection.feedEnd();
    await talk.running;
  });

  test('keeps nothing locked when the client stalls, and counts nothing as retrieved', async () => {
    const talk = await logIn({ messages: [new Uint8Array(100_000).fill(0x61)] }, 10_000);
    talk.connection.feed(utf8ToBytes('RETR 1\r\n'));
    await talk.running;
    assert.ok(talk.connection.closed);
    assert.deepEqual(talk.world.retrievals, []);
    assert.ok(talk.world.locks.tryLock(talk.world.mailbox.id));
  });

  test('tells of a retrieval, with what was retrieved', async () => {
    const content = utf8ToBytes('Subject: .\r\n\r\n.\r\n');
    const talk = await logIn({ messages: [content] });
    assert.equal(await say(talk, 'RETR 1\r\n'), '+OK 17 octets\r\nSubject: .\r\n\r\n..\r\n.\r\n');
    assert.deepEqual(
      talk.world.retrievals.map(({ account, uid, octets, from }) => [account.id, uid, octets, from]),
      [[7, 11, content.length, '198.51.100.9']],
    );
    talk.connection.feedEnd();
    await talk.running;
  });

  test('gives a message of any length and chunking back octet for octet', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `${'.'.repeat(index % 4)}line ${index}\r\n`);
    const content = `Subject: long\r\n\r\n${lines.join('')}`;
    for (const chunk of [1, 3, 4096, 262_144]) {
      const talk = await logIn({ messages: [utf8ToBytes(content)], chunk });
      const sent = await say(talk, 'RETR 1\r\n');
      const head = `+OK ${content.length} octets\r\n`;
      assert.ok(sent.startsWith(head) && sent.endsWith('\r\n.\r\n'));
      assert.equal(sent.slice(head.length, -3).replaceAll('\n..', '\n.'), content, `chunks of ${chunk}`);
      talk.connection.feedEnd();
      await talk.running;
    }
  });
});
