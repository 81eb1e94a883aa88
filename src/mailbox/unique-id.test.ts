import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Uid } from './message.ts';
import { canonicalMailboxName } from './mailbox-name.ts';
import { uniqueId } from './unique-id.ts';

test('unique ids differ where mailbox or message do, and keep to what RFC 1939 §7 allows', () => {
  const largest = 0xffff_ffff;
  const pairs = [
    [1, 23],
    [12, 3],
    [1, 2],
    [largest, largest],
  ] as const;
  const ids = pairs.map(([uidValidity, uid]) => uniqueId({ uidValidity }, { uid: uid as Uid }));
  assert.equal(new Set(ids).size, pairs.length);
  for (const id of ids) assert.match(id, /^[\x21-\x7e]{1,70}$/);
});

test('INBOX is one name in any case, others are as they are', () => {
  assert.deepEqual(['INBOX', 'inbox', 'iNbOx', 'Inbox', 'inbox2', 'Sent', 'SENT'].map(canonicalMailboxName), [
    'Inbox',
    'Inbox',
    'Inbox',
    'Inbox',
    'inbox2',
    'Sent',
    'SENT',
  ]);
});
