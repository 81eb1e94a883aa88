// The folder that holds the store: nobody else may read it, and one process at a time may have it.
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../lib/clock.ts';
import { sleep } from '../../lib/clock.ts';
import { StoreFault } from '../../mailbox/message.ts';
import { toStoreFault } from './fault.ts';

const retryMs = 50;

export interface OwnedFolder extends Disposable {
  /** The path of the database file; it exists. */
  readonly database: string;
}

/**
 * Makes the folder where there is none, and locks it for this process, waiting up to `waitMs` for another one to let go.
 * The system itself gives the lock back however the process ends. Throws `StoreFault` with a sentence for the operator.
 */
export async function ownFolder(folder: string, waitMs: number, clock: Clock): Promise<OwnedFolder> {
  const database = join(folder, 'mail.sqlite');
  const lockFile = join(folder, 'mail.lock');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // SQLite gives its log and shared memory the mode of the database.
    for (const file of [database, lockFile]) {
      closeSync(openSync(file, 'a', 0o600));
      chmodSync(file, 0o600);
    }
    // SQLite makes its files' contents durable; that folder and files are there at all is for us to see to.
    for (const each of [folder, dirname(resolve(folder))]) syncFolder(each);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreFault('broken', `the data folder ${folder} can't be used: ${reason}`, { cause: error });
  }
  const end = clock.monotonic() + waitMs;
  for (;;) {
    const lock = tryLock(lockFile);
    if (lock !== undefined) return { database, [Symbol.dispose]: () => lock.close() };
    if (clock.monotonic() >= end) {
      throw new StoreFault(
        'broken',
        `the data folder ${folder} is in use by another Signpost process: stop that one first, or give this one its own folder`,
      );
    }
    await sleep(clock, retryMs);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * An empty SQLite file kept in an exclusive transaction: its locks are the system's (no pid that could be another
 * process by now), and hold within one process too.
 */
function tryLock(path: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return undefined;
    throw toStoreFault(error);
  }
}

const sqliteBusy = 5;
