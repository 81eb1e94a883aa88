// What every store must do with mailboxes and the contents of messages.
import assert from 'node:assert/strict';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { ContentId, Destination, MailboxId, Uid } from '../../src/mailbox/message.ts';
import { into, relay, start, settled } from './store-under-test.ts';
import type { Each } from './store-under-test.ts';

export function mailboxContract(each: Each): void {
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

export function contentContract(each: Each): void {
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

  each(
    'what was read of a message is kept beside it, once for all copies, and goes with the last',
    async (under) => {
      const [alice, bob] = [await under.account('alice'), await under.account('bob')];
      const text = 'Subject: =?utf-8?Q?gr=C3=BC=C3=9Fe?=\r\nFrom: a@b.example\r\n\r\nhello\r\n';
      const message = under.message(text, into(alice), into(bob));
      const bare = { ...under.message('no more than text', into(alice)), parsed: undefined };
      await Promise.all([under.store.accept(message), under.store.accept(bare)]);
      await under.reopen();
      const [entry, other] = await under.entriesOf(alice);
      assert.ok(entry && other);
      const kept = await under.store.readParsed(entry.content);
      assert.deepEqual(
        [kept?.envelope.subject, kept?.size, kept?.root.end],
        ['=?utf-8?Q?gr=C3=BC=C3=9Fe?=', text.length, text.length],
      );
      assert.equal(await under.store.readParsed(other.content), undefined);
      await under.store.expunge((await under.inboxOf(alice)).id, [entry.uid, other.uid]);
      assert.equal((await under.store.readParsed(entry.content))?.preview, 'hello');
      await under.store.expunge((await under.inboxOf(bob)).id, [1 as Uid]);
      assert.equal(await under.store.readParsed(entry.content), undefined);
    },
  );

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
