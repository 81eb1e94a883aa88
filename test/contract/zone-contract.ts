// What every store of zones must do, whatever it is made of: each implementation's test calls `zoneStoreContract` with its
// own way to open.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { changeLength, decodeRecords, recordLength, writeRecord } from '../../src/dns/keeper/record-bytes.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { formatRecord } from '../../src/dns/wire/presentation.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import type { ZoneChange } from '../../src/dns/zone/zone-change.ts';
import type { ZoneStore } from '../../src/dns/zone/zone-store.ts';
import { concatBytes } from '../../src/lib/bytes.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import { recordsOfText } from '../support/records.ts';

export interface OpenZoneStore {
  readonly zones: ZoneStore;
  close(): Promise<void>;
}

const origin = domainName('example.com');
const other = domainName('example.net');

export function zoneStoreContract(name: string, open: (folder: string) => Promise<OpenZoneStore>): void {
  const each = (title: string, run: (under: Under) => Promise<void>): void => {
    test(title, async () => {
      await using under = await Under.open(open);
      await run(under);
    });
  };

  describe(`${name}: zones`, () => {
    each('a zone that was never kept is not there', async ({ zones }) => {
      assert.deepEqual(await zones.listKeptZones(), []);
      assert.equal(await zones.findKeptZone(origin), undefined);
      assert.equal(await zones.readChanges(origin, 1), undefined);
      assert.deepEqual(await Array.fromAsync(zones.readSnapshot(origin)), []);
      assert.equal(await zones.trimChanges(origin, 0), 0);
      await zones.removeZone(origin);
    });

    each(
      'changes upon a file are kept in their order, found by where they begin, and there after opening again',
      async (under) => {
        await under.zones.startJournal(origin, 1);
        const changes = Array.from({ length: 500 }, (_, i) => change(i + 1, i + 2));
        await Promise.all(changes.map((each) => under.zones.appendChange(origin, each)));
        await under.zones.saveState(origin, { fileHash: 'ab' });
        for (let round = 0; round < 2; round++) {
          const octets = changes.reduce((sum, each) => sum + changeLength(each), 0);
          assert.deepEqual(await under.zones.findKeptZone(domainName('EXAMPLE.com')), {
            origin,
            snapshot: undefined,
            changes: { from: 1, to: 501, octets },
            state: { fileHash: 'ab' },
          });
          assert.deepEqual(texts(await under.zones.readChanges(origin, 1)), texts(changes));
          assert.deepEqual(texts(await under.zones.readChanges(origin, 499)), texts(changes.slice(498)));
          assert.deepEqual(await under.zones.readChanges(origin, 501), []);
          // Two changes have as many octets as that, and one hasn't.
          const enough = changeLength(change(7, 8)) + 1;
          for (const from of [1, 250, 499])
            assert.deepEqual(
              texts(await under.zones.readChanges(origin, from, enough)),
              texts(changes.slice(from - 1, from + 1)),
            );
          assert.equal((await under.zones.readChanges(origin, 1, 1))?.length, 1);
          assert.equal((await under.zones.readChanges(origin, 1, 100 * enough))?.length, 101);
          assert.deepEqual(await under.zones.readChanges(origin, 501, enough), []);
          assert.equal(await under.zones.readChanges(origin, 502), undefined);
          assert.equal(await under.zones.readChanges(origin, 0), undefined);
          await under.reopen();
        }
      },
    );

    each('a change is read back octet for octet, whatever is in it', async ({ zones }) => {
      await zones.startJournal(origin, 4_294_967_295);
      const [from, to] = [soa(4_294_967_295), soa(1)];
      const removed = records('WwW 0 A 192.0.2.1\n@ 2147483647 TYPE65280 \\# 0\n');
      const added = records('*.a\\.b 5 TXT "\\000\\255" "x"\nwww IN MX 10 Mail.Example.NET.\n');
      await zones.appendChange(origin, { from, to, removed, added });
      const second = { from: to, to: soa(2), removed: [], added: [] };
      await zones.appendChange(origin, second);
      const expected = texts([{ from, to, removed, added }, second]);
      assert.deepEqual(texts(await zones.readChanges(origin, 4_294_967_295)), expected);
    });

    each('a change that does not follow the last is refused, with all that follow it', async ({ zones }) => {
      await assert.rejects(zones.appendChange(origin, change(1, 2)), StoreFault);
      await zones.startJournal(origin, 1);
      const steps = [change(1, 2), change(3, 4), change(4, 5), change(2, 3)];
      const outcomes = await Promise.allSettled(steps.map((each) => zones.appendChange(origin, each)));
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
      );
      assert.deepEqual(texts(await zones.readChanges(origin, 1)), texts([change(1, 2), change(2, 3)]));
    });

    each('zones do not mix', async ({ zones }) => {
      await Promise.all([zones.startJournal(origin, 1), zones.startJournal(other, 1)]);
      await Promise.all([zones.appendChange(origin, change(1, 2)), zones.appendChange(other, change(1, 7))]);
      await zones.writeSnapshot(other, 7, chunks(7, 3), 'keep');
      await zones.saveState(other, { refreshedAt: 5, catalog: 'c.', member: 'm' });
      await zones.removeZone(origin);
      const kept = await zones.listKeptZones();
      assert.deepEqual(kept, [await zones.findKeptZone(other)]);
      assert.deepEqual(kept[0]?.state, { refreshedAt: 5, catalog: 'c.', member: 'm' });
      assert.equal(await zones.readChanges(origin, 1), undefined);
      assert.deepEqual(texts(await zones.readChanges(other, 1)), texts([change(1, 7)]));
    });

    each('content is kept in chunks and replaced in one step', async (under) => {
      const { zones } = under;
      await zones.writeSnapshot(origin, 1, chunks(1, 2500), 'restart');
      assert.deepEqual(await content(zones), lines(1, 2500));
      let arrived = 0;
      async function* slowly(): AsyncGenerator<Uint8Array> {
        for (const chunk of chunks(2, 10)) {
          arrived += 1;
          // Whoever looks while the new content comes finds the old one.
          assert.deepEqual(await content(zones), lines(1, 2500));
          assert.equal((await zones.findKeptZone(origin))?.snapshot?.serial, 1);
          yield chunk;
        }
      }
      await zones.writeSnapshot(origin, 2, slowly(), 'restart');
      assert.ok(arrived > 0);
      await under.reopen();
      assert.deepEqual(await content(under.zones), lines(2, 10));
      const kept = await under.zones.findKeptZone(origin);
      assert.deepEqual(kept?.snapshot, { serial: 2, octets: octetsOf(chunks(2, 10)) });
      assert.deepEqual(kept.changes, { from: 2, to: 2, octets: 0 });
    });

    each('content that breaks off leaves what was there', async (under) => {
      await under.zones.writeSnapshot(origin, 1, chunks(1, 5), 'restart');
      await under.zones.appendChange(origin, change(1, 2));
      function* breaking(): Generator<Uint8Array> {
        yield* chunks(9, 2000);
        throw new Error('the connection was lost');
      }
      await assert.rejects(
        under.zones.writeSnapshot(origin, 9, breaking(), 'restart'),
        /connection was lost/,
      );
      for (let round = 0; round < 2; round++) {
        assert.deepEqual(await content(under.zones), lines(1, 5));
        assert.deepEqual((await under.zones.findKeptZone(origin))?.changes?.to, 2);
        await under.reopen();
      }
    });

    each('a journal goes on over new content, or begins anew', async ({ zones }) => {
      await zones.startJournal(origin, 1);
      for (let i = 1; i < 6; i++) await zones.appendChange(origin, change(i, i + 1));
      await zones.writeSnapshot(origin, 4, chunks(4, 3), 'keep');
      const octets = 5 * changeLength(change(1, 2));
      assert.deepEqual((await zones.findKeptZone(origin))?.changes, { from: 1, to: 6, octets });
      await assert.rejects(zones.writeSnapshot(origin, 9, chunks(9, 3), 'keep'), StoreFault);
      assert.equal((await zones.findKeptZone(origin))?.snapshot?.serial, 4);
      await zones.writeSnapshot(origin, 9, chunks(9, 3), 'restart');
      assert.deepEqual((await zones.findKeptZone(origin))?.changes, { from: 9, to: 9, octets: 0 });
      assert.equal(await zones.readChanges(origin, 1), undefined);
      await zones.appendChange(origin, change(9, 10));
      await zones.startJournal(origin, 3);
      const kept = await zones.findKeptZone(origin);
      assert.deepEqual([kept?.snapshot, kept?.changes], [undefined, { from: 3, to: 3, octets: 0 }]);
      assert.deepEqual(await Array.fromAsync(zones.readSnapshot(origin)), []);
    });

    each('a journal is cut at its beginning, but not beyond what the content needs', async (under) => {
      const { zones } = under;
      await zones.startJournal(origin, 1);
      for (let i = 1; i <= 10; i++) await zones.appendChange(origin, change(i, i + 1));
      const one = changeLength(change(1, 2));
      assert.equal(await zones.trimChanges(origin, one), 0, 'without content all are needed');
      await zones.writeSnapshot(origin, 8, chunks(8, 3), 'keep');
      assert.equal(await zones.trimChanges(origin, 5 * one), 5);
      assert.deepEqual((await zones.findKeptZone(origin))?.changes, { from: 6, to: 11, octets: 5 * one });
      assert.equal(await zones.readChanges(origin, 5), undefined);
      assert.equal(await zones.trimChanges(origin, 0), 2);
      await under.reopen();
      assert.deepEqual((await under.zones.findKeptZone(origin))?.changes, {
        from: 8,
        to: 11,
        octets: 3 * one,
      });
      assert.equal((await under.zones.readChanges(origin, 8))?.length, 3);
      await under.zones.appendChange(origin, change(11, 12));
    });

    each('many zones share commits', async ({ zones }) => {
      const origins = Array.from({ length: 300 }, (_, i) => domainName(`z${i}.example`));
      await Promise.all(origins.map((each) => zones.startJournal(each, 1)));
      await Promise.all(
        [1, 2, 3].flatMap((i) => origins.map((each) => zones.appendChange(each, change(i, i + 1)))),
      );
      const kept = await zones.listKeptZones();
      assert.equal(kept.length, 300);
      assert.ok(kept.every(({ changes }) => changes?.to === 4));
    });
  });
}

class Under {
  readonly #open: (folder: string) => Promise<OpenZoneStore>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'signpost-zones-'));
  #store: OpenZoneStore | undefined;

  private constructor(open: (folder: string) => Promise<OpenZoneStore>) {
    this.#open = open;
  }

  static async open(open: (folder: string) => Promise<OpenZoneStore>): Promise<Under> {
    const under = new Under(open);
    under.#store = await open(under.#folder);
    return under;
  }

  get zones(): ZoneStore {
    assert.ok(this.#store);
    return this.#store.zones;
  }

  async reopen(): Promise<void> {
    await this.#store?.close();
    this.#store = await this.#open(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function records(text: string): readonly ResourceRecord[] {
  return recordsOfText(origin, text);
}

function soa(serial: number): ResourceRecord {
  const [record] = records(`@ SOA ns hostmaster ${serial} 3600 600 86400 60\n`);
  assert.ok(record);
  return record;
}

/** Serials of one digit and of ten take the same room. */
function change(from: number, to: number): ZoneChange {
  return {
    from: soa(from),
    to: soa(to),
    removed: records(`www A 192.0.2.${from % 256}\n`),
    added: records(`www A 192.0.2.${to % 256}\n`),
  };
}

function lines(serial: number, count: number): readonly string[] {
  return [soa(serial), ...records(contentText(count))].map(formatRecord);
}

function contentText(count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += `host-${i} TXT "${'x'.repeat(i % 200)}"\n`;
  return text;
}

/** At most a thousand records a chunk. */
function chunks(serial: number, count: number): readonly Uint8Array[] {
  const all = [soa(serial), ...records(contentText(count))];
  const made: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += 1000) {
    const some = all.slice(at, at + 1000);
    const chunk = new Uint8Array(some.reduce((sum, record) => sum + recordLength(record), 0));
    let end = 0;
    for (const record of some) end = writeRecord(chunk, end, record);
    made.push(chunk);
  }
  return made;
}

function octetsOf(all: readonly Uint8Array[]): number {
  return concatBytes(all).length;
}

async function content(zones: ZoneStore, of: DomainName = origin): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const chunk of zones.readSnapshot(of)) {
    assert.ok(chunk.length <= 1 << 20, 'a chunk has at most 1 MiB');
    const decoded = decodeRecords(chunk);
    assert.ok(decoded, 'a chunk holds whole records');
    found.push(...decoded.map(formatRecord));
  }
  return found;
}

function texts(changes: readonly ZoneChange[] | undefined): readonly string[] | undefined {
  return changes?.map(({ from, to, removed, added }) =>
    [
      formatRecord(from),
      formatRecord(to),
      ...removed.map((record) => `- ${formatRecord(record)}`),
      ...added.map((record) => `+ ${formatRecord(record)}`),
    ].join('\n'),
  );
}
