// The store alone: what it accepted is there after `kill -9`, once, whenever that came.
import '../../support/compile-cache.ts';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { checkIntegrity, readNewNames } from './kept.ts';

const runs = 5;
const messages = 2000;

test('what was accepted is there once after kill -9, and so is its place in the queue', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signpost-kill-'));
  try {
    const accepted: string[] = [];
    const kept = new Set<string>();
    for (let run = 0; run < runs; run++) {
      // Anywhere from before the first to after the last.
      accepted.push(...(await killAfter(folder, run, Math.floor(Math.random() * messages))));
      await using store = await openSqliteStore(folder);
      await readNewNames(store, kept);
      for (const name of accepted) assert.ok(kept.has(name), `${name} was accepted and is lost`);
      await checkQueue(store, accepted, kept);
    }
    assert.ok(accepted.length > 0, 'no run accepted anything');
    checkIntegrity(folder);
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

async function checkQueue(
  store: SqliteStore,
  accepted: readonly string[],
  kept: ReadonlySet<string>,
): Promise<void> {
  const queued = new Set((await store.listQueue(1_000_000)).map((entry) => entry.recipient.localPart));
  for (const name of accepted) {
    if (Number(name.split('-')[1]) % 4 === 0) assert.ok(queued.has(name), `${name} is not in the queue`);
  }
  for (const name of queued) assert.ok(kept.has(name), `${name} is in the queue only`);
}
