import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryZoneStore } from '../../../test/support/memory-zone-store.ts';
import { recordsOfText } from '../../../test/support/records.ts';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { fault, ok } from '../../lib/result.ts';
import { StoreFault } from '../../mailbox/message.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { formatRecord } from '../wire/presentation.ts';
import { recordsOf } from '../wire/record.ts';
import { buildZone } from '../zone/zone-builder.ts';
import { nextSerial, serialOfSoa, soaWithSerial } from '../zone/serial.ts';
import { soaRecord } from '../zone/zone-change.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { UnfitZone, ZoneEvent } from '../zone/zone-keeper.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Zone } from '../zone/zone.ts';
import { Keeper } from './keeper.ts';
import { writeMember } from './record-bytes.ts';
import type { ZoneSettings } from './zone-life.ts';

const origin = domainName('example.com');
const journalSize = 100_000;
const updated: ZoneSettings = { origin, file: true, durable: true, journalSize };
const plain: ZoneSettings = { origin, file: true, durable: false, journalSize };
const kept: ZoneSettings = { origin, file: false, durable: true, journalSize };

interface Served {
  readonly keeper: Keeper;
  readonly zones: ZoneSet;
  readonly events: ZoneEvent[];
  readonly faults: readonly string[];
}

async function serve(
  store: MemoryZoneStore | undefined,
  ...settings: readonly ZoneSettings[]
): Promise<Served> {
  const zones = new ZoneSet();
  const keeper = new Keeper({ zones, store, clock: new VirtualClock(), log: silentLog });
  const events: ZoneEvent[] = [];
  keeper.watch((event) => events.push(event));
  return { keeper, zones, events, faults: await keeper.open(settings) };
}

function zoneOf(serial: number, text = '', of: DomainName = origin): Zone {
  const records = recordsOfText(
    of,
    `@ SOA ns hostmaster ${serial} 3600 600 86400 60\n@ NS ns.example.net.\n${text}`,
  );
  const built = buildZone(of, records);
  assert.ok(built.ok);
  return built.value.zone;
}

/** `hash` stands for the file's text. */
function take(served: Served, zone: Zone, hash: string): ReturnType<Keeper['takeFile']> {
  return served.keeper.takeFile(zone.origin, { zone, hash });
}

async function mustTake(served: Served, zone: Zone, hash: string): Promise<void> {
  const taken = await take(served, zone, hash);
  assert.ok(taken.ok, taken.ok ? '' : taken.fault.join('\n'));
}

/** Lines of records beginning with + or -. */
function step(text: string): (newest: ZoneView) => { readonly ok: true; readonly value: ZoneChange } {
  return (newest) => {
    const from = soaRecord(newest);
    const lines = (sign: string): string =>
      text
        .split('\n')
        .map((line) => (line.trim().startsWith(sign) ? line.trim().slice(1) : ''))
        .join('\n');
    return ok({
      from,
      to: { ...from, rdata: soaWithSerial(from.rdata, nextSerial(newest.serial)) },
      removed: recordsOfText(newest.origin, lines('-')),
      added: recordsOfText(newest.origin, lines('+')),
    });
  };
}

function addresses(view: ZoneView | undefined): readonly string[] | undefined {
  return view?.rrset(domainName('www.example.com'), 1)?.rdatas.map((rdata) => rdata.join('.'));
}

function text(view: ZoneView | undefined): readonly string[] {
  assert.ok(view);
  return [...view.all()].flatMap(recordsOf).map(formatRecord).sort();
}

function texts(changes: readonly ZoneChange[] | undefined): readonly string[] | undefined {
  return changes?.map(({ from, to, removed, added }) =>
    [
      `${serialOfSoa(from.rdata)} ${serialOfSoa(to.rdata)}`,
      ...removed.map((record) => `-${formatRecord(record)}`),
      ...added.map((record) => `+${formatRecord(record)}`),
    ].join('\n'),
  );
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('a change is made upon those on their way, and seen by nobody before it is durable', async () => {
  const store = new MemoryZoneStore();
  const served = await serve(store, updated);
  await mustTake(served, zoneOf(1), 'a');
  const gate = Promise.withResolvers<void>();
  store.gate = gate.promise;
  const seen: number[] = [];
  const changes = [1, 2, 3].map((i) =>
    served.keeper.change(origin, (newest) => {
      seen.push(newest.serial);
      return step(`+www A 192.0.2.${i}`)(newest);
    }),
  );
  const needless = served.keeper.change(origin, () => ok(undefined));
  const done: number[] = [];
  changes.forEach((change, i) => void change.then(() => done.push(i)));
  void needless.then(() => done.push(9));
  await settled();
  assert.deepEqual([seen, done], [[1, 2, 3], []]);
  assert.equal(served.keeper.view(origin)?.serial, 1);
  assert.equal(served.zones.get(origin)?.serial, 1);
  assert.deepEqual(await served.keeper.changesSince(origin, 1), []);
  gate.resolve();
  await Promise.all(changes);
  const last = await needless;
  assert.ok(last.ok && last.value.serial === 4);
  assert.deepEqual(done, [0, 1, 2, 9]);
  assert.deepEqual(addresses(served.keeper.view(origin)), ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  assert.equal((await served.keeper.changesSince(origin, 1))?.length, 3);
  assert.equal((await served.keeper.changesSince(origin, 3))?.length, 1);
  assert.equal(await served.keeper.changesSince(origin, 7), undefined);
  assert.deepEqual(
    served.events.map(({ kind }) => kind),
    ['added', 'changed', 'changed', 'changed'],
  );
});

test('a change that can not be kept takes back all that were made upon it, and what comes later is good', async () => {
  const store = new MemoryZoneStore();
  const served = await serve(store, updated);
  await mustTake(served, zoneOf(1), 'a');
  await served.keeper.change(origin, step('+www A 192.0.2.1'));
  let failures = 1;
  store.fails = () => (failures-- > 0 ? new StoreFault('full', 'no room is left') : undefined);
  const first = served.keeper.change(origin, step('+www A 192.0.2.2'));
  const second = served.keeper.change(origin, step('+www A 192.0.2.3'));
  const needless = served.keeper.change(origin, () => ok(undefined));
  for (const each of [first, second, needless]) await assert.rejects(each, /no room is left/);
  assert.deepEqual(addresses(served.keeper.view(origin)), ['192.0.2.1']);
  const later = await served.keeper.change(origin, step('+www A 192.0.2.4'));
  assert.ok(later.ok && later.value.serial === 3);
  assert.deepEqual(addresses(served.keeper.view(origin)), ['192.0.2.1', '192.0.2.4']);

  const again = await serve(store, updated);
  await mustTake(again, zoneOf(1), 'a');
  assert.deepEqual(text(again.keeper.view(origin)), text(served.keeper.view(origin)));
});

test('a first change that can not be kept leaves nothing behind', async () => {
  const store = new MemoryZoneStore();
  const served = await serve(store, updated);
  await mustTake(served, zoneOf(1), 'a');
  let writes = 0;
  // The journal begins, the state is saved, and the change itself fails.
  store.fails = () => (++writes === 3 ? new StoreFault('full', 'no room is left') : undefined);
  const changes = ['+www A 192.0.2.2', '+www A 192.0.2.3'].map((each) =>
    served.keeper.change(origin, step(each)),
  );
  for (const each of changes) await assert.rejects(each);
  const later = await served.keeper.change(origin, step('+www A 192.0.2.4'));
  assert.ok(later.ok && later.value.serial === 2);
  const again = await serve(store, updated);
  await mustTake(again, zoneOf(1), 'a');
  assert.deepEqual(addresses(again.keeper.view(origin)), ['192.0.2.4']);
});

test('what would be no zone is refused with reasons, as is what `make` refuses', async () => {
  const served = await serve(new MemoryZoneStore(), updated);
  const none = await served.keeper.change<UnfitZone>(origin, step('+www A 192.0.2.1'));
  assert.ok(!none.ok && none.fault.kind === 'unfit');
  assert.match(none.fault.reasons[0] ?? '', /no content yet/);
  await mustTake(served, zoneOf(1, 'www A 192.0.2.1\n'), 'a');
  const unfit = await served.keeper.change<UnfitZone>(origin, step('+www CNAME example.net.'));
  assert.ok(!unfit.ok && unfit.fault.kind === 'unfit');
  assert.match(unfit.fault.reasons.join(), /CNAME/);
  const refused = await served.keeper.change(origin, () => fault({ kind: 'mine' } as const));
  assert.ok(!refused.ok && refused.fault.kind === 'mine');
  const good = await served.keeper.change(origin, step('-www A 192.0.2.1\n+www A 192.0.2.2'));
  assert.ok(good.ok && good.value.serial === 2);
});

test('after a restart the journal is replayed upon the file', async () => {
  const store = new MemoryZoneStore();
  const first = await serve(store, updated);
  await mustTake(first, zoneOf(1, 'www A 192.0.2.1\n'), 'a');
  await first.keeper.change(origin, step('-www A 192.0.2.1\n+www A 192.0.2.2'));
  await first.keeper.change(origin, step('+a TXT "x"'));
  const changes = texts(await first.keeper.changesSince(origin, 1));
  for (let round = 0; round < 2; round++) {
    const next = await serve(store, updated);
    await mustTake(next, zoneOf(1, 'www A 192.0.2.1\n'), 'a');
    assert.deepEqual(text(next.keeper.view(origin)), text(first.keeper.view(origin)));
    assert.deepEqual(texts(await next.keeper.changesSince(origin, 1)), changes);
    assert.equal((await next.keeper.changesSince(origin, 2))?.length, 1);
  }
});

interface FileCase {
  readonly name: string;
  /** The file when it is read again; it was `www A 192.0.2.1` at serial 1, and one update has made it .2 at serial 2. */
  readonly zone: Zone;
  readonly hash: string;
  /** Addresses of www in the end; the first while the server runs, the second after a restart with that file. */
  readonly running: string;
  readonly restarted: string;
  readonly refused?: RegExp;
  readonly refusedAtStart?: RegExp;
}

const fileCases: readonly FileCase[] = [
  {
    name: 'the file untouched',
    zone: zoneOf(1, 'www A 192.0.2.1\n'),
    hash: 'a',
    running: '192.0.2.2',
    restarted: '192.0.2.2',
  },
  {
    name: 'only a comment changed',
    zone: zoneOf(1, 'www A 192.0.2.1\n'),
    hash: 'b',
    running: '192.0.2.2',
    restarted: '192.0.2.2',
  },
  {
    name: 'what is served, exported',
    zone: zoneOf(2, 'www A 192.0.2.2\n'),
    hash: 'b',
    running: '192.0.2.2',
    restarted: '192.0.2.2',
  },
  {
    name: 'a later serial',
    zone: zoneOf(3, 'www A 192.0.2.3\n'),
    hash: 'b',
    running: '192.0.2.3',
    restarted: '192.0.2.3',
  },
  {
    name: 'the serial not raised, and what the update changed is changed',
    zone: zoneOf(1, 'www A 192.0.2.9\n'),
    hash: 'b',
    running: '192.0.2.2',
    restarted: '',
    refused: /has serial 1, but the zone has come to serial 2 .* Raise the file's serial above 2/,
    refusedAtStart: /Raise the file's serial above 2/,
  },
  {
    name: 'an earlier serial',
    zone: zoneOf(0, 'www A 192.0.2.9\n'),
    hash: 'b',
    running: '192.0.2.2',
    restarted: '',
    refused: /Raise the file's serial above 2/,
    refusedAtStart: /Raise the file's serial above 2/,
  },
];

for (const { name, zone, hash, running, restarted, refused, refusedAtStart } of fileCases) {
  const prepare = async (): Promise<{ readonly store: MemoryZoneStore; readonly served: Served }> => {
    const store = new MemoryZoneStore();
    const served = await serve(store, updated);
    await mustTake(served, zoneOf(1, 'www A 192.0.2.1\n'), 'a');
    await served.keeper.change(origin, step('-www A 192.0.2.1\n+www A 192.0.2.2'));
    return { store, served };
  };
  const expectTaken = async (served: Served, sentence: RegExp | undefined): Promise<void> => {
    const taken = await take(served, zone, hash);
    if (sentence === undefined) assert.ok(taken.ok, taken.ok ? '' : taken.fault.join('\n'));
    else assert.match(taken.ok ? '' : taken.fault.join('\n'), sentence);
  };

  test(`a file of a zone that was updated is read again: ${name}`, async () => {
    const { store, served } = await prepare();
    await expectTaken(served, refused);
    assert.deepEqual(addresses(served.keeper.view(origin)), [running]);
    const steps = await served.keeper.changesSince(origin, 1);
    assert.equal(steps?.length, running === '192.0.2.3' ? 2 : 1);
    if (refused !== undefined) return;
    const next = await serve(store, updated);
    await mustTake(next, zone, hash);
    assert.deepEqual(text(next.keeper.view(origin)), text(served.keeper.view(origin)));
    assert.deepEqual(texts(await next.keeper.changesSince(origin, 1)), texts(steps));
  });

  test(`a file of a zone that was updated is changed between two runs: ${name}`, async () => {
    const { store } = await prepare();
    const next = await serve(store, updated);
    await expectTaken(next, refusedAtStart);
    assert.deepEqual(addresses(next.keeper.view(origin)) ?? [''], [restarted]);
    if (refusedAtStart === undefined) {
      await next.keeper.change(origin, step('+z A 192.0.2.7'));
      const last = await serve(store, updated);
      await mustTake(last, zone, hash);
      assert.deepEqual(text(last.keeper.view(origin)), text(next.keeper.view(origin)));
      return;
    }
    // Nothing is forgotten by the refusal: the right file brings it back, and so does a raised serial.
    await expectTaken(next, refusedAtStart);
    await mustTake(next, zoneOf(1, 'www A 192.0.2.1\n'), 'a');
    assert.deepEqual(addresses(next.keeper.view(origin)), ['192.0.2.2']);
  });

  test(`a file changed between two runs, the content being kept too: ${name}`, async () => {
    const { store, served } = await prepare();
    const chunk = recordsOfContent(served.keeper.view(origin));
    await store.writeSnapshot(origin, 2, [chunk], 'keep');
    const next = await serve(store, updated);
    await expectTaken(next, refused);
    assert.deepEqual(addresses(next.keeper.view(origin)), [running]);
    assert.equal((await next.keeper.changesSince(origin, 1))?.length, running === '192.0.2.3' ? 2 : 1);
  });
}

test('a plain file is served as it is, and changes of it are told of while the server runs', async () => {
  const served = await serve(undefined, plain);
  await mustTake(served, zoneOf(1, 'www A 192.0.2.1\n'), 'a');
  await mustTake(served, zoneOf(5, 'www A 192.0.2.5\n'), 'b');
  assert.deepEqual(texts(await served.keeper.changesSince(origin, 1)), [
    '1 5\n-www.example.com.\t300\tIN\tA\t192.0.2.1\n+www.example.com.\t300\tIN\tA\t192.0.2.5',
  ]);
  await mustTake(served, zoneOf(5, 'www A 192.0.2.6\n'), 'c');
  assert.deepEqual(addresses(served.keeper.view(origin)), ['192.0.2.6']);
  assert.equal(
    await served.keeper.changesSince(origin, 1),
    undefined,
    'what it led to is not what is served',
  );
  await mustTake(served, zoneOf(4, 'www A 192.0.2.4\n'), 'd');
  assert.deepEqual(addresses(served.keeper.view(origin)), ['192.0.2.4']);
});

test('a whole content replaces another, whatever its serial, and is there after a restart', async () => {
  const store = new MemoryZoneStore();
  const served = await serve(store, kept);
  assert.equal(served.keeper.view(origin), undefined);
  const content = async (zone: Zone): Promise<void> => {
    const replaced = await served.keeper.replace(origin, arriving(zone));
    assert.ok(replaced.ok && replaced.value.serial === zone.serial);
  };
  await content(zoneOf(5, 'www A 192.0.2.5\n'));
  await served.keeper.change(origin, step('+www A 192.0.2.6'));
  await content(zoneOf(3, 'www A 192.0.2.3\n'));
  assert.equal(await served.keeper.changesSince(origin, 5), undefined);
  await served.keeper.change(origin, step('+www A 192.0.2.4'));
  const next = await serve(store, kept);
  assert.deepEqual(next.faults, []);
  assert.deepEqual(addresses(next.keeper.view(origin)), ['192.0.2.3', '192.0.2.4']);
  assert.equal((await next.keeper.changesSince(origin, 3))?.length, 1);

  const unfit = await served.keeper.replace(origin, arriving(zoneOf(9), 'www CNAME a\nwww A 192.0.2.1\n'));
  assert.match(unfit.ok ? '' : unfit.fault.join(), /CNAME/);
  const refused = await served.keeper.replace(origin, arriving(zoneOf(9)), async () => [
    'its digest is wrong',
  ]);
  assert.deepEqual(refused, fault(['its digest is wrong']));
  await assert.rejects(served.keeper.replace(origin, breaking(zoneOf(9))), /the connection was lost/);
  assert.equal(served.keeper.view(origin)?.serial, 4);
});

test('expired content is not served, but kept and changed until it is revived', async () => {
  const served = await serve(new MemoryZoneStore(), kept);
  served.keeper.expire(origin);
  await served.keeper.replace(origin, arriving(zoneOf(1)));
  assert.equal(served.keeper.view(origin)?.serial, 1, 'nothing had expired');
  assert.notEqual(served.zones.enclosing(origin), 'withheld');
  const changing = served.keeper.change(origin, step('+www A 192.0.2.1'));
  served.keeper.expire(origin);
  assert.equal(served.keeper.view(origin), undefined);
  await changing;
  await settled();
  assert.equal(served.zones.enclosing(origin), 'withheld');
  assert.ok(served.keeper.enclosing(domainName('a.example.com'))?.equals(origin));
  await served.keeper.change(origin, step('+www A 192.0.2.2'));
  assert.equal(served.keeper.view(origin), undefined);
  served.keeper.revive(origin);
  await settled();
  assert.notEqual(served.zones.enclosing(origin), 'withheld');
  assert.deepEqual(addresses(served.zones.get(origin)), ['192.0.2.1', '192.0.2.2']);
  assert.equal((await served.keeper.changesSince(origin, 1))?.length, 2);
});

test('zones come and go while others are served', async () => {
  const store = new MemoryZoneStore();
  const served = await serve(store, updated);
  const member = domainName('member.example');
  await served.keeper.add({ origin: member, journalSize });
  await served.keeper.replace(member, arriving(zoneOf(1, '', member)));
  assert.ok(served.keeper.enclosing(domainName('x.y.member.example'))?.equals(member));
  assert.equal(served.keeper.enclosing(domainName('example')), undefined);
  const next = await serve(store, updated);
  assert.equal(next.keeper.view(member), undefined, 'nobody has said that it is to be served');
  await next.keeper.add({ origin: member, journalSize });
  assert.equal(next.keeper.view(member)?.serial, 1);
  await next.keeper.remove(member);
  assert.equal(next.keeper.view(member), undefined);
  assert.equal(next.keeper.enclosing(member), undefined);
  assert.equal(await store.findKeptZone(member), undefined);
  assert.deepEqual(
    next.events.map(({ kind }) => kind),
    ['added', 'removed'],
  );
});

test('the journal stays as large as it is to be, and nothing is lost by that', async () => {
  const store = new MemoryZoneStore();
  const settings = { ...updated, journalSize: 2000 };
  const served = await serve(store, settings);
  await mustTake(served, zoneOf(1), 'a');
  for (let i = 1; i <= 200; i++) {
    await served.keeper.change(
      origin,
      step(`+h${i} A 192.0.2.${i}\n${i > 1 ? `-h${i - 1} A 192.0.2.${i - 1}` : ''}`),
    );
    await settled();
    await settled();
  }
  await served.keeper.close();
  const { changes, snapshot } = (await store.findKeptZone(origin)) ?? {};
  assert.ok(changes !== undefined && changes.octets > 1000 && changes.octets < 4000, `${changes?.octets}`);
  assert.ok(snapshot !== undefined);
  const next = await serve(store, settings);
  await mustTake(next, zoneOf(1), 'a');
  assert.deepEqual(text(next.keeper.view(origin)), text(served.keeper.view(origin)));
  assert.equal((await next.keeper.changesSince(origin, changes.from))?.length, 201 - changes.from);
});

test('whatever happens, a restart finds what was served, and the steps lead there', async () => {
  const random = seededRandom(7);
  for (let round = 0; round < 20; round++) {
    const store = new MemoryZoneStore();
    const settings = { ...updated, journalSize: 1500 };
    let file = { zone: zoneOf(1), hash: 'f1' };
    let served = await serve(store, settings);
    await mustTake(served, file.zone, file.hash);
    const seen = new Map<number, readonly string[]>();
    for (let i = 0; i < 40; i++) {
      const what = random.below(10);
      if (what === 0) {
        const serial = (served.keeper.view(origin)?.serial ?? 0) + 1 + random.below(3);
        file = { zone: zoneOf(serial, `f${i} A 192.0.2.1\n`), hash: `f${i}` };
        await mustTake(served, file.zone, file.hash);
      } else if (what === 1) {
        const before = text(served.keeper.view(origin));
        await served.keeper.close();
        served = await serve(store, settings);
        await mustTake(served, file.zone, file.hash);
        assert.deepEqual(text(served.keeper.view(origin)), before);
      } else {
        const name = `h${random.below(5)}`;
        await served.keeper.change(origin, (newest) => {
          const there = newest.rrset(domainName(`${name}.example.com`), 1) !== undefined;
          return step(`${there ? '-' : '+'}${name} A 192.0.2.1`)(newest);
        });
      }
      await settled();
      const view = served.keeper.view(origin);
      assert.ok(view);
      seen.set(view.serial, text(view));
    }
    // From each serial that the journal still has, its steps make what is served.
    for (const [serial, before] of seen) {
      const steps = await served.keeper.changesSince(origin, serial);
      const records = new Set(before.filter((line) => !line.includes('\tSOA\t')));
      for (const { removed, added } of steps ?? []) {
        for (const record of removed) assert.ok(records.delete(formatRecord(record)));
        for (const record of added) records.add(formatRecord(record));
      }
      const now = text(served.keeper.view(origin)).filter((line) => !line.includes('\tSOA\t'));
      if (steps !== undefined) assert.deepEqual([...records].sort(), now);
    }
  }
});

async function* arriving(zone: Zone, more = ''): AsyncGenerator<ReadonlyArray<ZoneChange['from']>> {
  for (const rrset of zone.all()) yield recordsOf(rrset);
  yield recordsOfText(zone.origin, more);
}

async function* breaking(zone: Zone): AsyncGenerator<ReadonlyArray<ZoneChange['from']>> {
  yield recordsOf(zone.soa);
  throw new Error('the connection was lost');
}

function recordsOfContent(view: ZoneView | undefined): Uint8Array {
  assert.ok(view);
  const chunk = new Uint8Array(10_000);
  let length = 0;
  for (const rrset of view.all())
    for (const rdata of rrset.rdatas) length = writeMember(chunk, length, rrset, rdata);
  return chunk.slice(0, length);
}
