// What every store must do with the queue.
import assert from 'node:assert/strict';
import { utf8ToBytes } from '../../src/lib/bytes.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { AccountId, Destination } from '../../src/mailbox/message.ts';
import type { MailTerms, ReportTerms } from '../../src/mailbox/terms.ts';
import type { QueueId } from '../../src/smtp/queue/queue-store.ts';
import { into, relay, step, start, settled } from './store-under-test.ts';
import type { Each } from './store-under-test.ts';

export function queueContract(each: Each): void {
  each('an accepted message waits once for each recipient, with its envelope', async (under) => {
    const message = {
      ...under.message('content', relay('a', 'one.example'), relay('B"c', 'two.example')),
      envelope: { reversePath: undefined, eightBit: true, utf8: true },
    };
    await under.store.accept(message);
    const entries = await under.due();
    assert.deepEqual(
      entries,
      [
        { localPart: 'a', domain: 'one.example' },
        { localPart: 'B"c', domain: 'two.example' },
      ].map((recipient, i) => ({
        id: at(entries, i).id,
        content: at(entries, 0).content,
        message: message.id,
        envelope: message.envelope,
        recipient,
        size: 7,
        queuedAt: start,
        nextAttemptAt: start,
        attempts: 0,
        lastReply: undefined,
        held: false,
      })),
    );
    assert.deepEqual(await under.store.findQueueEntry(at(entries, 0).id), entries[0]);
    const chunks = under.store.readContent(at(entries, 0).content);
    for await (const chunk of chunks) assert.equal(chunk.length, 7);
  });

  each('a recipient named twice waits once; one of another case may be another', async (under) => {
    const again = [relay('a', 'one.example'), relay('A', 'one.example'), relay('a', 'one.example')];
    await under.store.accept(under.message('x', ...again));
    assert.deepEqual(
      (await under.due()).map((entry) => entry.recipient.localPart),
      ['a', 'A'],
    );
  });

  each(
    'what is due comes longest due first, at most so many, and without the domains left out',
    async (under) => {
      const expected: string[] = [];
      for (let i = 0; i < 30; i++) {
        under.clock.advance(1000);
        const domain = ['one.example', 'two.example', 'three.example'][i % 3] ?? '';
        await under.store.accept(under.message('x', relay(`${i}`, domain)));
        expected.push(`${i}`);
      }
      const now = under.clock.now();
      const names = async (limit: number, except: readonly string[], at = now): Promise<string[]> =>
        (await under.store.dueEntries(at, limit, new Set(except))).map((entry) => entry.recipient.localPart);
      assert.deepEqual(await names(100, []), expected);
      assert.deepEqual(await names(7, []), expected.slice(0, 7));
      assert.deepEqual(
        await names(100, ['one.example', 'none.example']),
        expected.filter((_, i) => i % 3 !== 0),
      );
      assert.deepEqual(await names(2, ['one.example', 'two.example']), ['2', '5']);
      assert.deepEqual(await names(100, [], start + 3000), ['0', '1', '2']);
      assert.deepEqual(await names(0, []), []);
      const ofTwo = await under.store.dueEntriesOf('two.example', now, 4);
      assert.deepEqual(
        ofTwo.map((entry) => entry.recipient.localPart),
        ['1', '4', '7', '10'],
      );
      assert.equal(await under.store.nextDue(), start + 1000);
    },
  );

  each('a deferred entry waits for its time with its reply, a relayed or failed one goes', async (under) => {
    const domains = ['one.example', 'two.example', 'three.example'];
    await under.store.accept(under.message('x', ...domains.map((domain) => relay('a', domain))));
    const [one, two, three] = await under.due();
    assert.ok(one && two && three);
    const later = start + 60_000;
    await under.store.settle(
      [
        { kind: 'deferred', id: one.id, nextAttemptAt: later, reply: '450 4.2.0 try later' },
        { kind: 'relayed', id: two.id },
        { kind: 'failed', id: three.id, reply: '550 5.1.1 no such user' },
        { kind: 'relayed', id: 4711 as QueueId },
      ],
      [],
      [],
    );
    assert.deepEqual(await under.due(), []);
    assert.equal(await under.store.nextDue(), later);
    const waiting = { ...one, attempts: 1, nextAttemptAt: later, lastReply: '450 4.2.0 try later' };
    assert.deepEqual(await under.store.listQueue(10), [waiting]);
    under.clock.advance(60_000);
    assert.deepEqual(await under.due(), [waiting]);
    assert.deepEqual(await under.store.dueEntriesOf('one.example', under.clock.now(), 10), [waiting]);
    await under.store.settle([{ kind: 'relayed', id: one.id }], [], []);
    assert.equal(await under.store.nextDue(), undefined);
    await assert.rejects(under.read(one.content), StoreFault);
  });

  each('what the sender asked for stays with the message and with each recipient', async (under) => {
    const report: ReportTerms = {
      notify: ['success', 'delay'],
      originalRecipient: { type: 'rfc822', address: 'first@one.example' },
    };
    const terms: Required<MailTerms> = {
      returns: 'headers',
      envelopeId: 'mail+1',
      requireTls: true,
      tlsOptional: true,
      deliverBy: { at: start + 60_000, mode: 'notify', trace: true },
      priority: -3,
      releaseAt: start + 1000,
    };
    const plain = under.message('x');
    await under.store.accept({
      ...plain,
      envelope: { ...plain.envelope, binary: true, terms },
      destinations: [
        { kind: 'relay', recipient: { localPart: 'a', domain: 'one.example' }, report },
        {
          kind: 'relay',
          recipient: { localPart: 'b', domain: 'one.example' },
          report: { notify: 'none' },
        },
        relay('c', 'one.example'),
      ],
    });
    assert.deepEqual(await under.due(), [], 'it may not go yet');
    assert.equal(await under.store.nextDue(), start + 1000);
    under.clock.advance(1000);
    await under.reopen();
    const entries = await under.due();
    assert.deepEqual(entries[0]?.envelope, { ...plain.envelope, binary: true, terms });
    assert.deepEqual(
      entries.map((entry) => entry.report),
      [report, { notify: 'none' }, undefined],
    );
    const [a] = entries;
    assert.ok(a);
    const deferral = { kind: 'deferred', id: a.id, nextAttemptAt: start + 1000, reply: '' } as const;
    await under.store.settle([{ ...deferral, delayReported: true }], [], []);
    await under.store.settle([deferral], [], []);
    assert.deepEqual(
      (await under.due()).map((entry) => entry.delayReported),
      [true, undefined, undefined],
    );
  });

  each('what is urgent goes first within a domain, and what falls due next is still known', async (under) => {
    for (const priority of [0, -4, 9, 0, 4, -4]) {
      const plain = under.message('x', relay(`${priority}`, 'one.example'));
      const envelope = { ...plain.envelope, terms: { priority } };
      await under.store.accept(priority === 0 ? plain : { ...plain, envelope });
      under.clock.advance(1000);
    }
    const now = under.clock.now();
    const order = async (limit: number, at = now): Promise<string[]> =>
      (await under.store.dueEntriesOf('one.example', at, limit)).map((entry) => entry.recipient.localPart);
    assert.deepEqual(await order(10), ['9', '4', '0', '0', '-4', '-4']);
    assert.deepEqual(await order(3), ['9', '4', '0']);
    assert.deepEqual(await order(10, start + 1000), ['0', '-4']);
    const [first] = await under.store.dueEntriesOf('one.example', start, 1);
    assert.ok(first);
    await under.store.settle([{ kind: 'relayed', id: first.id }], [], []);
    assert.equal(await under.store.nextDue(), start + 1000, 'the least urgent one is due first');
  });

  each('an entry whose time has come moves into a mailbox', async (under) => {
    const alice = await under.account('alice');
    const message = under.message('later', relay('alice', 'example.com'), relay('bob', 'example.com'));
    await under.store.accept(message);
    const [entry, other] = await under.due();
    assert.ok(entry && other);
    const delivered = { kind: 'delivered', at: start + 5, mailbox: 'INBOX' } as const;
    await under.store.settle(
      [
        { ...delivered, id: entry.id, account: alice.id },
        { ...delivered, id: other.id, account: 999 as AccountId },
      ],
      [],
      [],
    );
    const [kept] = await under.entriesOf(alice);
    assert.equal(kept?.internalDate, start + 5);
    assert.equal(kept.size, 5);
    const left = await under.due();
    assert.deepEqual(
      left.map((each) => each.id),
      [other.id],
      'where there is no such mailbox, it stays',
    );
    await under.store.cancel(other.id);
    assert.deepEqual(await under.read(kept.content), utf8ToBytes('later'));
  });

  each('a message and the reports of its delivery are accepted together or not at all', async (under) => {
    const alice = await under.account('alice');
    const message = under.message('x', into(alice));
    const report = under.message('report', relay('sender', 'example.net'));
    const toNobody = under.message('lost', { ...into(alice), account: 999 as AccountId } as Destination);
    await assert.rejects(under.store.accept(message, [report, toNobody]), StoreFault);
    assert.deepEqual([await under.entriesOf(alice), await under.due()], [[], []]);
    await under.store.accept(message, [report]);
    assert.equal((await under.entriesOf(alice)).length, 1);
    assert.deepEqual(await under.due().then((entries) => entries.map((each) => each.message)), [report.id]);
  });

  each('settling brings bounces in and steps along, all or nothing', async (under) => {
    const alice = await under.account('alice');
    const message = under.message('x', relay('a', 'one.example'));
    await under.store.accept(message);
    const [entry] = await under.due();
    assert.ok(entry);
    const steps = [step('S4', start + 1), step('S5', start + 2)];
    const failed = { kind: 'failed', id: entry.id, reply: '550 no' } as const;
    const toNobody = under.message('lost', { ...into(alice), account: 999 as AccountId } as Destination);
    await assert.rejects(
      under.store.settle(
        [failed],
        [{ message: message.id, steps }],
        [under.message('a', into(alice)), toNobody],
      ),
      StoreFault,
    );
    assert.deepEqual(await under.due(), [entry], 'a notice that cannot be kept leaves all as it was');
    assert.deepEqual(await under.entriesOf(alice), []);
    assert.equal((await under.store.readJourney(message.id))?.steps.length, 2);
    const notices = [
      under.message('bounce 1', into(alice)),
      under.message('bounce 22', relay('b', 'two.example')),
    ];
    await under.store.settle([failed], [{ message: message.id, steps }], notices);
    const [bounce] = await under.entriesOf(alice);
    assert.deepEqual(bounce && (await under.read(bounce.content)), utf8ToBytes('bounce 1'));
    const [next] = await under.due();
    assert.deepEqual(next && (await under.read(next.content)), utf8ToBytes('bounce 22'));
    assert.deepEqual((await under.store.readJourney(message.id))?.steps.slice(2), steps);
  });

  each(
    'an entry of a group’s member has the group’s owner for its sender, unless there is no sender',
    async (under) => {
      const owner = { localPart: 'Owner', domain: 'example.com' };
      const member = { ...relay('a', 'one.example'), owner };
      const sent = under.message('x', member, relay('b', 'one.example'));
      await under.store.accept(sent);
      const senders = (await under.due()).map(({ recipient, envelope }) => [
        recipient.localPart,
        envelope.reversePath,
      ]);
      assert.deepEqual(senders, [
        ['a', owner],
        ['b', sent.envelope.reversePath],
      ]);
      await under.reopen();
      for (const { id } of await under.due()) await under.store.settle([{ kind: 'relayed', id }], [], []);
      const report = under.message('x', member);
      await under.store.accept({ ...report, envelope: { ...report.envelope, reversePath: undefined } });
      assert.deepEqual((await under.due())[0]?.envelope.reversePath, undefined);
    },
  );

  each('the operator lists, retries and cancels', async (under) => {
    await under.store.accept(under.message('x', relay('a', 'one.example'), relay('b', 'two.example')));
    const [one, two] = await under.due();
    assert.ok(one && two);
    const deferred = (id: QueueId, hours: number) =>
      ({ kind: 'deferred', id, nextAttemptAt: start + hours * 3_600_000, reply: '' }) as const;
    await under.store.settle([deferred(one.id, 2), deferred(two.id, 1)], [], []);
    const ids = async (limit: number): Promise<QueueId[]> =>
      (await under.store.listQueue(limit)).map((entry) => entry.id);
    assert.deepEqual(await ids(10), [two.id, one.id]);
    assert.deepEqual(await ids(1), [two.id]);
    assert.equal(await under.store.retry(one.id), 1);
    assert.deepEqual(
      (await under.due()).map((entry) => entry.id),
      [one.id],
    );
    assert.equal(await under.store.retry(4711 as QueueId), 0);
    assert.equal(await under.store.retry(), 2);
    assert.equal((await under.due()).length, 2);
    assert.equal(await under.store.cancel(one.id), true);
    assert.equal(await under.store.cancel(one.id), false);
    assert.equal(await under.store.findQueueEntry(one.id), undefined);
    assert.deepEqual(await ids(10), [two.id]);
  });

  each('a watcher of the queue hears when something new is due', async (under) => {
    const alice = await under.account('alice');
    let heard = 0;
    const stop = under.store.watchQueue(() => heard++);
    const check = async (expected: number, what: string): Promise<void> => {
      await settled();
      assert.equal(heard, expected, what);
    };
    await under.store.accept(under.message('x', into(alice)));
    await check(0, 'a message for a mailbox');
    await under.store.accept(under.message('x', relay('a', 'one.example')));
    await check(1, 'a message to relay');
    const [entry] = await under.due();
    assert.ok(entry);
    const later = start + 60_000;
    await under.store.settle([{ kind: 'deferred', id: entry.id, nextAttemptAt: later, reply: '' }], [], []);
    await check(1, 'a deferral');
    await under.store.retry(entry.id);
    await check(2, 'a retry');
    await under.store.settle([], [], [under.message('bounce', relay('a', 'one.example'))]);
    await check(3, 'a bounce');
    stop();
    await under.store.retry();
    await check(3, 'after stopping');
  });
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  assert.ok(item !== undefined);
  return item;
}
