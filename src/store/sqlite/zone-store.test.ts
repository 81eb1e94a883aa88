import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { zoneStoreContract } from '../../../test/contract/zone-contract.ts';
import { domainName } from '../../dns/wire/name.ts';
import { systemClock } from '../../lib/clock.ts';
import { StoreFault } from '../../mailbox/message.ts';
import { openSqliteStore } from './sqlite-store.ts';

zoneStoreContract('sqlite', (folder) => openSqliteStore(folder));

test('content that is no longer used goes from the file, also what a process left unfinished', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signpost-zones-'));
  try {
    const origin = domainName('example.com');
    const chunk = new Uint8Array(100_000);
    {
      await using store = await openSqliteStore(folder);
      for (let i = 1; i < 4; i++)
        await store.zones.writeSnapshot(
          origin,
          i,
          Array.from({ length: 20 }, () => chunk),
          'restart',
        );
      await store.zones.writeSnapshot(domainName('a.example'), 1, [chunk], 'restart');
      await store.zones.removeZone(domainName('a.example'));
      await assert.rejects(store.zones.writeSnapshot(origin, 4, broken(chunk), 'restart'), /no more chunks/);
    }
    {
      using db = new DatabaseSync(join(folder, 'mail.sqlite'));
      db.exec(`INSERT INTO zone_snapshot (id, phase) VALUES (99, 'writing');
               INSERT INTO zone_chunk VALUES (99 * 1048576, x'00'), (99 * 1048576 + 1, x'00')`);
    }
    await using store = await openSqliteStore(folder);
    // Tidying isn't waited for by anyone.
    for (let i = 0; i < 200 && chunksOf(folder) > 20; i++)
      await new Promise((resolve) => void systemClock.after(10, () => resolve(undefined)));
    assert.equal(chunksOf(folder), 20);
    assert.equal((await Array.fromAsync(store.zones.readSnapshot(origin))).length, 20);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function* broken(chunk: Uint8Array): Generator<Uint8Array> {
  yield chunk;
  throw new StoreFault('broken', 'no more chunks');
}

function chunksOf(folder: string): number {
  using db = new DatabaseSync(join(folder, 'mail.sqlite'), { readOnly: true });
  return Number(db.prepare('SELECT count(*) AS n FROM zone_chunk').get()?.['n']);
}
