// The thread that owns the one connection that writes, so that the event loop of the server never waits for a disk.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { unreachable } from '../../lib/result.ts';
import { describeFault } from './fault.ts';
import { GroupTransaction } from './group-transaction.ts';
import { integer } from './rows.ts';
import { migrate } from './schema.ts';
import type { FromWriter, ToWriter, WriteGroup, WriterData } from './write-request.ts';

/**
 * So many pages of the write-ahead log (32 MiB) are moved into the database at once, between two groups, after those who
 * waited have been told. More make the pause longer (about 50 ms with these), fewer make pages that change often
 * be written more often: 4 MiB cost a fifth more a message.
 */
const checkpointPages = 4096;
/** A log that has something in it is moved when nothing was written for this long. */
const idleMs = 200;

const port = parentPort;
if (port === null) throw new Error('writer-thread.ts is run as a worker');

const data = workerData as WriterData;
const arena = new Uint8Array(data.arena);
const db = open(data);
const transaction = db === undefined ? undefined : new GroupTransaction(db);
const logState = db?.prepare('PRAGMA wal_checkpoint(NOOP)');
let idle: NodeJS.Timeout | undefined;

if (transaction !== undefined) tell({ kind: 'ready' });
port.on('message', (message: ToWriter) => {
  if (db === undefined || transaction === undefined) return;
  switch (message.kind) {
    case 'group':
      write(transaction, db, { requests: message.requests, contents: contentsOf(message.contents) });
      return;
    case 'forget':
      forget(transaction, message.before);
      return;
    case 'close':
      close(db);
      return;
    default:
      unreachable(message);
  }
});

function open({ path, maxOctets }: WriterData): DatabaseSync | undefined {
  try {
    const opened = new DatabaseSync(path);
    // The page size only matters to a new file. FULL: a commit is on the disk when it returns, power loss or not.
    opened.exec(`
      PRAGMA page_size = 8192;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -16384;
      PRAGMA wal_autocheckpoint = ${4 * checkpointPages};
      PRAGMA journal_size_limit = ${64 * 1024 * 1024};
    `);
    migrate(opened);
    if (maxOctets !== undefined) limitSize(opened, maxOctets);
    return opened;
  } catch (error) {
    tell({ kind: 'failed', fault: describeFault(error) });
    port?.close();
    return undefined;
  }
}

function limitSize(db: DatabaseSync, maxOctets: number): void {
  const pageOctets = integer(db.prepare('PRAGMA page_size').get() ?? {}, 'page_size');
  db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxOctets / pageOctets))}`);
}

function contentsOf(given: number | Uint8Array): Uint8Array {
  return typeof given === 'number' ? arena.subarray(0, given) : given;
}

function write(transaction: GroupTransaction, db: DatabaseSync, group: WriteGroup): void {
  clearTimeout(idle);
  const { outcomes, changes } = transaction.run(group);
  tell({ kind: 'outcomes', outcomes, changes });
  const pages = pagesInLog();
  if (pages >= checkpointPages) checkpoint(db);
  else if (pages > 0) idle = setTimeout(() => checkpoint(db), idleMs);
}

function checkpoint(db: DatabaseSync): void {
  try {
    db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // Everything is in the log already, and the next checkpoint tries again.
  }
}

/** Pages that are in the log only; 0 where that can't be told now. */
function pagesInLog(): number {
  try {
    const row = logState?.get();
    return row === undefined ? 0 : integer(row, 'log') - integer(row, 'checkpointed');
  } catch {
    return 0;
  }
}

/** In small steps, with the groups that have come in between. */
function forget(transaction: GroupTransaction, before: number): void {
  if (transaction.forgetJourneys(before)) setImmediate(forget, transaction, before);
}

function close(db: DatabaseSync): void {
  clearTimeout(idle);
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
  } catch {
    // What is committed stays so: the next one who opens the store finds it in the log.
  }
  tell({ kind: 'closed' });
  port?.close();
}

function tell(message: FromWriter): void {
  port?.postMessage(message);
}
