// A store beside a model of it that is as simple as can be: whatever is done to both, in whatever order, what can be seen
// of them is the same. `storeModel` is called by each implementation's test, as `storeContract` is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { AsyncCommand } from 'fast-check';
import { bytesToUtf8, utf8ToBytes } from '../../src/lib/bytes.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { ContentId, Destination, Uid } from '../../src/mailbox/message.ts';
import type { QueueEntry, Settlement } from '../../src/smtp/queue/queue-store.ts';
import type { Account } from '../../src/login/account-store.ts';
import { into, relay, StoreUnderTest } from './store-under-test.ts';
import type { OpenStore } from './store-under-test.ts';

interface ModelMailbox {
  uidNext: number;
  /** uid → content. */
  readonly entries: Map<number, string>;
}

interface ModelQueued {
  readonly recipient: string;
  readonly domain: string;
  readonly content: string;
  due: number;
  attempts: number;
}

class Model {
  readonly mailboxes: readonly ModelMailbox[] = [0, 1, 2].map(() => ({ uidNext: 1, entries: new Map() }));
  /** In order of arrival. */
  queue: ModelQueued[] = [];
  /** Each content by the id under which it was seen. */
  readonly seen = new Map<ContentId, string>();
  count = 0;

  accept(boxes: readonly number[], domains: readonly string[], now: number): string {
    const content = `content ${this.count++}`;
    for (const box of new Set(boxes)) {
      const mailbox = this.mailboxes[box];
      mailbox?.entries.set(mailbox.uidNext++, content);
    }
    for (const domain of domains) {
      this.queue.push({ recipient: content, domain, content, due: now, attempts: 0 });
    }
    return content;
  }

  get contentsInUse(): Set<string> {
    const inUse = new Set(this.queue.map((each) => each.content));
    for (const { entries } of this.mailboxes) for (const content of entries.values()) inUse.add(content);
    return inUse;
  }

  /** As `dueEntries` gives them: by time, then in order of arrival. */
  due(now: number): ModelQueued[] {
    return this.queue.filter((each) => each.due <= now).sort((a, b) => a.due - b.due);
  }
}

class Real {
  readonly under: StoreUnderTest;
  readonly accounts: readonly Account[];

  constructor(under: StoreUnderTest, accounts: readonly Account[]) {
    this.under = under;
    this.accounts = accounts;
  }

  destinations(boxes: readonly number[], content: string, domains: readonly string[]): Destination[] {
    return [
      ...boxes.flatMap((box) => {
        const account = this.accounts[box];
        return account === undefined ? [] : [into(account)];
      }),
      ...domains.map((domain) => relay(content, domain)),
    ];
  }
}

type Step = AsyncCommand<Model, Real>;

/** A step that can always be taken, and after which both are compared. */
function command(name: string, run: (model: Model, real: Real) => Promise<void>): Step {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, real) => {
      await run(model, real);
      await compare(model, real);
    },
  };
}

const boxes = fc.array(fc.nat(2), { maxLength: 3 });
const domains = fc.uniqueArray(fc.constantFrom('one.example', 'two.example', 'three.example'), {
  maxLength: 3,
});

const accept = fc.tuple(boxes, domains).map(([boxes, domains]) =>
  command(`accept(boxes ${boxes.join()}; relays ${domains.join()})`, async (model, real) => {
    const content = model.accept(boxes, domains, real.under.clock.now());
    await real.under.store.accept(real.under.message(content, ...real.destinations(boxes, content, domains)));
  }),
);

const burst = fc.array(fc.tuple(boxes, domains), { minLength: 2, maxLength: 10 }).map((all) =>
  command(`accept ${all.length} at once`, async (model, real) => {
    await Promise.all(
      all.map(([boxes, domains]) => {
        const content = model.accept(boxes, domains, real.under.clock.now());
        return real.under.store.accept(
          real.under.message(content, ...real.destinations(boxes, content, domains)),
        );
      }),
    );
  }),
);

const expunge = fc
  .tuple(fc.nat(2), fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }))
  .map(([box, uids]) =>
    command(`expunge(box ${box}, uids ${uids.join()})`, async (model, real) => {
      const account = real.accounts[box];
      assert.ok(account);
      for (const uid of uids) model.mailboxes[box]?.entries.delete(uid);
      await real.under.store.expunge((await real.under.inboxOf(account)).id, uids as Uid[]);
    }),
  );

const verdict = fc.constantFrom('relayed', 'deferred', 'failed', 'left');
const settle = fc.tuple(fc.array(verdict, { maxLength: 5 }), boxes).map(([verdicts, bounceTo]) =>
  command(`settle(${verdicts.join()}; bounce to ${bounceTo.join()})`, async (model, real) => {
    const now = real.under.clock.now();
    const entries = await real.under.store.dueEntries(now, verdicts.length, new Set());
    const settlements: Settlement[] = [];
    for (const [i, entry] of entries.entries()) {
      const modelled = model.queue.find((each) => isSame(each, entry));
      assert.ok(modelled);
      switch (verdicts[i]) {
        case 'deferred':
          modelled.due = now + 60_000 * (i + 1);
          modelled.attempts++;
          settlements.push({ kind: 'deferred', id: entry.id, nextAttemptAt: modelled.due, reply: 'later' });
          break;
        case 'relayed':
          model.queue = model.queue.filter((each) => each !== modelled);
          settlements.push({ kind: 'relayed', id: entry.id });
          break;
        case 'failed':
          model.queue = model.queue.filter((each) => each !== modelled);
          settlements.push({ kind: 'failed', id: entry.id, reply: 'no' });
          break;
        case 'left':
        case undefined:
          break;
        default:
      }
    }
    const content = model.accept(bounceTo, [], now);
    const notice = real.under.message(content, ...real.destinations(bounceTo, content, []));
    await real.under.store.settle(settlements, [], [notice]);
  }),
);

const cancel = fc.nat(5).map((index) =>
  command(`cancel(number ${index})`, async (model, real) => {
    const entry = (await real.under.store.listQueue(100))[index];
    if (entry === undefined) return;
    model.queue = model.queue.filter((each) => !isSame(each, entry));
    assert.equal(await real.under.store.cancel(entry.id), true);
  }),
);

const retry = fc.option(fc.nat(5), { nil: undefined }).map((index) =>
  command(`retry(${index === undefined ? 'all' : `number ${index}`})`, async (model, real) => {
    const now = real.under.clock.now();
    const entry = index === undefined ? undefined : (await real.under.store.listQueue(100))[index];
    if (index !== undefined && entry === undefined) return;
    const chosen = model.queue.filter((each) => entry === undefined || isSame(each, entry));
    for (const each of chosen) each.due = now;
    assert.equal(await real.under.store.retry(entry?.id), chosen.length);
  }),
);

const advance = fc
  .integer({ min: 1, max: 120_000 })
  .map((ms) => command(`advance(${ms} ms)`, async (_, real) => real.under.clock.advance(ms)));

const reopen = fc.constant(command('reopen', async (_, real) => real.under.reopen()));

async function compare(model: Model, { under, accounts }: Real): Promise<void> {
  for (const [i, account] of accounts.entries()) {
    const expected = model.mailboxes[i];
    assert.ok(expected);
    const mailbox = await under.inboxOf(account);
    assert.equal(mailbox.uidNext, expected.uidNext);
    const entries = await under.store.listEntries(mailbox.id);
    assert.deepEqual(
      entries.map((entry) => entry.uid),
      [...expected.entries.keys()],
    );
    for (const entry of entries) {
      const content = bytesToUtf8(await under.read(entry.content));
      assert.equal(content, expected.entries.get(entry.uid));
      assert.equal(entry.size, utf8ToBytes(content).length);
      model.seen.set(entry.content, content);
    }
  }
  const now = under.clock.now();
  await compareQueue(model.due(now), await under.store.dueEntries(now, 1000, new Set()), model, under);
  await compareQueue(model.due(Infinity), await under.store.listQueue(1000), model, under);
  const except = new Set(['one.example']);
  const without = model.due(now).filter((each) => !except.has(each.domain));
  for (const limit of [1, 3]) {
    const entries = await under.store.dueEntries(now, limit, except);
    assert.ok(entries.every((entry) => !except.has(entry.recipient.domain)));
    assert.deepEqual(
      entries.map((entry) => entry.nextAttemptAt),
      without.slice(0, limit).map((each) => each.due),
    );
  }
  const dues = model.queue.map((each) => each.due);
  assert.equal(await under.store.nextDue(), dues.length === 0 ? undefined : Math.min(...dues));
  const inUse = model.contentsInUse;
  for (const [id, content] of model.seen) {
    if (inUse.has(content)) continue;
    await assert.rejects(under.read(id), StoreFault, `${content} is used no more`);
    model.seen.delete(id);
  }
}

async function compareQueue(
  expected: readonly ModelQueued[],
  entries: readonly QueueEntry[],
  model: Model,
  under: StoreUnderTest,
): Promise<void> {
  assert.deepEqual(
    entries.map((entry) => [entry.nextAttemptAt, entry.attempts]),
    expected.map((each) => [each.due, each.attempts]),
  );
  const names = (list: readonly string[]): string => list.toSorted().join('\n');
  assert.equal(
    names(entries.map((entry) => `${entry.recipient.localPart} ${entry.recipient.domain}`)),
    names(expected.map((each) => `${each.recipient} ${each.domain}`)),
  );
  for (const entry of entries) {
    if (model.seen.has(entry.content)) continue;
    const content = bytesToUtf8(await under.read(entry.content));
    assert.equal(content, entry.recipient.localPart);
    model.seen.set(entry.content, content);
  }
}

function isSame(modelled: ModelQueued, entry: QueueEntry): boolean {
  return modelled.recipient === entry.recipient.localPart && modelled.domain === entry.recipient.domain;
}

export function storeModel(name: string, open: OpenStore): void {
  test(`${name}: whatever is done, it does as the model does`, async () => {
    const steps = fc.commands(
      [accept, advance, burst, expunge, settle, advance, accept, cancel, retry, settle, reopen],
      {
        maxCommands: 60,
        // Long ones: what is wrong shows when much is there.
        size: 'max',
      },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        await using under = await StoreUnderTest.open(open);
        const accounts: Account[] = [];
        for (const localPart of ['alice', 'bob', 'carol']) accounts.push(await under.account(localPart));
        await fc.asyncModelRun(() => ({ model: new Model(), real: new Real(under, accounts) }), steps);
      }),
      { numRuns: 8 },
    );
  });
}
