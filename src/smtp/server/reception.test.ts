// How the SMTP server receives strangers: over scripted connections, on a virtual clock.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToLatin1, concatBytes, utf8ToBytes } from '../../lib/bytes.ts';
import type { DnsListSettings } from '../../reception/dns-lists/list-settings.ts';
import type { OpinionPolicy } from '../../reception/opinion.ts';
import type { ReceptionSettings } from '../../reception/reception.ts';
import { limited, openReception } from '../../../test/support/reception-settings.ts';
import { ScriptedLookup } from '../../../test/support/scripted-lookup.ts';
import type { ScriptedNames } from '../../../test/support/scripted-lookup.ts';
import { ScriptedConnection } from '../../../test/support/scripted-connection.ts';
import { SmtpWorld } from '../../../test/support/smtp-world.ts';
import type { SmtpWorldOptions } from '../../../test/support/smtp-world.ts';

class Caller {
  readonly connection: ScriptedConnection;
  readonly stop = new AbortController();
  readonly running: Promise<void>;
  readonly #world: SmtpWorld;

  constructor(world: SmtpWorld, ip = '198.51.100.9') {
    this.#world = world;
    this.connection = new ScriptedConnection(ip, false);
    this.running = world.handler(this.connection, this.stop.signal);
  }

  /** What the server has sent after so long. */
  async hear(ms = 0): Promise<string> {
    await this.#world.clock.advanceAsync(ms);
    return bytesToLatin1(this.connection.takeSent());
  }

  async say(text: string, ms = 0): Promise<string> {
    this.connection.feed(utf8ToBytes(text));
    return await this.hear(ms);
  }

  async leave(): Promise<void> {
    this.connection.feedEnd();
    await this.running;
  }
}

function worldOf(reception: ReceptionSettings, options: SmtpWorldOptions = {}): SmtpWorld {
  return new SmtpWorld({ ...options, reception });
}

const envelope = 'HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<bob@example.com>\r\n';
const message = `${envelope}DATA\r\nx\r\n.\r\n`;

describe('limits', () => {
  test('of open connections of one address, and of its network', async () => {
    const world = worldOf(limited({ openConnections: 1 }, { openConnections: 2 }));
    const first = new Caller(world, '192.0.2.1');
    assert.match(await first.hear(), /^220 /);
    const again = new Caller(world, '192.0.2.1');
    assert.match(await again.hear(), /^421 4\.7\.0 Too many connections are open/);
    await again.running;
    const neighbour = new Caller(world, '192.0.2.2');
    assert.match(await neighbour.hear(), /^220 /);
    assert.match(await new Caller(world, '192.0.2.3').hear(), /^421 /);
    assert.match(await new Caller(world, '192.0.3.1').hear(), /^220 /);
    await first.leave();
    assert.match(await new Caller(world, '192.0.2.3').hear(), /^220 /);
  });

  test('of connections a minute', async () => {
    const world = worldOf(limited({ connections: 2 }));
    for (let i = 0; i < 2; i++) {
      const caller = new Caller(world);
      assert.match(await caller.hear(), /^220 /);
      await caller.leave();
    }
    assert.equal(
      await new Caller(world).hear(),
      '421 4.7.0 Too many connections came from your network in a minute. Try mx.example.com again in 30 seconds.\r\n',
    );
    // What was said is true: an attempt that is refused costs nothing.
    await world.clock.advanceAsync(30_000);
    assert.match(await new Caller(world).hear(), /^220 /);
    assert.match(await new Caller(world).hear(), /^421 /);
  });

  test('of an IPv6 network, whatever address of it is used', async () => {
    const world = worldOf(limited({ connections: 1 }, { connections: 2 }));
    assert.match(await new Caller(world, '2001:db8:1:1::1').hear(), /^220 /);
    assert.match(await new Caller(world, '2001:db8:1:1:ffff::2').hear(), /^421 /);
    assert.match(await new Caller(world, '2001:db8:1:2::1').hear(), /^220 /);
    assert.match(await new Caller(world, '2001:db8:1:3::1').hear(), /^421 /);
    assert.match(await new Caller(world, '2001:db8:2::1').hear(), /^220 /);
  });

  test('of messages a minute, told at MAIL', async () => {
    const world = worldOf(limited({ messages: 1 }));
    const caller = new Caller(world);
    assert.match(await caller.say(message), /250 2\.0\.0 Message taken/);
    assert.equal(
      await caller.say('MAIL FROM:<a@b.example>\r\nRCPT TO:<bob@example.com>\r\n'),
      '450 4.7.1 Too much mail came from your network in a minute. Try again in 60 seconds.\r\n503 5.5.1 Say MAIL FROM first.\r\n',
    );
    assert.match(await new Caller(world).say('HELO x\r\nMAIL FROM:<>\r\n'), /\r\n450 4\.7\.1 /);
    await caller.hear(60_000);
    assert.match(await caller.say('MAIL FROM:<a@b.example>\r\n'), /^250 /);
  });

  test('of recipients, accepted or not', async () => {
    const caller = new Caller(worldOf(limited({ recipients: 2 })));
    const sent = await caller.say(
      'HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\nRCPT TO:<nobody@example.com>\r\nRCPT TO:<alice@example.com>\r\n',
    );
    assert.deepEqual(sent.match(/^\d{3}/gm), ['220', '250', '250', '250', '550', '450']);
    assert.match(sent, /450 4\.7\.1 Too many recipients were named from your network/);
  });

  test('of octets, told at the next MAIL', async () => {
    const caller = new Caller(worldOf(limited({ octets: 1000 })));
    await caller.say(envelope);
    assert.match(await caller.say(`DATA\r\n${`${'x'.repeat(70)}\r\n`.repeat(20)}.\r\n`), /Message taken/);
    assert.match(await caller.say('MAIL FROM:<>\r\n'), /^450 4\.7\.1 Too much mail/);
    assert.match(await caller.hear(60_000), /^$/);
    assert.match(await caller.say('MAIL FROM:<>\r\n'), /^250 /);
  });

  test('of unknown recipients: a harvester is sent away, and not let in again', async () => {
    const world = worldOf(limited({ unknownRecipients: 3 }));
    const caller = new Caller(world);
    const guesses = Array.from({ length: 5 }, (_, i) => `RCPT TO:<guess${i}@example.com>\r\n`).join('');
    const sent = await caller.say(`HELO x\r\nMAIL FROM:<>\r\n${guesses}`);
    assert.deepEqual(sent.match(/^\d{3} \S+/gm)?.slice(3), ['550 5.1.1', '550 5.1.1', '421 4.7.0']);
    assert.match(
      sent,
      /421 4\.7\.0 Too many commands from your network were refused\. Try mx\.example\.com again in 20 seconds\./,
    );
    await caller.running;
    assert.match(await new Caller(world).hear(), /^421 4\.7\.0 Too many commands from your network/);
    await world.clock.advanceAsync(20_000);
    assert.match(await new Caller(world).hear(), /^220 /);
  });

  test('of errors; a recipient that is unknown is counted apart', async () => {
    const caller = new Caller(worldOf(limited({ errors: 2 })));
    const sent = await caller.say('XYZ\r\nHELO x\r\nMAIL FROM:<>\r\nRCPT TO:<no@example.com>\r\nXYZ\r\n');
    assert.deepEqual(sent.match(/^\d{3}/gm), ['220', '500', '250', '250', '550', '421']);
  });

  test('hold for nobody who is exempt', async () => {
    const world = worldOf({
      ...limited({ connections: 1, messages: 1, openConnections: 1 }),
      exempt: ['198.51.100.0/24'],
    });
    const callers = Array.from({ length: 5 }, () => new Caller(world));
    for (const caller of callers) {
      assert.match(await caller.say(message + message.replace('HELO x\r\n', '')), /(?:Message taken[^]*){2}/);
    }
  });

  test('are not those of our own users', async () => {
    const world = worldOf(limited({ connections: 1 }), { role: 'submission' });
    for (let i = 0; i < 3; i++) assert.match(await new Caller(world).hear(), /^220 /);
  });
});

describe('the tarpit', () => {
  const settings = { ...openReception, tarpit: { free: 2, firstMs: 1000, longestMs: 4000 } };

  test('keeps refusals back the longer the more there were, and nothing else', async () => {
    const caller = new Caller(worldOf(settings));
    await caller.say('HELO x\r\nMAIL FROM:<>\r\n');
    for (const [index, ms] of [0, 0, 1000, 2000, 4000, 4000].entries()) {
      const text = `RCPT TO:<guess${index}@example.com>\r\n`;
      if (ms > 0) assert.equal(await caller.say(text, ms - 1), '', text);
      assert.match(ms === 0 ? await caller.say(text) : await caller.hear(1), /^550 5\.1\.1/, text);
    }
    assert.match(await caller.say('RCPT TO:<bob@example.com>\r\n'), /^250 /);
  });

  test('knows an address again on another connection, and forgets it after ten minutes', async () => {
    const world = worldOf(settings);
    const first = new Caller(world);
    await first.say('X\r\nX\r\n');
    const second = new Caller(world);
    assert.match(await second.say('X\r\n', 999), /^220 [^\r]*\r\n$/);
    assert.match(await second.hear(1), /^500 /);
    const other = new Caller(world, '203.0.113.1');
    assert.match(await other.say('X\r\n'), /^220 [^\r]*\r\n500 /);
    await second.hear(600_000);
    assert.match(await new Caller(world).say('X\r\n'), /^220 [^\r]*\r\n500 /);
  });

  test('sends what was said before, and doesn’t hold up the end of the server', async () => {
    const caller = new Caller(worldOf(settings));
    assert.match(
      await caller.say('X\r\nX\r\nNOOP\r\nX\r\nNOOP\r\n'),
      /^220 .*\r\n500 .*\r\n500 .*\r\n250 .*\r\n$/,
    );
    caller.stop.abort();
    assert.match(await caller.hear(), /^500 .*\r\n(?:250 .*\r\n)?421 4\.3\.2/);
    await caller.running;
  });

  test('keeps at most 200 waiting', async () => {
    const world = worldOf({ ...settings, tarpit: { free: 0, firstMs: 1000, longestMs: 1000 } });
    const callers = Array.from({ length: 201 }, (_, i) => new Caller(world, `203.0.113.${i}`));
    for (const caller of callers) caller.connection.feed(utf8ToBytes('X\r\n'));
    await world.clock.advanceAsync(0);
    const refused = callers.filter(({ connection }) => bytesToLatin1(connection.takeSent()).includes('500 '));
    assert.equal(refused.length, 1);
    await world.clock.advanceAsync(1000);
    assert.match(await new Caller(world, '203.0.113.250').say('X\r\n', 999), /^220 [^\r]*\r\n$/);
  });
});

describe('the greeting of strangers', () => {
  const settings = { ...openReception, greetingDelayMs: 2000 };

  test('waits, and they with it', async () => {
    const caller = new Caller(worldOf(settings));
    assert.equal(await caller.hear(1999), '');
    assert.match(await caller.hear(1), /^220 /);
    assert.match(await caller.say('NOOP\r\n'), /^250 /);
  });

  test('is not for whoever talks before it (RFC 5321 §4.3.1)', async () => {
    const caller = new Caller(worldOf(settings));
    assert.equal(await caller.hear(500), '');
    assert.equal(
      await caller.say('EHLO x\r\n'),
      '554 5.5.1 You spoke before mx.example.com greeted you. A mail server waits for the greeting.\r\n',
    );
    await caller.running;
  });

  test('comes at once to who talks early, where that is allowed; nothing said is lost', async () => {
    const caller = new Caller(worldOf({ ...settings, refuseEarlyTalkers: false }));
    assert.match(await caller.say(message), /^220 [^]*250 2\.0\.0 Message taken/);
  });

  test('comes at once to whoever has brought mail before', async () => {
    const world = worldOf(settings);
    const caller = new Caller(world);
    await caller.hear(2000);
    assert.match(await caller.say(message), /Message taken/);
    assert.match(await new Caller(world).hear(), /^220 /);
    assert.equal(await new Caller(world, '203.0.113.1').hear(), '');
  });

  test('is not waited for by a client that goes', async () => {
    for (const end of ['feedEnd', 'fail'] as const) {
      const caller = new Caller(worldOf(settings));
      await caller.hear(10);
      if (end === 'fail') caller.connection.fail('reset');
      else caller.connection.feedEnd();
      await caller.hear();
      await caller.running;
      assert.ok(caller.connection.closed);
    }
  });

  test('still gives a silent client its five minutes, and then a 421', async () => {
    const caller = new Caller(worldOf(settings));
    assert.match(await caller.hear(2000), /^220 /);
    assert.equal(await caller.hear(299_000), '');
    assert.match(await caller.hear(3000), /^421 4\.4\.2/);
    await caller.running;
  });
});

describe('what is thought of a client', () => {
  const entry = { '2.0.0.127.bl.example': ['A 127.0.0.2'], '2.0.0.127.wl.example': ['A 127.0.0.2'] };
  const names: ScriptedNames = {
    ...entry,
    'test.dbl.example': ['A 127.0.0.2'],
    '9.100.51.198.bl.example': ['A 127.0.0.3', 'TXT It sent spam.'],
    '10.100.51.198.bl.example': ['A 127.0.0.3'],
    '10.100.51.198.wl.example': ['A 127.0.0.5'],
    'bad.example.dbl.example': ['A 127.0.0.2'],
    '1.2.0.192.in-addr.arpa': ['PTR good.example'],
    'good.example': ['A 192.0.2.1'],
  };
  const block: DnsListSettings = {
    zone: 'bl.example',
    kind: 'block',
    about: 'address',
    codes: ['127.0.0.0/8'],
    bits: undefined,
    action: 'refuse',
  };
  const welcome: DnsListSettings = { ...block, zone: 'wl.example', kind: 'welcome' };
  const domains: DnsListSettings = { ...block, zone: 'dbl.example', about: 'domain' };

  async function callerFrom(
    ip: string,
    lists: readonly DnsListSettings[],
    opinion: Partial<OpinionPolicy> = {},
  ): Promise<{ readonly caller: Caller; readonly world: SmtpWorld }> {
    const settings = { ...openReception, lists, opinion: { ...openReception.opinion, ...opinion } };
    const world = new SmtpWorld({ reception: settings, lookup: new ScriptedLookup(names) });
    await world.reception?.start();
    return { caller: new Caller(world, ip), world };
  }

  function stored(world: SmtpWorld): string {
    return bytesToLatin1(concatBytes(world.messages.at(-1)?.content ?? []));
  }

  test('a block list keeps a client out, with what it says; postmaster and abuse can be written to all the same', async () => {
    const { caller, world } = await callerFrom('198.51.100.9', [block]);
    assert.match(
      await caller.say(envelope),
      /\r\n550 5\.7\.1 198\.51\.100\.9 is on the block list bl\.example, so that its mail is not taken here\. The list says: It sent spam\.\r\n$/,
    );
    assert.match(await caller.say('RCPT TO:<nobody@example.com>\r\n'), /^550 5\.1\.1 /);
    assert.match(
      await caller.say('RCPT TO:<Postmaster@example.com>\r\nDATA\r\nx\r\n.\r\n'),
      /^250 .*\r\n354 .*\r\n250 2\.0\.0 Message taken/,
    );
    assert.match(stored(world), /^Signpost-Reception: blocked=bl\.example \(127\.0\.0\.3\)\r$/m);
  });

  test('a welcome list beats it', async () => {
    const { caller, world } = await callerFrom('198.51.100.10', [block, welcome]);
    assert.match(await caller.say(message), /Message taken/);
    assert.match(
      stored(world),
      /^Signpost-Reception: welcomed=wl\.example \(127\.0\.0\.5\);\r\n\tblocked=bl\.example \(127\.0\.0\.3\)\r$/m,
    );
  });

  test('a list of domains is asked for the domains of MAIL FROM and EHLO', async () => {
    const { caller } = await callerFrom('192.0.2.50', [domains]);
    assert.match(
      await caller.say('HELO x.example\r\nMAIL FROM:<a@bad.example>\r\nRCPT TO:<bob@example.com>\r\n'),
      /550 5\.7\.1 bad\.example is on the block list dbl\.example, .* The list says: nothing more\./,
    );
    assert.match(
      await caller.say('RSET\r\nMAIL FROM:<a@good.example>\r\nRCPT TO:<bob@example.com>\r\n'),
      /\r\n250 2\.1\.5 /,
    );
    assert.match(
      await caller.say('HELO bad.example\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\n'),
      /550 5\.7\.1 bad\.example /,
    );
  });

  test('a list may slow down, or only mark', async () => {
    const slow = await callerFrom('198.51.100.9', [{ ...block, action: 'slow' }]);
    assert.doesNotMatch(await slow.caller.say(envelope, 4999), /2\.1\.5/);
    assert.match(await slow.caller.hear(1), /^250 2\.1\.5 /);
    // The first recipient of a message has paid for the others.
    assert.match(await slow.caller.say('RCPT TO:<alice@example.com>\r\n'), /^250 2\.1\.5 /);
    const marked = await callerFrom('198.51.100.9', [{ ...block, action: 'mark' }]);
    assert.match(await marked.caller.say(message), /Message taken/);
    assert.match(stored(marked.world), /^Signpost-Reception: blocked=/m);
  });

  test('our own name is nobody else’s', async () => {
    const hello = { 'own-name': 'refuse', 'foreign-literal': 'mark', malformed: 'ignore' } as const;
    const { caller, world } = await callerFrom('198.51.100.9', [], { hello });
    assert.match(
      await caller.say('EHLO MX.example.com\r\nMAIL FROM:<>\r\nRCPT TO:<bob@example.com>\r\n'),
      /\r\n550 5\.7\.1 You call yourself mx\.example\.com, which is not what you are\.\r\n$/i,
    );
    assert.match(await caller.say(message.replace('HELO x', 'HELO [192.0.2.77]')), /Message taken/);
    assert.match(stored(world), /^Signpost-Reception: helo=foreign-literal\r$/m);
    assert.match(await caller.say(message.replace('HELO x', 'HELO a_b')), /Message taken/);
    assert.doesNotMatch(stored(world), /Signpost-Reception/);
  });

  test('an address without a name that leads back to it may be slowed down', async () => {
    const policy = { noReverseName: 'slow' } as const;
    const named = await callerFrom('192.0.2.1', [], policy);
    assert.match(await named.caller.say(envelope), /\r\n250 2\.1\.5 /);
    const nameless = await callerFrom('192.0.2.2', [], policy);
    assert.doesNotMatch(await nameless.caller.say(envelope), /2\.1\.5/);
    assert.match(await nameless.caller.hear(5000), /^250 2\.1\.5 /);
  });

  test('a field that claims to be ours is taken out', async () => {
    const { caller, world } = await callerFrom('192.0.2.1', []);
    const forged = `${envelope}DATA\r\nSignpost-Reception: welcomed=all\r\nSubject: x\r\n\r\nx\r\n.\r\n`;
    assert.match(await caller.say(forged), /Message taken/);
    assert.doesNotMatch(stored(world), /Signpost-Reception/);
  });
});
