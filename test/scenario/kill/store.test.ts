// The store alone: what it accepted is there after `kill -9`, once, whenever that came.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { bytesToUtf8 } from '../../../src/lib/bytes.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

const runs = 8;
const messages = 2000;

test('what was accepted is there once after kill -9, and so is its place in the queue', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signpost-kill-'));
  try {
    const accepted: string[] = [];
    const names = new Set<string>();
    for (let run = 0; run < runs; run++) {
      // Anywhere from before the first to after the last.
      accepted.push(...(await killAfter(folder, run, Math.floor(Math.random() * messages))));
      await using store = await openSqliteStore(folder);
      await check(store, accepted, names);
    }
    assert.ok(accepted.length > 0, 'no run accepted anything');
    checkIntegrity(join(folder, 'mail.sqlite'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Runs a child that accepts, kills it when it has accepted so many, and gives the names of all that it did. */
async function killAfter(folder: string, run: number, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'accepting-child.ts'), folder, `${run}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let text = '';
  let lines = 0;
  for await (const chunk of child.stdout) {
    const piece = String(chunk);
    text += piece;
    lines += piece.split('\n').length - 1;
    if (lines >= count) child.kill('SIGKILL');
  }
  await ended;
  // What follows the last line end is a name cut short: not said in full, not promised.
  return text.split('\n').slice(0, -1);
}

/** `names`: of the messages that checks before this one have read; those that are new are added. */
async function check(store: SqliteStore, accepted: readonly string[], names: Set<string>): Promise<void> {
  const account = await store.findAccount({ localPart: 'alice', domain: 'example.com' });
  // Killed before there was anything.
  if (account === undefined) {
    assert.deepEqual(accepted, []);
    return;
  }
  const mailbox = await store.findMailbox(account.id, 'Inbox');
  assert.ok(mailbox);
  const entries = await store.listEntries(mailbox.id);
  assert.ok(entries.length >= names.size, 'what was seen once is gone');
  for (const [i, entry] of entries.entries()) {
    assert.equal(entry.uid, i + 1, 'uids have no holes: a message is there or never was');
  }
  for (const entry of entries.slice(names.size)) {
    let content = '';
    for await (const chunk of store.readContent(entry.content)) content += bytesToUtf8(chunk);
    assert.equal(content.length, entry.size);
    const name = content.slice(0, content.indexOf('\r\n'));
    assert.ok(!names.has(name), `${name} is doubled`);
    names.add(name);
  }
  const queued = new Set((await store.listQueue(1_000_000)).map((entry) => entry.recipient.localPart));
  for (const name of accepted) {
    assert.ok(names.has(name), `${name} was accepted and is lost`);
    if (Number(name.split('-')[1]) % 4 === 0) assert.ok(queued.has(name), `${name} is not in the queue`);
  }
  for (const name of queued) assert.ok(names.has(name), `${name} is in the queue only`);
}

function checkIntegrity(path: string): void {
  using db = new DatabaseSync(path);
  assert.deepEqual(
    db
      .prepare('PRAGMA integrity_check')
      .all()
      .map((row) => row['integrity_check']),
    ['ok'],
  );
  const counted = db
    .prepare(
      `SELECT count(*) AS wrong FROM content c WHERE uses !=
         (SELECT count(*) FROM mailbox_entry WHERE content = c.id) +
         (SELECT count(*) FROM queue_entry WHERE content = c.id)`,
    )
    .get();
  assert.equal(counted?.['wrong'], 0, 'contents that are used more or less often than counted');
}
