// The whole server, over real sockets: `kill -9` at random moments while updates come in and while zones are transferred.
import '../../support/compile-cache.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { signRequest } from '../../../src/dns/tsig/tsig-client.ts';
import type { TsigKey } from '../../../src/dns/tsig/tsig-key.ts';
import { encodeMessage } from '../../../src/dns/wire/message-encoder.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { formatRecord } from '../../../src/dns/wire/presentation.ts';
import type { ResourceRecord } from '../../../src/dns/wire/record.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import { serialOfSoa } from '../../../src/dns/zone/serial.ts';
import { findFreePort } from '../../../src/lab/ports.ts';
import { DnsStreamClient } from '../../support/dns-stream-client.ts';
import { recordsOfText } from '../../support/records.ts';
import { ServedSignpost, SignpostFolder } from '../../support/served-signpost.ts';
import { updateMessage } from '../../support/update-messages.ts';

/** Updates under way at once. */
const callers = 32;
/** A run is over when so many are acknowledged, or when it is killed. */
const mostUpdates = 200;
const origin = domainName('example.com');
const key: TsigKey = {
  name: domainName('key.example'),
  algorithm: 'hmac-sha256',
  secret: new Uint8Array(32).fill(7),
};

/** Large, so that steps are the shorter way for IXFR even after all the updates that there can be. */
const zoneText = `$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.1
$GENERATE 1-3000 h-$ TXT "a record of some length, so that the whole zone is longer than all steps"
`;
const config = `
hostname: ns.example.com
listeners: { dns-authority: ["127.0.0.1:0"] }
workers: { dns: 1 }
keys: [{ name: key.example, secret: "${Buffer.from(key.secret).toString('base64')}" }]
zones:
  - name: example.com
    file: example.com.zone
    transfer-to: ["127.0.0.1"]
    update: [{ key: key.example }]
    journal-size: JOURNAL
`;

for (const { journalSize, kills } of [
  { journalSize: '16 MiB', kills: 6 },
  // So small that it is cut, and the content kept, while updates come in.
  { journalSize: '64 KiB', kills: 4 },
]) {
  test(`no update that was acknowledged is lost by kill -9, and all steps fit together; a journal of ${journalSize}`, async () => {
    await using folder = await SignpostFolder.make({
      'signpost.yaml': config.replace('JOURNAL', journalSize),
      'example.com.zone': zoneText,
    });
    const book = new Book();
    for (let run = 0; run < kills; run++) {
      await using served = await ServedSignpost.start(folder);
      await check(served, book, journalSize === '16 MiB');
      using client = await DnsStreamClient.connect(await served.endpoint('dns-authority'));
      // Squared: most moments early, and some up to the end.
      const killAfter = 1 + Math.floor(Math.random() ** 2 * mostUpdates);
      await Promise.all(Array.from({ length: callers }, () => update(client, book, served, killAfter)));
    }
    await using served = await ServedSignpost.start(folder);
    await check(served, book, journalSize === '16 MiB');
    assert.ok(book.acknowledged > kills, `${book.acknowledged} updates were acknowledged`);
  });
}

/** What was asked for and what was promised. */
class Book {
  /** Names and whether they must be there; those with an update under way may be either. */
  readonly promised = new Map<string, boolean>();
  readonly unsure = new Set<string>();
  acknowledged = 0;
  /** The highest serial seen; none may be lost. */
  serial = 1;
  #next = 0;

  newName(): string {
    return `u-${this.#next++}`;
  }
}

/** Adds names and takes some away again, until the server is killed, by whoever sees the last acknowledgement first. */
async function update(
  client: DnsStreamClient,
  book: Book,
  served: ServedSignpost,
  killAfter: number,
): Promise<void> {
  const until = book.acknowledged + killAfter;
  for (let name = book.newName(); book.acknowledged < until; name = book.newName()) {
    for (const there of [true, false]) {
      if (!there && name.endsWith('3')) continue;
      const line = there ? `add ${name} 60 TXT "${name}"` : `del ${name} TXT`;
      book.unsure.add(name);
      const message = encodeMessage(updateMessage(origin, [line], client.newId()));
      const response = await client.ask(signRequest(message, key, Date.now()).bytes);
      if (response === undefined) return;
      assert.equal((response[3] ?? 0) & 15, 0, 'NOERROR');
      book.promised.set(name, there);
      book.unsure.delete(name);
      book.acknowledged += 1;
    }
  }
  served.signal('SIGKILL');
}

/** What is served is what was promised, and the steps since the file lead there, one an update. */
async function check(served: ServedSignpost, book: Book, wholeJournal: boolean): Promise<void> {
  using client = await DnsStreamClient.connect(await served.endpoint('dns-authority'));
  const records = await client.transfer(origin);
  const [soa] = records;
  assert.ok(soa);
  const names = new Set(
    records
      .filter(({ type }) => type === rrType.TXT)
      .map(({ owner }) => owner.toString().split('.')[0] ?? ''),
  );
  for (const [name, there] of book.promised) {
    if (book.unsure.has(name)) continue;
    assert.equal(
      names.has(name),
      there,
      `${name} was ${there ? 'added' : 'taken away'}, and the server said so`,
    );
  }
  // What wasn't acknowledged may have been kept; now it is known.
  for (const name of book.unsure) book.promised.set(name, names.has(name));
  book.unsure.clear();
  const serial = serialOfSoa(soa.rdata);
  assert.ok(serial >= book.serial && serial >= 1 + book.acknowledged, `serial ${serial}`);
  book.serial = serial;
  if (wholeJournal) await checkSteps(client, records, serial);
}

async function checkSteps(
  client: DnsStreamClient,
  served: readonly ResourceRecord[],
  serial: number,
): Promise<void> {
  const file = recordsOfText(origin, zoneText);
  const steps = await applySteps(client, file, served);
  assert.equal(steps, serial - 1, 'one step an update');
}

/**
 * Asks for the steps since a content (its SOA comes first) and makes them: each must follow the one before and fit, and all together lead
 * to the whole zone (its SOA comes first and last). Gives how many there were.
 */
async function applySteps(
  client: DnsStreamClient,
  content: readonly ResourceRecord[],
  whole: readonly ResourceRecord[],
): Promise<number> {
  const [soa] = content;
  assert.ok(soa);
  const answer = await client.transfer(origin, soa);
  const lines = new Set(content.slice(1).map(formatRecord));
  let at = soa;
  let adding = true;
  let steps = 0;
  for (const record of answer.slice(1, -1)) {
    if (record.type === rrType.SOA) {
      adding = !adding;
      if (adding) steps += 1;
      const expected: number = serialOfSoa(at.rdata) + (adding ? 1 : 0);
      assert.equal(serialOfSoa(record.rdata), expected, 'steps follow each other');
      at = record;
    } else if (adding) lines.add(formatRecord(record));
    else assert.ok(lines.delete(formatRecord(record)), 'a step removes what is there');
  }
  assert.deepEqual([...lines].sort(), whole.slice(1, -1).map(formatRecord).sort());
  return steps;
}

test('a secondary that is killed while it takes a zone has what its primary had, and follows', async () => {
  const secondaryPort = await findFreePort(0);
  await using primaryFolder = await SignpostFolder.make({
    'signpost.yaml': config
      .replace('JOURNAL', '16 MiB')
      .replace('    update:', `    notify: ["127.0.0.1:${secondaryPort}"]\n    update:`),
    'example.com.zone': zoneText.replace('3600 600', '1 1'),
  });
  await using primary = await ServedSignpost.start(primaryFolder);
  const from = await primary.endpoint('dns-authority');
  await using folder = await SignpostFolder.make({
    'signpost.yaml': `
hostname: ns2.example.com
listeners: { dns-authority: ["127.0.0.1:${secondaryPort}"] }
workers: { dns: 1 }
zones:
  - { name: example.com, primaries: ["127.0.0.1:${from.port}"], transfer-to: ["127.0.0.1"] }
`,
  });
  const book = new Book();
  const update = async (count: number): Promise<void> => {
    // A connection of its own each time: an old one has been idle for as long as a start takes.
    using client = await DnsStreamClient.connect(from);
    for (let i = 0; i < count; i++) {
      const name = book.newName();
      const message = encodeMessage(updateMessage(origin, [`add ${name} 60 TXT "${name}"`], client.newId()));
      await client.ask(signRequest(message, key, Date.now()).bytes);
    }
  };
  let found = 0;
  for (let run = 0; run < 5; run++) {
    await using served = await ServedSignpost.start(folder);
    // What it has before it can have asked its primary may be nothing; what it has leads to what the primary has.
    found += (await followsPrimary(served, primary)) ? 1 : 0;
    const before = Math.floor(Math.random() * mostUpdates);
    await update(before);
    served.signal('SIGKILL');
    await update(mostUpdates - before);
  }
  assert.ok(found > 0, 'it was never there when it was asked');
  await using served = await ServedSignpost.start(folder);
  using asker = await DnsStreamClient.connect(await served.endpoint('dns-authority'));
  using client = await DnsStreamClient.connect(from);
  const newest = serialOf(await client.transfer(origin));
  for (let tries = 0; tries < 200; tries++) {
    const content = await asker.transfer(origin).catch(() => []);
    if (content.length > 0 && serialOf(content) === newest) return;
    await wait(100);
  }
  assert.fail(`the secondary never came to serial ${newest}`);
});

/** Gives whether the secondary had anything yet. */
async function followsPrimary(secondary: ServedSignpost, primary: ServedSignpost): Promise<boolean> {
  using asker = await DnsStreamClient.connect(await secondary.endpoint('dns-authority'));
  const content = await asker.transfer(origin).catch(() => undefined);
  if (content === undefined) return false;
  using client = await DnsStreamClient.connect(await primary.endpoint('dns-authority'));
  const whole = await client.transfer(origin);
  if (serialOf(whole) !== serialOf(content)) await applySteps(client, content.slice(0, -1), whole);
  return true;
}

function serialOf(content: readonly ResourceRecord[]): number {
  const [soa] = content;
  assert.ok(soa?.type === rrType.SOA);
  return serialOfSoa(soa.rdata);
}
