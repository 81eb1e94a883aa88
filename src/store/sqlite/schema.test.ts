import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { start, StoreUnderTest } from '../../../test/contract/store-under-test.ts';
import { migrate } from './schema.ts';
import { openSqliteStore } from './sqlite-store.ts';

test('a store of version 2 is brought up to date, and its queue goes on', async () => {
  await using under = await StoreUnderTest.open((folder, clock) => openSqliteStore(folder, { clock }));
  await under.store.close();
  const path = join(under.folder, 'mail.sqlite');
  {
    using old = new DatabaseSync(path);
    const tables = old.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    );
    for (const { name } of tables.all()) old.exec(`DROP TABLE "${String(name)}"`);
    old.exec('PRAGMA user_version = 0');
    migrate(old, 2);
    old.exec(`
      INSERT INTO content VALUES (7, 'older message', 'sender', 'example.net', 1, 0, 3, 1);
      INSERT INTO content_chunk VALUES (7 * 65536, x'616263');
      INSERT INTO queue_entry VALUES (9, 7, 'a', 'one.example', ${start}, ${start}, 2, '450 later', 0);
      INSERT INTO domain (name, created_at) VALUES ('example.com', 5);
      INSERT INTO account (key, local_part, domain, argon2id, scram_sha256, created_at)
      VALUES ('alice@example.com', 'Alice', 'example.com', 'a', 's', 6);
      INSERT INTO queue_domain VALUES ('one.example', ${start});
    `);
  }
  await under.reopen();
  const [entry] = await under.due();
  assert.ok(entry);
  assert.deepEqual(entry.envelope, {
    reversePath: { localPart: 'sender', domain: 'example.net' },
    eightBit: true,
    utf8: false,
  });
  assert.deepEqual([entry.id, entry.attempts, entry.lastReply, entry.report], [9, 2, '450 later', undefined]);
  assert.equal((await under.read(entry.content)).length, 3);
  assert.equal(await under.store.readParsed(entry.content), undefined);
  await under.store.settle([{ kind: 'relayed', id: entry.id }], [], []);
  assert.equal(await under.store.nextDue(), undefined);
  const domain = { name: 'example.com', createdAt: 5, aliasOf: undefined, catchAll: undefined };
  assert.deepEqual(await under.store.listDomains(), [domain]);
  const [alice] = await under.store.listAccounts();
  assert.deepEqual([alice?.address.localPart, alice?.settings, alice?.createdAt], ['Alice', {}, 6]);
  const sales = { localPart: 'sales', domain: 'example.com' };
  assert.ok((await under.store.addTargets('alias', sales, [{ ...sales, localPart: 'alice' }])).ok);
});
