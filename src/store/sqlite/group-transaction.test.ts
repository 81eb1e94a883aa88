import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { GroupTransaction } from './group-transaction.ts';
import { migrate } from './schema.ts';
import type { MessageToWrite, WriteRequest } from './write-request.ts';

function message(id: string, size: number): MessageToWrite {
  return {
    id,
    receivedAt: 1,
    reverseLocal: null,
    reverseDomain: null,
    eightBit: false,
    utf8: false,
    binary: false,
    terms: null,
    urgency: 0,
    dueAt: 1,
    size,
    parsedSize: 0,
    mailboxes: [],
    relays: [{ localPart: id, domain: 'example.net', owner: null, report: null }],
    recipients: '[]',
    steps: '[]',
  };
}

function open(): { readonly db: DatabaseSync; readonly transaction: GroupTransaction } {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  return { db, transaction: new GroupTransaction(db) };
}

function queued(db: DatabaseSync): string[] {
  const rows = db.prepare(
    'SELECT q.local_part || hex(k.bytes) AS what FROM queue_entry q JOIN content_chunk k ON k.id = q.content * 65536 ORDER BY q.id',
  );
  return rows.all().map((row) => String(row['what']));
}

test('a request that takes the whole transaction with it fails alone', () => {
  const { db, transaction } = open();
  // As SQLite itself does on a full disk or an I/O error (its documentation, "Response To Errors Within A Transaction").
  db.exec(`CREATE TRIGGER poison BEFORE INSERT ON content WHEN new.size = 3
           BEGIN SELECT raise(ROLLBACK, 'poison'); END`);
  const requests: WriteRequest[] = ['a', 'bb', 'ccc', 'd'].map((id) => ({
    kind: 'accept',
    message: message(id, id.length),
  }));
  const contents = new Uint8Array([0xa1, 0xb1, 0xb2, 0xc1, 0xc2, 0xc3, 0xd1]);
  const { outcomes } = transaction.run({ requests, contents });
  assert.deepEqual(
    outcomes.map((outcome) => outcome.ok),
    [true, true, false, true],
  );
  assert.deepEqual(queued(db), ['aA1', 'bbB1B2', 'dD1']);
  assert.equal(db.isTransaction, false);
});

test('a commit that fails fails what made it fail, and nothing stays open', () => {
  const { db, transaction } = open();
  // A constraint that is looked at by COMMIT only.
  db.exec(`PRAGMA foreign_keys = ON;
           CREATE TABLE late (id INTEGER REFERENCES domain (id) DEFERRABLE INITIALLY DEFERRED);
           CREATE TRIGGER poison AFTER INSERT ON content WHEN new.size = 3
           BEGIN INSERT INTO late VALUES (4711); END`);
  const requests: WriteRequest[] = ['a', 'ccc', 'd'].map((id) => ({
    kind: 'accept',
    message: message(id, id.length),
  }));
  const contents = new Uint8Array([0xa1, 0xc1, 0xc2, 0xc3, 0xd1]);
  const { outcomes } = transaction.run({ requests, contents });
  assert.deepEqual(
    outcomes.map((outcome) => outcome.ok),
    [true, false, true],
  );
  assert.deepEqual(queued(db), ['aA1', 'dD1']);
  assert.equal(db.isTransaction, false);
});

test('a message for nobody leaves its journey only', () => {
  const { db, transaction } = open();
  const nobody: WriteRequest = { kind: 'accept', message: { ...message('a', 1), relays: [] } };
  const { outcomes } = transaction.run({ requests: [nobody], contents: new Uint8Array(1) });
  assert.equal(outcomes[0]?.ok, true);
  assert.equal(db.prepare('SELECT count(*) AS n FROM content').get()?.['n'], 0);
  assert.equal(db.prepare('SELECT count(*) AS n FROM journey').get()?.['n'], 1);
});
