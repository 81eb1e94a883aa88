// What every store must do, whatever it is made of: each implementation's test calls `storeContract` with its own way to open.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { DomainStore } from '../../src/domains/domain-store.ts';
import { concatBytes, utf8ToBytes } from '../../src/lib/bytes.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import { newJourneyId } from '../../src/lib/journey.ts';
import type { JourneyId, JourneyStep } from '../../src/lib/journey.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { Random } from '../../src/lib/random.ts';
import type { Account, AccountStore } from '../../src/login/account-store.ts';
import type { JourneyStore } from '../../src/mailbox/journey-store.ts';
import type { Mailbox, MailboxEntry, MailStore } from '../../src/mailbox/mail-store.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import type {
  AcceptedMessage,
  AccountId,
  ContentId,
  Destination,
  Intake,
  MailboxId,
  Uid,
} from '../../src/mailbox/message.ts';
import type { QueueEntry, QueueId, QueueStore } from '../../src/smtp/queue/queue-store.ts';

export type Store = Intake &
  MailStore &
  QueueStore &
  AccountStore &
  DomainStore &
  JourneyStore & { close(): Promise<void> };

/** Opens the store that is kept in the folder; a second time after `close`, with everything still there. */
export type OpenStore = (folder: string, clock: VirtualClock) => Promise<Store>;

const start = Date.UTC(2026, 0, 1);
const credentials = { argon2id: '$argon2id$…', scramSha256: 'SCRAM-SHA-256$…' };
const nobody = new Set<string>();

/** A store in a folder of its own, with helpers that tests of any store want. */
export class StoreUnderTest {
  readonly clock: VirtualClock = new VirtualClock(start);
  readonly random: Random = seededRandom(42);
  readonly #open: OpenStore;
  readonly #folder: string;
  #store: Store | undefined;

  private constructor(open: OpenStore) {
    this.#open = open;
    this.#folder = mkdtempSync(join(tmpdir(), 'signpost-store-'));
  }

  static async open(open: OpenStore): Promise<StoreUnderTest> {
    const under = new StoreUnderTest(open);
    under.#store = await open(under.#folder, under.clock);
    return under;
  }

  get store(): Store {
    assert.ok(this.#store);
    return this.#store;
  }

  get folder(): string {
    return this.#folder;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.#store = await this.#open(this.#folder, this.clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async account(localPart: string, domain = 'example.com'): Promise<Account> {
    await this.store.addDomain(domain);
    const made = await this.store.addAccount({ localPart, domain }, credentials);
    assert.ok(made.ok, made.ok ? '' : made.fault);
    return made.value;
  }

  async inboxOf(account: Account): Promise<Mailbox> {
    const mailbox = await this.store.findMailbox(account.id, 'Inbox');
    assert.ok(mailbox);
    return mailbox;
  }

  async entriesOf(account: Account): Promise<readonly MailboxEntry[]> {
    return this.store.listEntries((await this.inboxOf(account)).id);
  }

  message(content: string | Uint8Array, ...destinations: readonly Destination[]): AcceptedMessage {
    const now = this.clock.now();
    return {
      id: newJourneyId(now, this.random),
      receivedAt: now,
      envelope: {
        reversePath: { localPart: 'sender', domain: 'example.net' },
        eightBit: false,
        utf8: false,
      },
      content: [typeof content === 'string' ? utf8ToBytes(content) : content],
      destinations,
      journey: [step('S1', now), step('S3', now)],
    };
  }

  async read(content: ContentId): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.store.readContent(content)) {
      assert.ok(chunk.length <= 256 * 1024, 'a chunk is at most 256 KiB');
      chunks.push(chunk);
    }
    return concatBytes(chunks);
  }

  async due(): Promise<readonly QueueEntry[]> {
    return this.store.dueEntries(this.clock.now(), 100, nobody);
  }
}

export function step(name: JourneyStep['step'], at: number): JourneyStep {
  const server = { name: 'mx.example.com', address: '192.0.2.1:25' };
  return { step: name, at, ms: 1.5, ok: true, server, text: `${name} was taken`, detail: { tls: true } };
}

export function into(account: Account, mailbox = 'Inbox'): Destination {
  return { kind: 'mailbox', recipient: account.address, account: account.id, mailbox };
}

export function relay(localPart: string, domain: string): Destination {
  return { kind: 'relay', recipient: { localPart, domain } };
}

export function storeContract(name: string, open: OpenStore): void {
  const each = (title: string, run: (under: StoreUnderTest) => Promise<void>): void => {
    test(title, async () => {
      await using under = await StoreUnderTest.open(open);
      await run(under);
    });
  };
  describe(`${name}: domains and accounts`, () => peopleContract(each));
  describe(`${name}: mailboxes`, () => mailboxContract(each));
  describe(`${name}: contents`, () => contentContract(each));
  describe(`${name}: queue`, () => queueContract(each));
  describe(`${name}: journeys`, () => journeyContract(each));
  describe(`${name}: opening, closing, failing`, () => lifeContract(each));
}

type Each = (title: string, run: (under: StoreUnderTest) => Promise<void>) => void;

function peopleContract(each: Each): void {
  each('a domain is added, found, listed by age and removed', async ({ store, clock }) => {
    const first = await store.addDomain('example.org');
    assert.deepEqual(first, { ok: true, value: { name: 'example.org', createdAt: start } });
    clock.advance(1000);
    assert.ok((await store.addDomain('a.example')).ok);
    assert.deepEqual(
      (await store.listDomains()).map((domain) => domain.name),
      ['example.org', 'a.example'],
    );
    assert.equal((await store.findDomain('a.example'))?.createdAt, start + 1000);
    assert.equal(await store.findDomain('b.example'), undefined);
    assert.deepEqual(await store.removeDomain('a.example'), { ok: true, value: undefined });
    assert.equal(await store.findDomain('a.example'), undefined);
  });

  each('a domain is refused twice, with a wrong name, and while it has accounts', async (under) => {
    const { store } = under;
    await under.account('alice');
    assert.match(faultOf(await store.addDomain('example.com')), /already/);
    for (const wrong of [
      '',
      'Example.org',
      'example.org.',
      '-a.example',
      'a..example',
      'b\u00fccher.example',
    ]) {
      assert.match(faultOf(await store.addDomain(wrong)), /not a domain name/, wrong);
    }
    assert.match(faultOf(await store.removeDomain('example.com')), /still has accounts/);
    assert.match(faultOf(await store.removeDomain('example.net')), /not one of our domains/);
  });

  each('an account is found whatever the case, and comes with its Inbox', async (under) => {
    const alice = await under.account('Alice.\u00c9');
    assert.equal(alice.createdAt, start);
    const found = await under.store.findAccount({ localPart: 'aLICE.e\u0301', domain: 'example.com' });
    assert.deepEqual(found, alice);
    assert.deepEqual(found?.credentials, credentials);
    assert.equal(found?.address.localPart, 'Alice.\u00c9', 'its own case is kept');
    const mailbox = await under.inboxOf(alice);
    assert.deepEqual(
      { name: mailbox.name, account: mailbox.account, uidNext: mailbox.uidNext },
      { name: 'Inbox', account: alice.id, uidNext: 1 },
    );
    assert.deepEqual(await under.store.listMailboxes(alice.id), [mailbox]);
    assert.deepEqual(await under.store.findMailbox(alice.id, 'INBOX'), mailbox);
    assert.equal(await under.store.findMailbox(alice.id, 'inbox2'), undefined);
  });

  each('an account is refused when its address is taken or its domain is not ours', async (under) => {
    await under.account('alice');
    const again = await under.store.addAccount({ localPart: 'ALICE', domain: 'example.com' }, credentials);
    assert.match(faultOf(again), /already/);
    const foreign = await under.store.addAccount({ localPart: 'alice', domain: 'example.net' }, credentials);
    assert.match(faultOf(foreign), /not one of our domains/);
  });

  each('accounts are listed by address, and the oldest of a domain is known', async (under) => {
    const [zoe, bob] = [await under.account('zoe'), await under.account('bob')];
    const carol = await under.account('carol', 'a.example');
    assert.deepEqual(await under.store.listAccounts(), [carol, bob, zoe]);
    assert.deepEqual(await under.store.oldestAccountOf('example.com'), zoe);
    assert.equal(await under.store.oldestAccountOf('b.example'), undefined);
  });

  each('what was looked up in vain is found once it is there, and not once it is gone', async (under) => {
    const address = { localPart: 'alice', domain: 'example.com' };
    const look = async (): Promise<readonly boolean[]> => [
      (await under.store.findDomain('example.com')) !== undefined,
      (await under.store.findAccount(address)) !== undefined,
    ];
    assert.deepEqual(await look(), [false, false]);
    await under.store.addDomain('example.com');
    assert.deepEqual(await look(), [true, false]);
    const alice = await under.account('alice');
    assert.deepEqual(await look(), [true, true]);
    await under.store.removeAccount(alice.id);
    assert.deepEqual(await look(), [true, false]);
    await under.store.removeDomain('example.com');
    assert.deepEqual(await look(), [false, false]);
  });

  each('credentials are replaced', async (under) => {
    const alice = await under.account('alice');
    assert.deepEqual(await under.store.findAccount(alice.address), alice);
    await under.store.setCredentials(alice.id, { argon2id: 'new', scramSha256: 'newer' });
    const found = await under.store.findAccount(alice.address);
    assert.deepEqual(found?.credentials, { argon2id: 'new', scramSha256: 'newer' });
  });

  each('an account goes with its mail, and no id or uidValidity comes again', async (under) => {
    const [alice, bob] = [await under.account('alice'), await under.account('bob')];
    await under.store.accept(under.message('both', into(alice), into(bob)));
    await under.store.accept(under.message('one', into(alice)));
    const [both, one] = await under.entriesOf(alice);
    const before = await under.inboxOf(alice);
    assert.ok(both && one);
    await under.store.removeAccount(alice.id);
    assert.equal(await under.store.findAccount(alice.address), undefined);
    assert.deepEqual(await under.store.listMailboxes(alice.id), []);
    await assert.rejects(under.read(one.content), StoreFault);
    assert.equal((await under.read(both.content)).length, 4, 'what bob has too stays');
    const again = await under.account('alice');
    const after = await under.inboxOf(again);
    assert.ok(again.id > bob.id);
    assert.ok(after.id > before.id);
    assert.ok(after.uidValidity > before.uidValidity);
    assert.deepEqual(await under.entriesOf(again), []);
  });
}

function mailboxContract(each: Each): void {
  each('messages get ascending uids, and the mailbox counts its changes', async (under) => {
    const alice = await under.account('alice');
    const before = await under.inboxOf(alice);
    for (const content of ['1', '22', '333']) {
      under.clock.advance(1000);
      await under.store.accept(under.message(content, into(alice, 'INBOX')));
    }
    const entries = await under.entriesOf(alice);
    assert.deepEqual(
      entries.map(({ uid, size, internalDate, flags }) => ({ uid, size, internalDate, flags })),
      [1, 2, 3].map((n) => ({ uid: n, size: n, internalDate: start + n * 1000, flags: [] })),
    );
    const after = await under.inboxOf(alice);
    assert.equal(after.uidNext, 4);
    assert.ok(after.modSeq > before.modSeq);
    assert.equal(after.modSeq, entries.at(-1)?.modSeq);
    assert.equal(new Set(entries.map((entry) => entry.modSeq)).size, 3);
  });

  each('expunging removes what is there, passes over what is not, and gives no uid again', async (under) => {
    const alice = await under.account('alice');
    for (const content of ['a', 'b', 'c']) await under.store.accept(under.message(content, into(alice)));
    const before = await under.inboxOf(alice);
    await under.store.expunge(before.id, [3, 1, 1, 99] as Uid[]);
    assert.deepEqual(
      (await under.entriesOf(alice)).map((entry) => entry.uid),
      [2],
    );
    assert.ok((await under.inboxOf(alice)).modSeq > before.modSeq);
    await under.store.accept(under.message('d', into(alice)));
    assert.deepEqual(
      (await under.entriesOf(alice)).map((entry) => entry.uid),
      [2, 4],
    );
    const changed = await under.inboxOf(alice);
    await under.store.expunge(changed.id, []);
    await under.store.expunge(changed.id, [77] as Uid[]);
    await under.store.expunge(999 as MailboxId, [1] as Uid[]);
    assert.deepEqual(await under.inboxOf(alice), changed, 'nothing to remove is no change');
  });

  each('a message for one mailbox by two names is there once', async (under) => {
    const alice = await under.account('alice');
    const shouted: Destination = {
      kind: 'mailbox',
      recipient: { localPart: 'ALICE', domain: 'example.com' },
      account: alice.id,
      mailbox: 'INBOX',
    };
    await under.store.accept(under.message('once', into(alice), shouted));
    assert.equal((await under.entriesOf(alice)).length, 1);
  });

  each(
    'a watcher hears of each commit that changed its mailbox, of no other, and no more when it stopped',
    async (under) => {
      const [alice, bob] = [await under.account('alice'), await under.account('bob')];
      const mailbox = await under.inboxOf(alice);
      let heard = 0;
      let seen = 0;
      const stop = under.store.watch(mailbox.id, () => {
        heard++;
        void under.store.listEntries(mailbox.id).then((entries) => (seen = entries.length));
      });
      await under.store.accept(under.message('for bob', into(bob)));
      await settled();
      assert.equal(heard, 0);
      await under.store.accept(under.message('for alice', into(alice)));
      await settled();
      assert.deepEqual({ heard, seen }, { heard: 1, seen: 1 });
      await under.store.expunge(mailbox.id, [1 as Uid]);
      await settled();
      assert.deepEqual({ heard, seen }, { heard: 2, seen: 0 });
      stop();
      await under.store.accept(under.message('again', into(alice)));
      await settled();
      assert.equal(heard, 2);
    },
  );

  each('a long mailbox is listed whole and in order', async (under) => {
    const alice = await under.account('alice');
    await Promise.all(
      Array.from({ length: 2500 }, (_, i) => under.store.accept(under.message(`${i}`, into(alice)))),
    );
    const uids = (await under.entriesOf(alice)).map((entry) => entry.uid);
    assert.deepEqual(
      uids,
      Array.from({ length: 2500 }, (_, i) => i + 1),
    );
  });
}

function contentContract(each: Each): void {
  for (const size of [0, 1, 10_240, 262_143, 262_144, 262_145, 3_000_000]) {
    each(`a content of ${size} octets comes back as it was, in pieces of any size`, async (under) => {
      const alice = await under.account('alice');
      const bytes = under.random.bytes(size);
      const message = under.message(bytes, into(alice));
      const pieces = [0, 1, 7, 70_000, 500_000].map((at, i, all) => bytes.subarray(at, all[i + 1] ?? size));
      await under.store.accept({ ...message, content: size === 0 ? [] : pieces });
      const [entry] = await under.entriesOf(alice);
      assert.equal(entry?.size, size);
      assert.deepEqual(entry && (await under.read(entry.content)), bytes);
    });
  }

  each('every octet value survives, beside other messages of the same commit', async (under) => {
    const alice = await under.account('alice');
    const contents = Array.from({ length: 20 }, (_, i) => under.random.bytes(i * 37));
    await Promise.all(contents.map((content) => under.store.accept(under.message(content, into(alice)))));
    for (const [i, entry] of (await under.entriesOf(alice)).entries()) {
      assert.deepEqual(await under.read(entry.content), contents[i]);
    }
  });

  each('a content is shared by all recipients, and goes with the last of them', async (under) => {
    const [alice, bob] = [await under.account('alice'), await under.account('bob')];
    await under.store.accept(under.message('shared', into(alice), into(bob), relay('x', 'example.net')));
    const [ofAlice] = await under.entriesOf(alice);
    const [ofBob] = await under.entriesOf(bob);
    const [queued] = await under.due();
    assert.ok(ofAlice && ofBob && queued);
    assert.equal(ofAlice.content, ofBob.content);
    assert.equal(ofAlice.content, queued.content);
    await under.store.expunge((await under.inboxOf(alice)).id, [ofAlice.uid]);
    await under.store.settle([{ kind: 'relayed', id: queued.id }], [], []);
    assert.equal((await under.read(ofBob.content)).length, 6);
    await under.store.expunge((await under.inboxOf(bob)).id, [ofBob.uid]);
    await assert.rejects(under.read(ofBob.content), StoreFault);
    await under.store.accept(under.message('another', into(alice)));
    const [next] = await under.entriesOf(alice);
    assert.notEqual(next?.content, ofBob.content, 'an id is never used again');
  });

  each('a content that is gone is a fault, not an empty one', async (under) => {
    await assert.rejects(under.read(12345 as ContentId), StoreFault);
  });
}

function queueContract(each: Each): void {
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

function journeyContract(each: Each): void {
  each('a journey is written with its message and read back, the newest first', async (under) => {
    const messages: AcceptedMessage[] = [];
    for (let i = 0; i < 5; i++) {
      under.clock.advance(1000);
      const message = under.message('content', relay('a', 'one.example'), relay('b', 'two.example'));
      messages.push(message);
      await under.store.accept(message);
    }
    const [first] = messages;
    assert.ok(first);
    assert.deepEqual(await under.store.readJourney(first.id), {
      id: first.id,
      receivedAt: start + 1000,
      reversePath: { localPart: 'sender', domain: 'example.net' },
      recipients: [
        { localPart: 'a', domain: 'one.example' },
        { localPart: 'b', domain: 'two.example' },
      ],
      size: 7,
      steps: first.journey,
    });
    assert.deepEqual(
      (await under.store.listJourneys(3)).map((journey) => journey.id),
      messages
        .map((message) => message.id)
        .reverse()
        .slice(0, 3),
    );
    assert.equal(await under.store.readJourney('0000000000000000' as JourneyId), undefined);
  });

  each(
    'steps are added in the order in which they were settled; for an unknown message they are dropped',
    async (under) => {
      const message = { ...under.message('x', relay('a', 'one.example')), journey: [] };
      await under.store.accept(message);
      for (let i = 1; i <= 12; i++) {
        const unknown = '0000000000000000' as JourneyId;
        const steps = [step('S5', i)];
        await under.store.settle(
          [],
          [
            { message: message.id, steps },
            { message: unknown, steps },
          ],
          [],
        );
      }
      const journey = await under.store.readJourney(message.id);
      assert.deepEqual(
        journey?.steps.map(({ at }) => at),
        Array.from({ length: 12 }, (_, i) => i + 1),
      );
      assert.equal((await under.store.listJourneys(10)).length, 1);
    },
  );

  each('no two messages have one journey', async (under) => {
    const alice = await under.account('alice');
    const message = under.message('x', into(alice));
    await under.store.accept(message);
    await assert.rejects(under.store.accept(message), StoreFault);
    assert.equal((await under.entriesOf(alice)).length, 1);
  });
}

function lifeContract(each: Each): void {
  each('everything is there after opening again', async (under) => {
    const alice = await under.account('alice');
    const message = under.message('content', into(alice), relay('a', 'one.example'));
    await under.store.accept(message);
    const before = [await under.inboxOf(alice), await under.entriesOf(alice), await under.due()];
    const journey = await under.store.readJourney(message.id);
    await under.reopen();
    const after = [await under.inboxOf(alice), await under.entriesOf(alice), await under.due()];
    assert.deepEqual(after, before);
    assert.deepEqual(await under.store.readJourney(message.id), journey);
    assert.deepEqual(await under.store.listAccounts(), [alice]);
  });

  each('a failing message leaves nothing behind, and harms none that shares its commit', async (under) => {
    const alice = await under.account('alice');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => {
        const good = under.message(`good ${i}`, into(alice), relay('a', `d${i}.example`));
        const lost = { ...into(alice), account: 999 as AccountId } as Destination;
        const bad = under.message(`bad ${i}`, into(alice), relay('a', 'bad.example'), lost);
        return under.store.accept(i % 3 === 0 ? bad : good);
      }),
    );
    for (const [i, outcome] of outcomes.entries()) {
      assert.equal(outcome.status, i % 3 === 0 ? 'rejected' : 'fulfilled', `message ${i}`);
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof StoreFault);
    }
    const entries = await under.entriesOf(alice);
    assert.equal(entries.length, 20);
    for (const entry of entries) {
      assert.match(new TextDecoder().decode(await under.read(entry.content)), /^good/);
    }
    const due = await under.due();
    assert.equal(due.length, 20);
    assert.ok(due.every((entry) => entry.recipient.domain !== 'bad.example'));
    assert.equal((await under.store.listJourneys(100)).length, 20);
  });

  each('closing finishes what waits and refuses what comes after', async (under) => {
    const alice = await under.account('alice');
    const accepted = Array.from({ length: 50 }, (_, i) =>
      under.store.accept(under.message(`${i}`, into(alice))),
    );
    const closing = under.store.close();
    const late = under.store.accept(under.message('late', into(alice)));
    await assert.rejects(late, (error) => error instanceof StoreFault && error.kind === 'closed');
    await Promise.all(accepted);
    await closing;
    await under.store.close();
    await assert.rejects(
      under.entriesOf(alice),
      (error) => error instanceof StoreFault && error.kind === 'closed',
    );
    await under.reopen();
    assert.equal((await under.entriesOf(alice)).length, 50);
  });
}

function faultOf(result: { readonly ok: boolean; readonly fault?: string }): string {
  assert.equal(result.ok, false);
  return result.fault ?? '';
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  assert.ok(item !== undefined);
  return item;
}

/** Until what a commit set off has run. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
