import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryZoneKeeper } from '../../../test/support/memory-zone-keeper.ts';
import { VirtualClock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { fault, ok } from '../../lib/result.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { formatZoneProblem, loadZone } from '../zone/load-zone.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import type { Zone } from '../zone/zone.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { readCatalog } from './catalog.ts';
import { CatalogConsumer } from './catalog-consumer.ts';
import type { CatalogMembers, MemberZone } from './catalog-members.ts';
import { publishCatalog } from './catalog-producer.ts';

const version = 'version TXT 2';

/** `lines` are relative to the catalog; its SOA and NS are added. */
function catalogZone(origin: string, lines: readonly string[], serial = 1): Zone {
  const text = `$TTL 0\n@ SOA invalid. invalid. ${serial} 60 60 60 0\n@ NS invalid.\n${lines.join('\n')}\n`;
  const loaded = loadZone({ name: 'z', text }, { origin: domainName(origin) });
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.fault.map(formatZoneProblem).join('\n'));
  return loaded.value.zone;
}

function shown(name: DomainName | undefined): string {
  return name?.toString() ?? '';
}

const readings: readonly (readonly [what: string, lines: readonly string[], expected: readonly string[]])[] =
  [
    ['no members', [version], []],
    [
      'members, in any letters',
      [version, 'a1.zones PTR example.com.', 'B2.ZONES PTR Example.NET.'],
      ['a1 example.com.', 'b2 Example.NET.'],
    ],
    [
      'groups and a new owner',
      [
        version,
        'a.zones PTR example.com.',
        'group.a.zones TXT "signed" "-fast"',
        'coo.a.zones PTR other.catalog.',
      ],
      ['a example.com. group signed-fast owner other.catalog.'],
    ],
    [
      'properties that are unknown, and names elsewhere',
      [
        version,
        'a.zones PTR example.com.',
        'serial.a.zones TXT 7',
        'x.ext.a.zones TXT y',
        'zones PTR nobody.',
        'a PTR nobody.',
        'b.a.zones PTR nobody.',
        'a.zones TXT comment',
      ],
      ['a example.com.'],
    ],
    [
      'a new owner that is two',
      [version, 'a.zones PTR x.', 'coo.a.zones PTR b.', 'coo.a.zones PTR c.'],
      ['a x.'],
    ],
    ['no version', ['a.zones PTR example.com.'], ['broken: it has no version record, and so is no catalog']],
    ['another version', ['version TXT 1', 'a.zones PTR x.'], ["broken: it is of version '1', not 2"]],
    [
      'two versions',
      [version, 'version TXT 1', 'a.zones PTR x.'],
      ['broken: it has several version records'],
    ],
    [
      'a member node of two zones',
      [version, 'a.zones PTR x.', 'a.zones PTR y.'],
      ['broken: a.zones.cat.example. has several PTR records, and so names no one member'],
    ],
    [
      'a zone under two labels',
      [version, 'b.zones PTR x.', 'a.zones PTR x.'],
      ['a x.', 'ignored: x. is listed twice, as b and a'],
    ],
  ];

for (const [what, lines, expected] of readings) {
  test(`catalog: ${what}`, async () => {
    const read = await readCatalog(catalogZone('cat.example.', lines), new VirtualClock());
    const members = read.ok ? [...read.value.members.values()] : [];
    const got = members.map(({ zone, label, groups, newOwner }) =>
      [
        label,
        shown(zone),
        ...groups.map((each) => `group ${each}`),
        ...(newOwner ? [`owner ${shown(newOwner)}`] : []),
      ].join(' '),
    );
    const rest = read.ok ? read.value.ignored.map((each) => `ignored: ${each}`) : [`broken: ${read.fault}`];
    assert.deepEqual([...got.sort(), ...rest], expected);
  });
}

/** What a consumer does with its members, in words. */
class RecordedMembers implements CatalogMembers {
  calls: string[] = [];
  /** Zones that are served on other grounds. */
  readonly taken = new Set<string>();

  add(member: MemberZone): ReturnType<CatalogMembers['add']> {
    if (this.taken.has(shown(member.zone))) return Promise.resolve(fault('served already'));
    void this.#note('add', member);
    return Promise.resolve(ok(undefined));
  }

  remove(member: MemberZone): Promise<void> {
    return this.#note('remove', member);
  }

  reset(member: MemberZone): Promise<void> {
    return this.#note('reset', member);
  }

  move(member: MemberZone): Promise<void> {
    return this.#note('move', member);
  }

  #note(what: string, { zone, catalog, label }: MemberZone): Promise<void> {
    this.calls.push(`${what} ${shown(zone)} ${label} of ${shown(catalog)}`);
    return Promise.resolve();
  }
}

class Scene {
  readonly members = new RecordedMembers();
  readonly keeper = new MemoryZoneKeeper(new ZoneSet());
  readonly said: string[] = [];
  readonly consumer: CatalogConsumer;

  constructor(kept: readonly MemberZone[] = []) {
    const say = (event: string): void => void this.said.push(event);
    const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
    this.consumer = new CatalogConsumer(
      {
        keeper: this.keeper,
        members: this.members,
        catalogs: [domainName('one.'), domainName('two.')],
        clock: new VirtualClock(),
        log,
      },
      kept,
    );
  }

  /** Gives what the consumer did. */
  async put(origin: string, lines: readonly string[]): Promise<readonly string[]> {
    const zone = catalogZone(origin, lines);
    async function* records(): AsyncGenerator<
      readonly { owner: DomainName; type: number; class: number; ttl: number; rdata: Uint8Array }[]
    > {
      for (const { owner, type, class: recordClass, ttl, rdatas } of zone.all())
        yield rdatas.map((rdata) => ({ owner, type, class: recordClass, ttl, rdata }));
    }
    const replaced = await this.keeper.replace(domainName(origin), records());
    assert.ok(replaced.ok);
    await this.consumer.settled();
    return this.members.calls.splice(0);
  }
}

test('catalog consumer: zones come, go, and begin anew with a new label', async () => {
  const scene = new Scene();
  const a = 'a.zones PTR x.';
  assert.deepEqual(await scene.put('one.', [version, a, 'b.zones PTR y.']), [
    'add x. a of one.',
    'add y. b of one.',
  ]);
  assert.deepEqual(await scene.put('one.', [version, a, 'b.zones PTR y.']), []);
  assert.deepEqual(await scene.put('one.', [version, a, 'c.zones PTR y.']), ['reset y. c of one.']);
  assert.deepEqual(await scene.put('one.', [version, 'c.zones PTR y.']), ['remove x. a of one.']);
  assert.equal(scene.consumer.ownerOf(domainName('y.'))?.label, 'c');
  await scene.consumer.close();
  assert.deepEqual(await scene.put('one.', [version]), []);
});

test('catalog consumer: of a broken catalog nothing is taken, and its members stay', async () => {
  const scene = new Scene();
  await scene.put('one.', [version, 'a.zones PTR x.']);
  assert.deepEqual(await scene.put('one.', ['b.zones PTR y.']), []);
  assert.ok(scene.said.some((each) => each.includes('is broken')));
  assert.deepEqual(await scene.put('one.', [version, 'b.zones PTR y.']), [
    'remove x. a of one.',
    'add y. b of one.',
  ]);
});

test('catalog consumer: names that are taken are left alone, and come later where they are let go of', async () => {
  const scene = new Scene();
  scene.members.taken.add('own.');
  assert.deepEqual(await scene.put('one.', [version, 'a.zones PTR x.', 'o.zones PTR own.']), [
    'add x. a of one.',
  ]);
  assert.deepEqual(await scene.put('two.', [version, 'b.zones PTR x.']), []);
  assert.ok(scene.said.includes('a catalog lists a zone that another one has; it stays with that'));
  // RFC 9432 §5.3: only the catalog that has it can remove it.
  assert.deepEqual(await scene.put('two.', [version]), []);
  assert.deepEqual(await scene.put('two.', [version, 'b.zones PTR x.']), []);
  assert.deepEqual(await scene.put('one.', [version]), ['remove x. a of one.', 'add x. b of two.']);
});

test('catalog consumer: a change of ownership, seen in either order', async () => {
  for (const [label, expected] of [
    ['b', 'reset x. b of two.'],
    ['a', 'move x. a of two.'],
  ] as const) {
    const giving = [version, 'a.zones PTR x.', 'coo.a.zones PTR two.'];
    const scene = new Scene();
    await scene.put('one.', [version, 'a.zones PTR x.']);
    assert.deepEqual(await scene.put('one.', giving), []);
    assert.deepEqual(await scene.put('two.', [version, `${label}.zones PTR x.`]), [expected]);
    // What the old owner does now is nothing to the zone.
    assert.deepEqual(await scene.put('one.', [version]), []);
    assert.deepEqual(await scene.put('two.', [version]), [`remove x. ${label} of two.`]);

    const other = new Scene();
    await other.put('one.', [version, 'a.zones PTR x.']);
    assert.deepEqual(await other.put('two.', [version, `${label}.zones PTR x.`]), []);
    assert.deepEqual(await other.put('one.', giving), [expected]);
    assert.deepEqual(await other.put('one.', giving), []);
  }
});

test('catalog consumer: what was served before a restart is compared with what is listed now', async () => {
  const kept = ['x.', 'y.', 'z.'].map((zone) => ({
    zone: domainName(zone),
    catalog: domainName('one.'),
    label: 'a',
    groups: [],
  }));
  const scene = new Scene(kept);
  const calls = await scene.put('one.', [version, 'a.zones PTR x.', 'b.zones PTR y.', 'c.zones PTR w.']);
  assert.deepEqual(calls, ['remove z. a of one.', 'reset y. b of one.', 'add w. c of one.']);
});

test('catalog producer: each zone has its label for as long as it is listed', async () => {
  const [clock, random] = [new VirtualClock(), seededRandom(1)];
  const origin = domainName('catalog.example.');
  const keeper = new MemoryZoneKeeper(new ZoneSet(), [origin]);
  const publish = async (
    ...zones: readonly string[]
  ): Promise<{ serial: number; labels: Map<string, string> }> => {
    const names = zones.map((zone) => domainName(zone));
    const published = await publishCatalog(origin, names, { keeper, clock, random });
    assert.ok(published.ok, published.ok ? '' : published.fault.join());
    const read = await readCatalog(published.value, clock);
    assert.ok(read.ok, read.ok ? '' : read.fault);
    const labels = new Map([...read.value.members.values()].map(({ zone, label }) => [shown(zone), label]));
    return { serial: published.value.serial, labels };
  };
  const first = await publish('x.', 'y.');
  assert.deepEqual([...first.labels.keys()].sort(), ['x.', 'y.']);
  assert.notEqual(first.labels.get('x.'), first.labels.get('y.'));
  const same = await publish('y.', 'x.');
  assert.deepEqual(same, first);
  const more = await publish('x.', 'y.', 'z.');
  assert.ok(isLater(more.serial, first.serial));
  assert.equal(more.labels.get('x.'), first.labels.get('x.'));
  const steps = await keeper.changesSince(origin, first.serial);
  assert.deepEqual(
    steps?.map(({ removed, added }) => [removed.length, added.length]),
    [[0, 1]],
  );
  await publish('y.', 'z.');
  const again = await publish('x.', 'y.', 'z.');
  assert.notEqual(again.labels.get('x.'), first.labels.get('x.'));
  assert.equal(again.labels.get('y.'), first.labels.get('y.'));
  // A catalog whose content is lost is later than it ever was.
  clock.advance(60_000);
  const lost = new MemoryZoneKeeper(new ZoneSet(), [origin]);
  const anew = await publishCatalog(origin, [], { keeper: lost, clock, random });
  assert.ok(anew.ok && isLater(anew.value.serial, again.serial));
});
