// What every store must do when it is opened, closed, and when something fails.
import assert from 'node:assert/strict';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { AccountId, Destination } from '../../src/mailbox/message.ts';
import { into, relay } from './store-under-test.ts';
import type { Each } from './store-under-test.ts';

export function lifeContract(each: Each): void {
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
