import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mailbox, MailboxEntry } from '../../mailbox/mail-store.ts';
import type { AccountId, ContentId, MailboxId, ModSeq, Uid } from '../../mailbox/message.ts';
import { Maildrop } from './maildrop.ts';

const mailbox: Mailbox = {
  id: 1 as MailboxId,
  account: 1 as AccountId,
  name: 'Inbox',
  uidValidity: 4_294_967_295,
  uidNext: 4_294_967_295 as Uid,
  modSeq: 9 as ModSeq,
};

function entry(uid: number, size: number): MailboxEntry {
  return {
    uid: uid as Uid,
    content: (2 ** 40 + uid) as ContentId,
    size,
    internalDate: 0,
    flags: [],
    modSeq: 1 as ModSeq,
  };
}

test('totals follow the marks', () => {
  const maildrop = new Maildrop(mailbox, [entry(5, 100), entry(9, 50), entry(4_294_967_294, 2 ** 33)]);
  assert.deepEqual([maildrop.count, maildrop.octets, maildrop.length], [3, 150 + 2 ** 33, 3]);
  const second = maildrop.find(2);
  assert.ok(second);
  maildrop.markDeleted(second);
  maildrop.markDeleted(second);
  assert.deepEqual([maildrop.count, maildrop.octets, maildrop.length], [2, 100 + 2 ** 33, 3]);
  assert.equal(maildrop.find(2), undefined);
  assert.deepEqual(
    [...maildrop.messages()].map((message) => message.number),
    [1, 3],
  );
  assert.deepEqual(maildrop.deletedUids(), [9]);
  maildrop.unmarkAll();
  assert.deepEqual([maildrop.count, maildrop.octets], [3, 150 + 2 ** 33]);
  assert.deepEqual(maildrop.deletedUids(), []);
});

test('numbers, uids and contents are what the store gave, at the edges of their ranges too', () => {
  const maildrop = new Maildrop(mailbox, [entry(1, 0), entry(4_294_967_294, 7)]);
  assert.deepEqual(maildrop.find(2), {
    number: 2,
    uid: 4_294_967_294,
    content: 2 ** 40 + 4_294_967_294,
    size: 7,
  });
  for (const number of [0, -1, 3, 1.5, Number.NaN, 9_999_999_999])
    assert.equal(maildrop.find(number), undefined);
});

test('unique ids have at most 70 printable characters (RFC 1939 §7)', () => {
  const maildrop = new Maildrop(mailbox, [entry(4_294_967_294, 7)]);
  const message = maildrop.find(1);
  assert.ok(message);
  assert.match(maildrop.uniqueId(message), /^[\x21-\x7e]{1,70}$/);
});
