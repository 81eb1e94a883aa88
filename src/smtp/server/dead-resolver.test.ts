// Mail where DNS is dead: checks end in time, as configured, and nothing of them is left behind.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ed25519TestKey } from '../../../test/support/mail-auth.ts';
import { SilentLookup } from '../../../test/support/silent-lookup.ts';
import { dialogueOf, sendMail, SmtpTalk } from '../../../test/support/smtp-talk.ts';
import { SmtpWorld } from '../../../test/support/smtp-world.ts';
import { bytesToUtf8, concatBytes, utf8ToBytes } from '../../lib/bytes.ts';
import { signDkim } from '../../mailauth/dkim/sign-dkim.ts';

const text = 'From: joe@example.net\nSubject: hi\n\nhello\n';

describe('a resolver that never answers', () => {
  test('costs a message half a minute and no more; then it is marked', async () => {
    const lookup = new SilentLookup();
    const world = new SmtpWorld({ checks: { lookup } });
    const talk = new SmtpTalk(world);
    talk.send(dialogueOf({ message: text }));
    assert.doesNotMatch(await talk.saidAfter(19_000), /Message taken/);
    assert.match(await talk.saidAfter(11_100), /250 2\.0\.0 Message taken/);
    assert.equal(lookup.open, 0);
    const [message] = world.messages;
    const stored = bytesToUtf8(concatBytes(message?.content ?? []));
    assert.match(stored, /iprev=temperror[^]*spf=temperror[^]*dkim=none[^]*dmarc=temperror/);
  });

  test('or is refused for now, as configured; others go on meanwhile', async () => {
    const lookup = new SilentLookup();
    const world = new SmtpWorld({
      checks: { lookup, policy: { temporary: 'defer' }, exempt: ['203.0.113.1'] },
    });
    const slow = Array.from({ length: 20 }, () => new SmtpTalk(world));
    for (const talk of slow) talk.send(dialogueOf({ message: text }));
    const quick = await sendMail(world, { ip: '203.0.113.1', message: text });
    assert.match(quick.said, /250 2\.0\.0 Message taken/);
    await world.clock.advanceAsync(30_100);
    for (const talk of slow) assert.match(await talk.saidAfter(0), /451 4\.7\.1 /);
    assert.deepEqual([lookup.open, world.messages.length, world.memory.used], [0, 1, 0]);
    assert.deepEqual(world.reports, []);
  });

  for (const [what, end] of [
    ['RSET', (talk: SmtpTalk): unknown => talk.say('RSET\r\n')],
    ['EHLO', (talk: SmtpTalk): unknown => talk.say('EHLO again\r\n')],
    ['QUIT', (talk: SmtpTalk): unknown => talk.say('QUIT\r\n')],
    ['STARTTLS', (talk: SmtpTalk): unknown => talk.say('RSET\r\nSTARTTLS\r\n')],
    ['the client’s end', (talk: SmtpTalk): unknown => talk.connection.feedEnd()],
    ['a lost connection', (talk: SmtpTalk): unknown => talk.connection.fail('reset')],
    ['the server’s end', (talk: SmtpTalk): unknown => talk.stop.abort()],
    ['silence', (talk: SmtpTalk): unknown => talk.saidAfter(300_000)],
  ] as const) {
    test(`${what} gives up the questions of a message that doesn't come`, async () => {
      const lookup = new SilentLookup();
      const world = new SmtpWorld({ checks: { lookup } });
      const talk = new SmtpTalk(world);
      await talk.say('EHLO x\r\nMAIL FROM:<joe@example.net>\r\nRCPT TO:<bob@example.com>\r\n');
      assert.equal(lookup.open, 2);
      await end(talk);
      await world.clock.advanceAsync(0);
      assert.equal(lookup.open, 0);
      talk.connection.feedEnd();
      await talk.running;
      assert.ok(lookup.asked < 10);
    });
  }

  test('content that ends in the middle gives up its questions', async () => {
    const lookup = new SilentLookup();
    const world = new SmtpWorld({ checks: { lookup } });
    const talk = new SmtpTalk(world);
    const body = utf8ToBytes('From: joe@example.net\r\n\r\nhalf\r\n');
    const { key } = ed25519TestKey();
    const seal = signDkim([body], [{ domain: 'example.net', selector: 's1', key }], 0);
    const begun = dialogueOf({ message: `${seal}From: joe@example.net\n\nhalf\n` });
    await talk.say(begun.slice(0, -'.\r\n'.length));
    assert.equal(lookup.open, 3);
    talk.connection.feedEnd();
    await talk.running;
    await world.clock.advanceAsync(0);
    assert.equal(lookup.open, 0);
  });
});
