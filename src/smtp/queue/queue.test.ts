// The queue in a world without sockets, over simulated days.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToUtf8, concatBytes } from '../../lib/bytes.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { RelayWorld, repliesAlways, takesAll, worldStart } from '../../../test/support/relay-world.ts';
import type { DnsAnswer } from '../../../test/support/relay-world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const org: Readonly<Record<string, DnsAnswer>> = {
  'example.org': ['MX 10 mx.example.org'],
  'mx.example.org': ['A 192.0.2.1'],
};
const orgTwice: Readonly<Record<string, DnsAnswer>> = {
  'example.org': ['MX 10 mx.example.org', 'MX 20 backup.example.org'],
  'mx.example.org': ['A 192.0.2.1'],
  'backup.example.org': ['A 192.0.2.2'],
};

function endings(world: RelayWorld): string[] {
  return world.store.ended.map((ended) => `${ended.kind} ${ended.recipient}`);
}

function bounceText(world: RelayWorld, index = 0): string {
  const notice = world.store.notices[index];
  assert.ok(notice, 'there is no bounce');
  return bytesToUtf8(concatBytes(notice.content));
}

describe('a message that goes well', () => {
  test('is resolved, handed over and settled, with its journey', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', takesAll);
    await world.start();
    const id = world.mail('alice@example.com', 'bob@example.org');
    await world.pass(100);
    assert.deepEqual(endings(world), ['relayed bob@example.org']);
    const steps = world.store.journeys.get(id) ?? [];
    assert.deepEqual(
      steps.map((step) => [step.step, step.ok, step.server?.name, step.server?.address, step.text]),
      [
        ['S4', true, undefined, undefined, 'Mail for example.org goes to mx.example.org (192.0.2.1).'],
        [
          'S5',
          true,
          'mx.example.org',
          '192.0.2.1:25',
          'mx.example.org took the message in clear: 250 2.0.0 taken',
        ],
      ],
    );
    assert.deepEqual(world.observed, steps);
    assert.equal(world.clock.nextTimer(), undefined, 'an empty queue sets no timer');
  });

  test('what was queued before the start is found', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', takesAll);
    world.mail('alice@example.com', 'bob@example.org');
    await world.start();
    await world.pass(100);
    assert.deepEqual(endings(world), ['relayed bob@example.org']);
  });

  test('recipients at one domain share a transaction, others have their own', async () => {
    const world = new RelayWorld({ ...org, 'example.net': ['A 192.0.2.9'] });
    world.transport.servers.set('192.0.2.1', takesAll);
    world.transport.servers.set('192.0.2.9', takesAll);
    await world.start();
    world.mail('alice@example.com', 'bob@example.org', 'eve@example.net', 'carol@example.org');
    await world.pass(100);
    assert.deepEqual(world.transport.attempts.toSorted(), [
      '192.0.2.1: bob@example.org carol@example.org',
      '192.0.2.9: eve@example.net',
    ]);
  });

  test('members of a group go apart from the others, from its owner, who is told of what fails', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', repliesAlways('550 5.1.1 nobody'));
    await world.start();
    const owner = { localPart: 'alice', domain: 'example.com' };
    world.mailWith(
      {},
      'someone@elsewhere.example',
      { to: 'a@example.org' },
      { to: 'b@example.org', owner },
      { to: 'c@example.org', owner },
    );
    await world.pass(100);
    assert.deepEqual(world.transport.attempts.toSorted(), [
      '192.0.2.1: a@example.org',
      '192.0.2.1: b@example.org c@example.org',
    ]);
    const told = world.store.notices.flatMap(({ destinations }) => destinations);
    assert.deepEqual(
      told.map(({ kind, recipient }) => `${kind} ${formatMailAddress(recipient)}`).toSorted(),
      ['mailbox alice@example.com', 'relay someone@elsewhere.example'],
    );
  });

  test('more recipients than a transaction takes go in several', async () => {
    const world = new RelayWorld(org, { recipientsPerTransaction: 2 });
    world.transport.servers.set('192.0.2.1', takesAll);
    await world.start();
    world.mail('alice@example.com', ...['a', 'b', 'c', 'd', 'e'].map((each) => `${each}@example.org`));
    await world.pass(100);
    assert.deepEqual(world.transport.attempts, [
      '192.0.2.1: a@example.org b@example.org',
      '192.0.2.1: c@example.org d@example.org',
      '192.0.2.1: e@example.org',
    ]);
  });
});

describe('a server that fails', () => {
  test('the next host is tried where nobody answers', async () => {
    const world = new RelayWorld(orgTwice);
    world.transport.servers.set('192.0.2.2', takesAll);
    await world.start();
    const id = world.mail('alice@example.com', 'bob@example.org');
    await world.pass(100);
    assert.deepEqual(endings(world), ['relayed bob@example.org']);
    assert.deepEqual(
      world.store.journeys.get(id)?.map((step) => `${step.step} ${step.ok} ${step.text}`),
      [
        'S4 true Mail for example.org goes to mx.example.org (192.0.2.1), else backup.example.org (192.0.2.2).',
        'S5 false mx.example.org was not handed the message. The connection was refused.',
        'S5 true backup.example.org took the message in clear: 250 2.0.0 taken',
      ],
    );
  });

  test('recipients that were put off are tried at the next host, taken and refused ones are not', async () => {
    const world = new RelayWorld(orgTwice);
    world.transport.servers.set('192.0.2.1', () => ['250 2.0.0 ok', '452 4.2.2 full', '550 5.1.1 who?']);
    world.transport.servers.set('192.0.2.2', takesAll);
    await world.start();
    world.mail('alice@example.com', 'a@example.org', 'b@example.org', 'c@example.org');
    await world.pass(100);
    assert.deepEqual(world.transport.attempts, [
      '192.0.2.1: a@example.org b@example.org c@example.org',
      '192.0.2.2: b@example.org',
    ]);
    assert.deepEqual(endings(world), [
      'relayed a@example.org',
      'relayed b@example.org',
      'failed c@example.org',
    ]);
  });

  test('retries back off, and a server that is back after a day gets the message', async () => {
    const world = new RelayWorld(org, { retryJitter: 0 });
    world.transport.servers.set('192.0.2.1', (recipients, now) =>
      now < worldStart + day
        ? { unanswered: 'The connection timed out.' }
        : recipients.map(() => '250 2.0.0 ok'),
    );
    await world.start();
    world.mail('alice@example.com', 'bob@example.org');
    await world.pass(day + 5 * hour);
    assert.deepEqual(
      world.transport.at.slice(0, 8).map((at) => (at - worldStart) / minute),
      [0, 1, 6, 21, 51, 111, 231, 471],
    );
    assert.deepEqual(endings(world), ['relayed bob@example.org']);
    assert.equal(world.store.notices.length, 0);
  });

  test('after five days a message is given up, and its sender told', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', repliesAlways('451 4.3.0 not today'));
    await world.start();
    const id = world.mail('alice@example.com', 'bob@example.org');
    await world.pass(5 * day - 1);
    assert.deepEqual(endings(world), []);
    assert.match(world.store.waiting[0]?.lastReply ?? '', /^451 4\.3\.0 not today$/);
    await world.pass(1);
    assert.deepEqual(endings(world), ['failed bob@example.org']);
    assert.equal(world.transport.at.at(-1), worldStart + 5 * day);
    const bounce = bounceText(world);
    assert.match(bounce, /^Return-Path: <>\r\n/);
    assert.match(bounce, /Status: 5\.3\.0\r\n/);
    assert.match(bounce, /It was tried for 5 days and is now given up\./);
    assert.match(bounce, /Diagnostic-Code: smtp; 451 4\.3\.0 not today\r\n/);
    const last = world.store.journeys.get(id)?.at(-1);
    const notice = world.store.notices[0];
    assert.equal(last?.text, `Given up for bob@example.org: its sender is told by message ${notice?.id}.`);
    assert.deepEqual(
      notice?.destinations.map((each) => each.kind),
      ['mailbox'],
    );
    assert.equal(notice?.envelope.reversePath, undefined);
  });

  test('a destination where nobody answers is left alone for a moment: others wait without being tried', async () => {
    const world = new RelayWorld(org, { attemptsPerDestination: 1, retryJitter: 0 });
    await world.start();
    for (let i = 0; i < 20; i++) world.mail('alice@example.com', `user${i}@example.org`);
    await world.pass(30_000);
    assert.equal(world.transport.attempts.length, 1);
    assert.equal(world.store.waiting.filter((entry) => entry.attempts === 1).length, 20);
    world.transport.servers.set('192.0.2.1', takesAll);
    await world.pass(10 * minute);
    assert.equal(endings(world).length, 20);
  });

  test('a DNS failure puts off, and says so', async () => {
    const world = new RelayWorld({ 'example.org': 'failure' });
    await world.start();
    world.mail('alice@example.com', 'bob@example.org');
    await world.pass(100);
    assert.equal(
      world.store.waiting[0]?.lastReply,
      '4.4.3 DNS could not say who takes mail for example.org: No server of example.org answered.',
    );
  });

  test('at most as many addresses are tried as the limit says', async () => {
    const world = new RelayWorld(
      { 'example.org': Array.from({ length: 6 }, (_, index) => `A 192.0.2.${index + 1}`) },
      { addressesPerAttempt: 3 },
    );
    await world.start();
    world.mail('alice@example.com', 'bob@example.org');
    await world.pass(100);
    assert.equal(world.transport.attempts.length, 3);
  });
});

describe('a bounce', () => {
  test('comes at once for a refusal, names all that failed, and quotes the header', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', repliesAlways('550 5.1.1 no such user'));
    await world.start();
    const id = world.mail('alice@example.com', 'bob@example.org', 'bib@example.org');
    await world.pass(100);
    assert.equal(world.store.notices.length, 1);
    const bounce = bounceText(world);
    assert.equal(bounce.match(/^Final-Recipient: /gm)?.length, 2);
    assert.match(bounce, /\r\nSubject: hello\r\n/);
    assert.doesNotMatch(bounce, /body of/);
    assert.deepEqual(
      world.observed.slice(-2).map((step) => `${step.step} ${step.text}`),
      [
        `S3 mx.example.com wrote this report, because message ${id} could not be delivered.`,
        'S6 Stored in the mailbox Inbox of alice@example.com.',
      ],
    );
  });

  test('never answers the null reverse-path (RFC 5321 §6.1)', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', repliesAlways('550 5.1.1 no such user'));
    await world.start();
    const id = world.mail('<>', 'bob@example.org');
    await world.pass(100);
    assert.deepEqual(endings(world), ['failed bob@example.org']);
    assert.equal(world.store.notices.length, 0);
    assert.equal(
      world.store.journeys.get(id)?.at(-1)?.text,
      'Given up for bob@example.org: nobody can be told.',
    );
  });

  test('to a foreign sender is relayed from <>; when it fails too, that is the end', async () => {
    const world = new RelayWorld({ ...org, 'example.net': ['A 192.0.2.9'] });
    world.transport.servers.set('192.0.2.1', repliesAlways('550 5.1.1 no such user'));
    world.transport.servers.set('192.0.2.9', repliesAlways('550 5.1.1 not here'));
    await world.start();
    world.mail('eve@example.net', 'bob@example.org');
    await world.pass(100);
    assert.deepEqual(world.transport.attempts, ['192.0.2.1: bob@example.org', '192.0.2.9: eve@example.net']);
    assert.equal(world.store.notices.length, 1);
    assert.doesNotMatch(bounceText(world), /Return-Path/);
    assert.equal(world.store.waiting.length, 0);
  });

  test('to an address of ours that nobody has is dropped', async () => {
    const world = new RelayWorld({});
    await world.start();
    world.mail('nobody@example.com', 'bob@example.org');
    await world.pass(100);
    assert.deepEqual(endings(world), ['failed bob@example.org']);
    assert.equal(world.store.notices.length, 0);
  });

  test('of a domain that does not exist says so', async () => {
    const world = new RelayWorld({});
    await world.start();
    world.mail('alice@example.com', 'bob@example.org');
    await world.pass(100);
    assert.match(bounceText(world), /The domain example\.org does not exist\./);
    assert.match(bounceText(world), /Status: 5\.1\.2\r\n/);
  });
});

describe('order and limits', () => {
  test('attempts at once are bounded, over all and for each destination', async () => {
    const domains = Array.from({ length: 10 }, (_, index) => `d${index}.example`);
    const dns = Object.fromEntries(domains.map((domain, index) => [domain, [`A 192.0.2.${index + 1}`]]));
    const world = new RelayWorld(dns, { attempts: 25, attemptsPerDestination: 3 });
    world.transport.takesMs = 1000;
    for (const index of domains.keys()) world.transport.servers.set(`192.0.2.${index + 1}`, takesAll);
    await world.start();
    for (let i = 0; i < 10; i++)
      for (const domain of domains) world.mail('alice@example.com', `u${i}@${domain}`);
    await world.pass(hour);
    assert.equal(endings(world).length, 100);
    assert.equal(world.transport.most, 25);
    assert.equal(Math.max(...world.transport.mostOf.values()), 3);
  });

  test('one message to a quiet domain does not wait behind a thousand to a busy one', async () => {
    const world = new RelayWorld(
      { 'busy.example': ['A 192.0.2.1'], 'quiet.example': ['A 192.0.2.2'] },
      { attempts: 4, attemptsPerDestination: 4 },
    );
    world.transport.takesMs = 1000;
    world.transport.servers.set('192.0.2.1', takesAll);
    world.transport.servers.set('192.0.2.2', takesAll);
    for (let i = 0; i < 1000; i++) world.mail('alice@example.com', `u${i}@busy.example`);
    await world.start();
    await world.pass(5000);
    world.mail('alice@example.com', 'one@quiet.example');
    await world.pass(2100);
    assert.ok(endings(world).includes('relayed one@quiet.example'));
  });

  test('no entry is ever tried twice at once, nor again once it was taken', async () => {
    const world = new RelayWorld(org, { attempts: 8, attemptsPerDestination: 8 });
    world.transport.takesMs = 700;
    world.transport.servers.set('192.0.2.1', takesAll);
    await world.start();
    for (let i = 0; i < 300; i++) {
      world.mail('alice@example.com', `u${i}@example.org`);
      await world.pass(50);
    }
    await world.pass(hour);
    assert.equal(world.transport.attempts.length, 300);
    assert.equal(new Set(world.transport.attempts).size, 300);
    assert.equal(world.store.waiting.length, 0);
  });

  test('an entry held or cancelled meanwhile is not tried', async () => {
    const world = new RelayWorld(org, { attemptsPerDestination: 1 });
    world.transport.takesMs = 1000;
    world.transport.servers.set('192.0.2.1', takesAll);
    for (const user of ['a', 'b', 'c']) world.mail('alice@example.com', `${user}@example.org`);
    await world.start();
    await world.pass(500);
    const [, b, c] = world.store.waiting;
    assert.ok(b && c);
    world.store.hold(b.id);
    await world.store.cancel(c.id);
    await world.pass(hour);
    assert.deepEqual(world.transport.attempts, ['192.0.2.1: a@example.org']);
    assert.deepEqual(
      world.store.waiting.map((entry) => formatMailAddress(entry.recipient)),
      ['b@example.org'],
    );
  });

  test("the operator's retry makes a waiting message go", async () => {
    const world = new RelayWorld(org);
    await world.start();
    world.mail('alice@example.com', 'bob@example.org');
    await world.pass(hour);
    world.transport.servers.set('192.0.2.1', takesAll);
    await world.pass(2 * minute);
    assert.deepEqual(endings(world), []);
    await world.store.retry();
    await world.pass(100);
    assert.deepEqual(endings(world), ['relayed bob@example.org']);
  });
});

describe('a store that fails', () => {
  test('a message that was taken is settled later, and never relayed again', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', takesAll);
    world.store.settleFaults = 5;
    await world.start();
    world.mail('alice@example.com', 'bob@example.org');
    await world.pass(5 * minute);
    assert.equal(world.transport.attempts.length, 1);
    assert.deepEqual(endings(world), ['relayed bob@example.org']);
  });

  test('a queue that can not be read is read again', async () => {
    const world = new RelayWorld(org);
    world.transport.servers.set('192.0.2.1', takesAll);
    world.store.readFaults = 4;
    await world.start();
    world.mail('alice@example.com', 'bob@example.org');
    await world.pass(5 * minute);
    assert.deepEqual(endings(world), ['relayed bob@example.org']);
  });

  test('a content that can not be read puts off its own message only', async () => {
    const world = new RelayWorld(org, { attemptsPerDestination: 1 });
    world.transport.servers.set('192.0.2.1', takesAll);
    world.store.contentFaults = 1;
    await world.start();
    world.mail('alice@example.com', 'a@example.org');
    world.mail('alice@example.com', 'b@example.org');
    await world.pass(100);
    assert.deepEqual(endings(world), ['relayed b@example.org']);
    await world.pass(2 * minute);
    assert.deepEqual(endings(world), ['relayed b@example.org', 'relayed a@example.org']);
  });
});

describe('drain', () => {
  test('waits for what runs, and starts nothing more', async () => {
    const world = new RelayWorld(org, { attemptsPerDestination: 1 });
    world.transport.takesMs = 1000;
    world.transport.servers.set('192.0.2.1', takesAll);
    world.mail('alice@example.com', 'a@example.org');
    world.mail('alice@example.com', 'b@example.org');
    await world.start();
    await world.pass(100);
    let drained = false;
    const draining = world.queue.drain(new AbortController().signal).then(() => (drained = true));
    await world.pass(800);
    assert.equal(drained, false);
    await world.pass(200);
    await draining;
    assert.deepEqual(endings(world), ['relayed a@example.org']);
    assert.equal(world.store.waiting.length, 1);
    await world.pass(hour);
    assert.equal(world.transport.attempts.length, 1);
  });

  test('an aborted attempt leaves its entries due, as if never tried', async () => {
    const world = new RelayWorld(org);
    world.transport.takesMs = hour;
    world.transport.servers.set('192.0.2.1', takesAll);
    world.mail('alice@example.com', 'a@example.org');
    await world.start();
    await world.pass(100);
    const before = world.store.waiting;
    const abort = new AbortController();
    const draining = world.queue.drain(abort.signal);
    abort.abort();
    await draining;
    assert.deepEqual(world.store.waiting, before);
    assert.equal(world.clock.nextTimer(), undefined);
  });

  test('ends before the start, and while the store fails', async () => {
    const world = new RelayWorld(org);
    await world.queue.drain(AbortSignal.abort());
    const failing = new RelayWorld(org);
    failing.transport.servers.set('192.0.2.1', takesAll);
    failing.store.settleFaults = 1000;
    await failing.start();
    failing.mail('alice@example.com', 'a@example.org');
    await failing.pass(minute);
    await failing.queue.drain(AbortSignal.abort());
    assert.equal(failing.store.waiting.length, 1);
  });
});
