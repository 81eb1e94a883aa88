import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { into, relay, step, StoreUnderTest } from '../../../test/contract/store-under-test.ts';
import { reportBounds, reportedRow } from '../../../test/contract/report-contract.ts';
import { storeContract } from '../../../test/contract/store-contract.ts';
import type { OpenStore } from '../../../test/contract/store-under-test.ts';
import { storeModel } from '../../../test/contract/store-model.ts';
import type { Account } from '../../login/account-store.ts';
import { systemClock } from '../../lib/clock.ts';
import { dayOf } from '../../mailauth/dmarc/report-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { Uid } from '../../mailbox/message.ts';
import { openSqliteStore } from './sqlite-store.ts';

const open: OpenStore = (folder, clock) => openSqliteStore(folder, { clock, reports: reportBounds });
const megabyte = 1 << 20;

storeContract('sqlite', open);
storeModel('sqlite', open);

test('a full store says so, harms nothing that is there, and goes on when there is room again', async () => {
  await using under = await StoreUnderTest.open((folder, clock) =>
    openSqliteStore(folder, { clock, maxOctets: 4 * megabyte }),
  );
  const alice = await under.account('alice');
  const large = new Uint8Array(megabyte).fill(0x61);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => under.store.accept(under.message(large, into(alice)))),
  );
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.ok(refused.length >= 5 && refused.length < 8, `${refused.length} of 8 refused`);
  for (const { reason } of refused) {
    assert.ok(reason instanceof StoreFault);
    assert.equal(reason.kind, 'full');
  }
  const entries = await under.entriesOf(alice);
  assert.equal(entries.length, 8 - refused.length);
  for (const entry of entries) assert.deepEqual(await under.read(entry.content), large);
  const uids = entries.map((entry) => entry.uid);
  await under.store.expunge((await under.inboxOf(alice)).id, uids);
  await under.store.accept(under.message(large, into(alice)));
  assert.equal((await under.entriesOf(alice)).length, 1);
});

test('a small message is taken beside one for which there is no room', async () => {
  await using under = await StoreUnderTest.open((folder, clock) =>
    openSqliteStore(folder, { clock, maxOctets: megabyte }),
  );
  const alice = await under.account('alice');
  const outcomes = await Promise.allSettled(
    ['a', new Uint8Array(2 * megabyte), 'b'].map((content) =>
      under.store.accept(under.message(content, into(alice))),
    ),
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('a message larger than any group is taken, beside small ones', async () => {
  await using under = await StoreUnderTest.open(open);
  const alice = await under.account('alice');
  const contents = [1, 9 * megabyte, 2, 8 * megabyte, 3].map((size) => under.random.bytes(size));
  await Promise.all(contents.map((content) => under.store.accept(under.message(content, into(alice)))));
  for (const [i, entry] of (await under.entriesOf(alice)).entries()) {
    assert.ok(Buffer.compare(await under.read(entry.content), contents[i] ?? new Uint8Array()) === 0);
  }
});

test('a folder belongs to one store at a time, and the next one may wait for it', async () => {
  await using under = await StoreUnderTest.open(open);
  await assert.rejects(
    openSqliteStore(under.folder),
    (error) => error instanceof StoreFault && /in use by another Signpost process/.test(error.message),
  );
  const waiting = openSqliteStore(under.folder, { lockWaitMs: 10_000 });
  await under.store.close();
  await using next = await waiting;
  assert.deepEqual(await next.listDomains(), []);
});

test('nobody else may read the files', async () => {
  await using under = await StoreUnderTest.open((folder, clock) =>
    openSqliteStore(join(folder, 'new', 'data'), { clock }),
  );
  await under.account('alice');
  const data = join(under.folder, 'new', 'data');
  assert.equal(statSync(data).mode & 0o777, 0o700);
  const files = readdirSync(data);
  assert.ok(files.includes('mail.sqlite') && files.includes('mail.sqlite-wal'), files.join(' '));
  for (const file of files) assert.equal(statSync(join(data, file)).mode & 0o777, 0o600, file);
});

test('closing leaves one file with everything in it', async () => {
  await using under = await StoreUnderTest.open(open);
  const alice = await under.account('alice');
  await under.store.accept(under.message('x', into(alice)));
  await under.store.close();
  assert.ok(!existsSync(join(under.folder, 'mail.sqlite-wal')));
  using db = new DatabaseSync(join(under.folder, 'mail.sqlite'), { readOnly: true });
  assert.equal(db.prepare('SELECT count(*) AS n FROM mailbox_entry').get()?.['n'], 1);
});

const unusable: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
  [
    'a file where the folder should be',
    (folder) => writeFileSync(folder, ''),
    /data folder .* can't be used/,
  ],
  [
    'a database that is none',
    (folder) => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'mail.sqlite'), 'this is not a database, however long it may be');
    },
    /not a database/,
  ],
  [
    'a database of a newer version',
    (folder) => {
      mkdirSync(folder);
      const db = new DatabaseSync(join(folder, 'mail.sqlite'));
      db.exec('PRAGMA user_version = 999');
      db.close();
    },
    /newer version of Signpost/,
  ],
];
for (const [what, make, expected] of unusable) {
  test(`${what} is refused with a sentence, and the folder is let go`, async () => {
    await using under = await StoreUnderTest.open(open);
    const folder = join(under.folder, 'other');
    make(folder);
    for (let i = 0; i < 2; i++) {
      await assert.rejects(
        openSqliteStore(folder),
        (error) => error instanceof StoreFault && expected.test(error.message),
      );
    }
  });
}

test('journeys are forgotten when their time is over, in pieces', async () => {
  await using under = await StoreUnderTest.open((folder, clock) =>
    openSqliteStore(folder, { clock, keepJourneysMs: 3_600_000 }),
  );
  for (let i = 0; i < 450; i++) await under.store.accept(under.message('x', relay('a', 'one.example')));
  const [oldest] = await under.store.listJourneys(1);
  assert.ok(oldest);
  await under.store.settle([], [{ message: oldest.id, steps: [step('S5', 0)] }], []);
  await under.clock.advanceAsync(2 * 3_600_000);
  const message = under.message('new', relay('a', 'one.example'));
  await under.store.accept(message);
  await under.clock.advanceAsync(3_600_000);
  // Forgetting isn't answered; writes go in between, so that these wait until it is through.
  for (let i = 0; i < 20 && (await under.store.listJourneys(100)).length > 1; i++) await under.store.retry();
  assert.deepEqual(
    (await under.store.listJourneys(100)).map((journey) => journey.id),
    [message.id],
  );
  assert.equal((await under.store.listQueue(1000)).length, 451, 'the queue is not touched');
});

test('a domain with many entries does not make finding the others slow', async () => {
  await using under = await StoreUnderTest.open(open);
  const recipients = Array.from({ length: 1000 }, (_, i) => relay(`${i}`, 'busy.example'));
  for (let i = 0; i < 20; i++) await under.store.accept(under.message('x', ...recipients));
  under.clock.advance(1);
  await under.store.accept(under.message('x', relay('a', 'quiet.example')));
  const began = performance.now();
  for (let i = 0; i < 100; i++) {
    const due = await under.store.dueEntries(under.clock.now(), 10, new Set(['busy.example']));
    assert.equal(due.length, 1);
  }
  // Reading 20,000 rows a hundred times would take seconds.
  assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
});

test('a damaged file makes faults, never a crash or an endless wait', async () => {
  await using under = await StoreUnderTest.open(open);
  const alice = await under.account('alice');
  for (let i = 0; i < 40; i++) {
    const recipients = [into(alice), relay(`${i}`, `d${i % 5}.example`)];
    await under.store.accept(under.message('x'.repeat(i * 300), ...recipients));
  }
  await under.store.close();
  const good = readFileSync(join(under.folder, 'mail.sqlite'));
  for (let round = 0; round < 8; round++) {
    const damaged = Buffer.from(good);
    for (let i = 0; i < 1 << round; i++)
      damaged[under.random.below(damaged.length)] = under.random.below(256);
    const folder = join(under.folder, `${round}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'mail.sqlite'), damaged);
    await expectFaultsOnly(() => useAll(folder, under, alice));
  }
});

/** Does whatever can be done; each failure must be a fault of the store. */
async function useAll(folder: string, under: StoreUnderTest, alice: Account): Promise<void> {
  await using store = await openSqliteStore(folder);
  const uses: readonly (() => Promise<unknown>)[] = [
    () => store.listAccounts(),
    () => store.findAccount(alice.address),
    () => store.listDomains(),
    () => store.listMailboxes(alice.id),
    async () => {
      const mailbox = await store.findMailbox(alice.id, 'Inbox');
      if (mailbox === undefined) return;
      for (const entry of await store.listEntries(mailbox.id)) {
        await expectFaultsOnly(() => Array.fromAsync(store.readContent(entry.content)));
      }
      await store.expunge(mailbox.id, [1, 2, 3] as Uid[]);
    },
    () => store.dueEntries(under.clock.now(), 100, new Set()),
    () => store.listQueue(100),
    () => store.nextDue(),
    () => store.listJourneys(100),
    () => store.accept(under.message('new', into(alice), relay('a', 'one.example'))),
    () => store.retry(),
    () => store.removeAccount(alice.id),
  ];
  for (const use of uses) await expectFaultsOnly(use);
}

async function expectFaultsOnly(use: () => Promise<unknown>): Promise<void> {
  try {
    await use();
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
  }
}

/** Tells in which turn of the event loop it is copied. */
class WatchedChunk extends Uint8Array {
  static copied: (() => void) | undefined;

  override get length(): number {
    WatchedChunk.copied?.();
    return super.length;
  }
}

test('a message larger than any group is handed over in pieces, and others have their turn in between', async () => {
  await using under = await StoreUnderTest.open(open);
  const alice = await under.account('alice');
  const chunks = Array.from({ length: 160 }, (_, i) => new WatchedChunk(megabyte / 4).fill(i));
  const large = { ...under.message('', into(alice)), content: chunks };
  const small = under.message('small', into(alice));
  let turn = 0;
  let done = false;
  const count = (): void => {
    turn++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const turns = new Set<number>();
  WatchedChunk.copied = () => void turns.add(turn);
  await Promise.all([under.store.accept(large), under.store.accept(small)]);
  done = true;
  assert.ok(turns.size >= 30, `copied in ${turns.size} turns of the event loop`);
  const [first, second] = await under.entriesOf(alice);
  assert.ok(first && second);
  assert.deepEqual([first.size, second.size], [40 * megabyte, 5]);
  const read = await under.read(first.content);
  assert.ok([0, 1, 79, 159].every((i) => read[(i * megabyte) / 4 + 7] === i));
});

test('counts for reports wait for others, are told of when there is no room, and go when they are old', async () => {
  const dropped: number[] = [];
  await using under = await StoreUnderTest.open((folder, clock) =>
    openSqliteStore(folder, {
      clock,
      reports: { mostRows: 2, keepDays: 3, onDropped: (messages) => void dropped.push(messages) },
    }),
  );
  const { reports } = under.store;
  const today = dayOf(under.clock.now());
  for (const source of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.3', '192.0.2.4'])
    reports.count(today, { ...reportedRow, source });
  const path = join(under.folder, 'mail.sqlite');
  assert.equal(rowsIn(path, 'report_row'), 0, 'nothing is written at once');
  await under.clock.advanceAsync(2000);
  for (let i = 0; i < 200 && dropped.length === 0; i++) await pause();
  assert.deepEqual(dropped, [3]);
  assert.equal(rowsIn(path, 'report_row'), 2);
  await under.clock.advanceAsync(4 * 86_400_000);
  for (let i = 0; i < 200 && rowsIn(path, 'report_total') > 0; i++) await pause();
  assert.deepEqual([rowsIn(path, 'report_row'), rowsIn(path, 'report_total')], [0, 0]);
});

function rowsIn(path: string, table: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  return Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
}

/** The writer's thread has a clock of its own. */
function pause(): Promise<void> {
  return new Promise((resolve) => void systemClock.after(5, () => resolve()));
}
