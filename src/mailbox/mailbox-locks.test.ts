import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MailboxLocks } from './mailbox-locks.ts';
import type { MailboxId } from './message.ts';

test('a mailbox is locked once, others beside it', () => {
  const locks = new MailboxLocks();
  const first = locks.tryLock(1 as MailboxId);
  assert.ok(first);
  assert.equal(locks.tryLock(1 as MailboxId), undefined);
  assert.ok(locks.tryLock(2 as MailboxId));
  first[Symbol.dispose]();
  const second = locks.tryLock(1 as MailboxId);
  assert.ok(second);
  // A late second release must not open the lock that someone else holds by now.
  first[Symbol.dispose]();
  assert.equal(locks.tryLock(1 as MailboxId), undefined);
});
