import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToBase64, bytesToLatin1, utf8ToBytes } from '../../lib/bytes.ts';
import type { Log } from '../../lib/log.ts';
import { silentLog } from '../../lib/log.ts';
import { ScriptedConnection } from '../../../test/support/scripted-connection.ts';
import { SmtpWorld } from '../../../test/support/smtp-world.ts';
import type { SmtpWorldOptions } from '../../../test/support/smtp-world.ts';

class Talk {
  readonly world: SmtpWorld;
  readonly connection: ScriptedConnection;
  readonly stop = new AbortController();
  readonly running: Promise<void>;

  constructor(world: SmtpWorld | SmtpWorldOptions = {}, room?: number) {
    this.world = world instanceof SmtpWorld ? world : new SmtpWorld(world);
    this.connection = new ScriptedConnection('198.51.100.9', false, room);
    this.running = this.world.handler(this.connection, this.stop.signal);
  }

  async say(text: string): Promise<string> {
    this.connection.feed(utf8ToBytes(text));
    await this.connection.idle();
    return bytesToLatin1(this.connection.takeSent());
  }

  /** What has been sent, once all that can happen without a client has happened. */
  async sent(): Promise<string> {
    await this.world.clock.advanceAsync(0);
    return bytesToLatin1(this.connection.takeSent());
  }
}

const envelope = 'HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n';
const again = envelope.slice('HELO x\r\n'.length);

describe('an SMTP connection', () => {
  test('sends the replies of a pipeline in one write', async () => {
    const writes: number[] = [];
    const talk = new Talk();
    await talk.connection.idle();
    const write = talk.connection.write.bind(talk.connection);
    talk.connection.write = (bytes) => {
      writes.push(bytes.length);
      return write(bytes);
    };
    const sent = await talk.say(envelope);
    assert.equal(writes.length, 1);
    assert.match(sent, /^220 .*\r\n250 .*\r\n250 .*\r\n250 .*\r\n354 .*\r\n$/);
  });

  test('answers thousands of pipelined commands without starving others', async () => {
    const talk = new Talk({ limits: { maxCommands: 10_000 } });
    let turns = 0;
    const count = (): void => {
      turns++;
      if (!talk.connection.closed) setImmediate(count);
    };
    setImmediate(count);
    const sent = await talk.say('NOOP\r\n'.repeat(4000));
    assert.equal(sent.match(/^250 2\.0\.0 Done\.\r$/gm)?.length, 4000);
    assert.ok(turns >= 20, `${turns} turns of the event loop while 4,000 commands were answered`);
    talk.connection.feedEnd();
    await talk.running;
  });

  test('begins no message above the soft limit of memory until another has ended', async () => {
    const world = new SmtpWorld({ memory: [10_000, 1_000_000] });
    const first = new Talk(world);
    const second = new Talk(world);
    await first.say(`${envelope}x\r\n`);
    assert.equal(world.memory.used, 16_384);
    second.connection.feed(utf8ToBytes(`${envelope}y\r\n.\r\n`));
    assert.doesNotMatch(await second.sent(), /354/);
    await first.say('.\r\n');
    await second.connection.idle();
    assert.match(await second.sent(), /354 .*\r\n250 2\.0\.0 Message taken/);
    assert.equal(world.messages.length, 2);
    assert.equal(world.memory.used, 0);
  });

  test('says try again when no memory comes free, and goes on', async () => {
    const world = new SmtpWorld({ memory: [10_000, 1_000_000] });
    const first = new Talk(world);
    const second = new Talk(world);
    await first.say(`${envelope}x\r\n`);
    second.connection.feed(utf8ToBytes(envelope));
    await world.clock.advanceAsync(60_000);
    await second.connection.idle();
    assert.match(await second.sent(), /452 4\.3\.1 Too many messages are arriving at once/);
    assert.equal(await second.say('NOOP\r\n'), '250 2.0.0 Done.\r\n');
    assert.match(await second.say('DATA\r\n'), /^503/);
  });

  test('refuses a message that grows beyond the hard limit, at its end', async () => {
    const talk = new Talk({ memory: [10_000, 20_000] });
    await talk.say(envelope);
    assert.equal(await talk.say('x'.repeat(30_000)), '');
    assert.equal(talk.world.memory.used, 0);
    assert.match(await talk.say('\r\n.\r\n'), /^452 4\.3\.1 Too many/);
    assert.match(await talk.say(`${again}small\r\n.\r\n`), /250 2\.0\.0 Message taken/);
  });

  test('gives its memory back when the client goes in the middle of a message', async () => {
    for (const end of ['feedEnd', 'fail'] as const) {
      const talk = new Talk();
      await talk.say(`${envelope}half`);
      assert.ok(talk.world.memory.used > 0);
      if (end === 'fail') talk.connection.fail('reset');
      else talk.connection.feedEnd();
      await talk.running;
      assert.equal(talk.world.memory.used, 0);
      assert.equal(talk.world.messages.length, 0);
    }
  });

  test('gives up on a client that reads no replies', async () => {
    const talk = new Talk({}, 100);
    await talk.say(`${envelope}x\r\n.\r\n`);
    await talk.running;
    assert.ok(talk.connection.closed);
  });

  test('a whole message may take an hour, and no longer', async () => {
    const talk = new Talk();
    await talk.say(envelope);
    for (let minutes = 0; minutes < 60; minutes += 4) {
      await talk.say('more\r\n');
      await talk.world.clock.advanceAsync(240_000);
    }
    assert.match(await talk.sent(), /^421 4\.4\.2/);
    await talk.running;
  });

  test('waiting for the store is not silence', async () => {
    let finish = (): void => undefined;
    const world = new SmtpWorld();
    const talk = new Talk(world);
    await talk.say(envelope);
    world.hold = new Promise((resolve) => {
      finish = resolve;
    });
    talk.connection.feed(utf8ToBytes('x\r\n.\r\n'));
    await world.clock.advanceAsync(1_000_000);
    assert.equal(await talk.sent(), '');
    finish();
    await talk.connection.idle();
    assert.match(await talk.sent(), /^250 2\.0\.0 Message taken/);
    await world.clock.advanceAsync(299_000);
    assert.equal(await talk.sent(), '');
    await world.clock.advanceAsync(1000);
    assert.match(await talk.sent(), /^421/);
    await talk.running;
  });

  test('tells the log of commands behind STARTTLS, which it drops', async () => {
    const events: string[] = [];
    const log: Log = { ...silentLog, warn: (event) => void events.push(event) };
    const talk = new Talk({ log });
    const sent = await talk.say(`STARTTLS\r\n${envelope}injected\r\n.\r\n`);
    assert.match(sent, /^220 .*\r\n220 .*\r\n$/);
    assert.deepEqual(events, ['commands behind STARTTLS dropped']);
    assert.match(await talk.say('MAIL FROM:<a@b.example>\r\n'), /^503 5\.5\.1 Say EHLO first/);
    assert.equal(talk.world.messages.length, 0);
  });

  test('tells the log who was tried in vain, and never the password', async () => {
    const told: unknown[] = [];
    const log: Log = { ...silentLog, info: (event, fields) => void told.push([event, fields]) };
    const world = new SmtpWorld({ role: 'submission', log });
    const connection = new ScriptedConnection('198.51.100.9', true);
    const running = world.handler(connection, new AbortController().signal);
    const response = bytesToBase64(utf8ToBytes('\0alice@example.com\0a wrong guess'));
    connection.feed(utf8ToBytes(`EHLO x\r\nAUTH PLAIN ${response}\r\nQUIT\r\n`));
    await running;
    assert.match(bytesToLatin1(connection.takeSent()), /^535 5\.7\.8 /m);
    assert.deepEqual(told, [
      ['login refused', { from: '198.51.100.9', identity: 'alice@example.com', mechanism: 'PLAIN' }],
    ]);
  });
});
