// What senders ask of the queue beside the mail: reports (RFC 3461), times (RFC 2852, RFC 4865), urgency (RFC 6710), TLS (RFC 8689).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToUtf8, concatBytes } from '../../lib/bytes.ts';
import type { MailTerms, Notify } from '../../mailbox/terms.ts';
import { RelayWorld, repliesAlways, takesAll, worldStart } from '../../../test/support/relay-world.ts';
import type { ServerBehaviour } from '../../../test/support/relay-world.ts';

const hour = 3_600_000;
const dns = { 'example.org': ['MX 10 mx.example.org'], 'mx.example.org': ['A 192.0.2.1'] };
const asked = { dsn: { reports: true, deadline: true }, none: { reports: false, deadline: false } };

interface Case {
  readonly title: string;
  readonly terms?: MailTerms;
  readonly notify?: Notify;
  readonly server: ServerBehaviour;
  readonly promises?: 'dsn' | 'none';
  readonly from?: string;
  /** How long is looked on. */
  readonly ms: number;
  readonly ended: readonly string[];
  /** `action status` of each report. */
  readonly reports: readonly string[];
}

const put: ServerBehaviour = repliesAlways('450 4.2.0 later');
const refused: ServerBehaviour = repliesAlways('550 5.1.1 no');
const days = 24 * hour;
const by = (ms: number, mode: 'return' | 'notify', trace = false): MailTerms => ({
  deliverBy: { at: worldStart + ms, mode, trace },
});
const relayed = ['relayed bob@example.org'];
const failed = ['failed bob@example.org'];

const cases: readonly Case[] = [
  { title: 'nothing said, taken', server: takesAll, ms: 100, ended: relayed, reports: [] },
  { title: 'nothing said, refused', server: refused, ms: 100, ended: failed, reports: ['failed 5.1.1'] },
  { title: 'nothing said, late', server: put, ms: days, ended: [], reports: [] },
  { title: 'NEVER, refused', notify: 'none', server: refused, ms: 100, ended: failed, reports: [] },
  {
    title: 'SUCCESS alone, refused',
    notify: ['success'],
    server: refused,
    ms: 100,
    ended: failed,
    reports: [],
  },
  {
    title: 'SUCCESS, taken by a server without DSN: the last that is known',
    notify: ['success'],
    server: takesAll,
    promises: 'none',
    ms: 100,
    ended: relayed,
    reports: ['relayed 2.0.0'],
  },
  {
    title: 'SUCCESS, taken by a server that reports itself',
    notify: ['success'],
    server: takesAll,
    promises: 'dsn',
    ms: 100,
    ended: relayed,
    reports: [],
  },
  {
    title: 'DELAY: told once, after four hours, and never of what is in time',
    notify: ['delay'],
    server: put,
    ms: 4 * days,
    ended: [],
    reports: ['delayed 4.2.0'],
  },
  { title: 'DELAY, not yet', notify: ['delay'], server: put, ms: 3 * hour, ended: [], reports: [] },
  {
    title: 'DELAY and FAILURE, given up',
    notify: ['delay', 'failure'],
    server: put,
    ms: 6 * days,
    ended: failed,
    reports: ['delayed 4.2.0', 'failed 5.2.0'],
  },
  {
    title: 'a report on a message from <> is never sent',
    from: '<>',
    notify: ['success', 'failure', 'delay'],
    server: refused,
    ms: 100,
    ended: failed,
    reports: [],
  },
  {
    title: 'BY with R: given up when its time is over, not later',
    terms: by(2 * hour, 'return'),
    server: put,
    ms: 2 * hour + 100,
    ended: failed,
    reports: ['failed 5.4.7'],
  },
  {
    title: 'BY with R: not given up before',
    terms: by(2 * hour, 'return'),
    server: put,
    ms: 2 * hour - 1000,
    ended: [],
    reports: [],
  },
  {
    title: 'BY with N: told once, and tried on',
    terms: by(2 * hour, 'notify'),
    server: put,
    ms: 2 * days,
    ended: [],
    reports: ['delayed 4.2.0'],
  },
  {
    title: 'BY with N and NOTIFY=FAILURE: not told',
    terms: by(2 * hour, 'notify'),
    notify: ['failure'],
    server: put,
    ms: 2 * days,
    ended: [],
    reports: [],
  },
  {
    title: 'BY with N, taken by a server that does not know of it',
    terms: by(2 * hour, 'notify'),
    server: takesAll,
    promises: 'none',
    ms: 100,
    ended: relayed,
    reports: ['relayed 2.0.0'],
  },
  {
    title: 'BY, taken by a server that knows of it',
    terms: by(2 * hour, 'notify'),
    server: takesAll,
    promises: 'dsn',
    ms: 100,
    ended: relayed,
    reports: [],
  },
  {
    title: 'BY with T: each server is told of',
    terms: by(2 * hour, 'return', true),
    server: takesAll,
    promises: 'dsn',
    ms: 100,
    ended: relayed,
    reports: ['relayed 2.0.0'],
  },
  {
    title: 'REQUIRETLS to a domain whose servers DNS does not prove',
    terms: { requireTls: true },
    server: takesAll,
    ms: 100,
    ended: failed,
    reports: ['failed 5.7.30'],
  },
];

function reportsOf(world: RelayWorld): string[] {
  return world.store.notices.flatMap((notice) => {
    const text = bytesToUtf8(concatBytes(notice.content));
    return [...text.matchAll(/^Action: (\S+)\r\nStatus: (\S+)/gm)].map((match) => `${match[1]} ${match[2]}`);
  });
}

describe('what is asked for with a message', () => {
  for (const each of cases) {
    test(each.title, async () => {
      const { terms = {}, notify, server, promises, from = 'alice@example.com', ms } = each;
      const world = new RelayWorld(dns);
      world.transport.servers.set('192.0.2.1', server);
      world.transport.promises = promises === undefined ? undefined : asked[promises];
      await world.start();
      world.mailWith(terms, from, { to: 'bob@example.org', ...(notify && { report: { notify } }) });
      await world.pass(ms);
      const endings = world.store.ended.map(({ kind, recipient }) => `${kind} ${recipient}`);
      assert.deepEqual(endings, each.ended);
      assert.deepEqual(reportsOf(world), each.reports);
    });
  }

  test('recipients who want reports and those who do not', async () => {
    const world = new RelayWorld(dns);
    world.transport.servers.set('192.0.2.1', refused);
    await world.start();
    const terms = { envelopeId: 'QQ+314', returns: 'full' } as const;
    world.mailWith(
      terms,
      'alice@example.com',
      { to: 'a@example.org', report: { notify: 'none' } },
      {
        to: 'b@example.org',
        report: { originalRecipient: { type: 'rfc822', address: 'robert+x@elsewhere.example' } },
      },
    );
    await world.pass(100);
    const [notice, another] = world.store.notices;
    assert.ok(notice !== undefined && another === undefined);
    const text = bytesToUtf8(concatBytes(notice.content));
    assert.doesNotMatch(text, /a@example\.org/);
    assert.match(text, /^Original-Envelope-Id: QQ\+314\r$/m);
    assert.match(
      text,
      /^Original-Recipient: rfc822; robert\+x@elsewhere\.example\r\nFinal-Recipient: rfc822; b@example\.org\r$/m,
    );
    // RFC 3461 §4.3: all of it comes back.
    assert.match(text, /Content-Type: message\/rfc822\r\n[^]*\r\nSubject: hello\r\n\r\nbody of [^]*\r\n--/);
  });

  test('what requires TLS is told of by its header alone, and that under TLS', async () => {
    const world = new RelayWorld(dns);
    await world.start();
    world.mailWith({ requireTls: true, returns: 'full' }, 'alice@example.net', { to: 'bob@example.org' });
    await world.pass(100);
    const [notice] = world.store.notices;
    assert.ok(notice);
    assert.deepEqual(notice.envelope.terms, { requireTls: true });
    assert.doesNotMatch(bytesToUtf8(concatBytes(notice.content)), /body of/);
  });

  test('to a proven domain it goes', async () => {
    const world = new RelayWorld(dns);
    world.lookup.secure = true;
    world.transport.servers.set('192.0.2.1', takesAll);
    await world.start();
    world.mailWith({ requireTls: true }, 'alice@example.net', { to: 'bob@example.org' });
    await world.pass(100);
    assert.equal(world.store.ended[0]?.kind, 'relayed');
  });

  test('a message without a time that is left is never offered (RFC 2852 §4.1.3)', async () => {
    const world = new RelayWorld(dns);
    world.transport.servers.set('192.0.2.1', takesAll);
    world.mailWith(by(hour, 'return'), 'alice@example.com', { to: 'bob@example.org' });
    await world.pass(2 * hour);
    await world.start();
    await world.pass(100);
    assert.deepEqual(world.transport.attempts, []);
    assert.deepEqual(reportsOf(world), ['failed 5.4.7']);
  });
});

describe('a message that is held (RFC 4865)', () => {
  const releaseAt = worldStart + 10 * days;

  test('goes when its time has come, and has all its days from then on', async () => {
    const world = new RelayWorld(dns);
    world.transport.servers.set('192.0.2.1', put);
    await world.start();
    world.mailWith({ releaseAt }, 'alice@example.com', {
      to: 'bob@example.org',
      report: { notify: ['delay', 'failure'] },
    });
    await world.pass(10 * days - 1000);
    assert.deepEqual(world.transport.attempts, []);
    await world.pass(2000);
    assert.equal(world.transport.attempts.length, 1);
    assert.deepEqual(reportsOf(world), [], 'it is not late yet');
    await world.pass(4 * days);
    assert.deepEqual(world.store.ended, []);
    await world.pass(2 * days);
    assert.deepEqual(reportsOf(world), ['delayed 4.2.0', 'failed 5.2.0']);
  });

  test('for one of us it goes into the mailbox, and for nobody it comes back', async () => {
    const world = new RelayWorld({});
    await world.start();
    const notify = { notify: ['success', 'failure'] } as const;
    const id = world.mailWith(
      { releaseAt },
      'alice@example.com',
      { to: 'alice@example.com', report: notify },
      { to: 'gone@example.com', report: notify },
    );
    await world.pass(11 * days);
    assert.deepEqual(
      world.store.ended.map(({ kind, recipient }) => `${kind} ${recipient}`),
      ['delivered alice@example.com', 'failed gone@example.com'],
    );
    assert.deepEqual(reportsOf(world).toSorted(), ['delivered 2.1.5', 'failed 5.1.1']);
    assert.deepEqual(world.transport.attempts, []);
    const steps = world.store.journeys.get(id)?.map(({ step, ok }) => `${step} ${ok}`);
    assert.deepEqual(steps, ['S6 true', 'S5 false']);
  });
});

describe('priorities (RFC 6710)', () => {
  test('the most urgent goes first, within a domain and between domains', async () => {
    const world = new RelayWorld({ ...dns, 'example.net': ['A 192.0.2.2'] }, { attempts: 1 });
    for (const server of ['192.0.2.1', '192.0.2.2']) world.transport.servers.set(server, takesAll);
    for (const [to, priority] of [
      ['bulk@example.org', -4],
      ['usual@example.net', 0],
      ['usual@example.org', 0],
      ['soon@example.net', 3],
      ['now@example.org', 4],
    ] as const)
      world.mailWith(priority === 0 ? {} : { priority }, 'alice@example.com', { to });
    await world.start();
    await world.pass(1000);
    assert.deepEqual(
      world.transport.attempts.map((attempt) => /: (\w+)@/.exec(attempt)?.[1]),
      ['now', 'soon', 'usual', 'usual', 'bulk'],
    );
  });
});
