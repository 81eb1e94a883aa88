// The thread that owns the one connection that writes, so that the event loop of the server never waits for a disk.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { unreachable } from '../../lib/result.ts';
import { describeFault } from './fault.ts';
import { GroupTransaction } from './group-transaction.ts';
import { migrate } from './schema.ts';
import type { FromWriter, ToWriter, WriteGroup } from './write-request.ts';

/**
 * Moves the write-ahead log into the database after about so many octets. It is done between two groups, after those who
 * waited have been told: more makes the pause longer, less makes pages that change often be written more often.
 */
const checkpointOctets = 16 * 1024 * 1024;
/** What a request costs the log beside its content. */
const requestOctets = 4096;
/** A log that has something in it is moved when nothing was written for this long. */
const idleMs = 200;

const port = parentPort;
if (port === null) throw new Error('writer-thread.ts is run as a worker');

const db = open(String(workerData));
const transaction = db === undefined ? undefined : new GroupTransaction(db);
let logOctets = 0;
let idle: NodeJS.Timeout | undefined;

if (transaction !== undefined) tell({ kind: 'ready' });
port.on('message', (message: ToWriter) => {
  if (db === undefined || transaction === undefined) return;
  switch (message.kind) {
    case 'group':
      write(transaction, db, message.group);
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

function open(path: string): DatabaseSync | undefined {
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
      PRAGMA wal_autocheckpoint = 8192;
      PRAGMA journal_size_limit = ${4 * checkpointOctets};
    `);
    migrate(opened);
    return opened;
  } catch (error) {
    tell({ kind: 'failed', fault: describeFault(error) });
    port?.close();
    return undefined;
  }
}

function write(transaction: GroupTransaction, db: DatabaseSync, group: WriteGroup): void {
  clearTimeout(idle);
  const { outcomes, changes } = transaction.run(group);
  tell({ kind: 'outcomes', outcomes, changes });
  logOctets += group.contents.length + group.requests.length * requestOctets;
  if (logOctets >= checkpointOctets) checkpoint(db);
  else idle = setTimeout(() => checkpoint(db), idleMs);
}

function checkpoint(db: DatabaseSync): void {
  logOctets = 0;
  try {
    db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // Everything is in the log already, and the next checkpoint tries again.
  }
}

/** In small steps, with the groups that have come in between. */
function forget(transaction: GroupTransaction, before: number): void {
  if (transaction.forgetJourneys(before)) setImmediate(forget, transaction, before);
}

function close(db: DatabaseSync): void {
  clearTimeout(idle);
  try {
    db.exec('PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)');
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
