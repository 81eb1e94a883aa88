// What is there after a kill: read from the store that the killed process left.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { bytesToUtf8, concatBytes } from '../../../src/lib/bytes.ts';
import type { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

/**
 * Reads the messages in Alice's Inbox that are not in `names` yet, and adds the names in their `Subject`. Fails where a message
 * is there twice, was there once and is gone, or is not whole.
 */
export async function readNewNames(store: SqliteStore, names: Set<string>): Promise<void> {
  const account = await store.findAccount({ localPart: 'alice', domain: 'example.com' });
  // Killed before there was anything.
  if (account === undefined) return;
  const mailbox = await store.findMailbox(account.id, 'Inbox');
  assert.ok(mailbox);
  const entries = await store.listEntries(mailbox.id);
  assert.ok(entries.length >= names.size, 'what was there once is gone');
  for (const [i, entry] of entries.entries()) {
    assert.equal(entry.uid, i + 1, 'uids have no holes: a message is there or never was');
  }
  for (const entry of entries.slice(names.size)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.readContent(entry.content)) chunks.push(chunk);
    const content = concatBytes(chunks);
    assert.equal(content.length, entry.size);
    const name = /^Subject: (\S+)\r\n/m.exec(bytesToUtf8(content))?.[1];
    assert.ok(name !== undefined, `the message with uid ${entry.uid} is not one that was sent`);
    assert.ok(!names.has(name), `message ${name} is doubled`);
    names.add(name);
  }
}

/** Looks at the database itself: its pages and indexes, and whether each content is used as often as it counts. */
export function checkIntegrity(data: string): void {
  using db = new DatabaseSync(join(data, 'mail.sqlite'));
  const problems = db.prepare('PRAGMA integrity_check').all();
  assert.deepEqual(
    problems.map((row) => row['integrity_check']),
    ['ok'],
  );
  const miscounted = db
    .prepare(
      `SELECT id FROM content c WHERE uses !=
         (SELECT count(*) FROM mailbox_entry WHERE content = c.id) +
         (SELECT count(*) FROM queue_entry WHERE content = c.id)`,
    )
    .all();
  assert.deepEqual(miscounted, []);
}
