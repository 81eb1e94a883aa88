// Changes by hand, as the admin API makes them: each request with what it answers, one after the other upon one zone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryZoneStore } from '../../test/support/memory-zone-store.ts';
import { recordsOfText } from '../../test/support/records.ts';
import type { ZoneConfig } from '../config/config.ts';
import { Keeper } from '../dns/keeper/keeper.ts';
import { domainName } from '../dns/wire/name.ts';
import { formatRecord } from '../dns/wire/presentation.ts';
import { recordsOf } from '../dns/wire/record.ts';
import { buildZone } from '../dns/zone/zone-builder.ts';
import { ZoneSet } from '../dns/zone/zone-set.ts';
import { VirtualClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { ok } from '../lib/result.ts';
import type { ZoneStepView } from './api.ts';
import { zoneHandlers } from './zone-handlers.ts';
import type { ZoneHandlers } from './zone-handlers.ts';

const origin = domainName('example.com');

function configOf(parts: Partial<ZoneConfig>): ZoneConfig {
  return {
    name: 'example.com',
    file: '/zones/example.com.zone',
    primaries: [],
    transferTo: [],
    notify: [],
    notifyFrom: [],
    update: [{ addresses: [], key: 'k', tls: false, names: [], types: [] }],
    catalog: 'none',
    memberOf: undefined,
    journalSize: 1 << 20,
    ...parts,
  };
}

async function serve(...configured: readonly ZoneConfig[]): Promise<{ keeper: Keeper; api: ZoneHandlers }> {
  const keeper = new Keeper({
    zones: new ZoneSet(),
    store: new MemoryZoneStore(),
    clock: new VirtualClock(),
    log: silentLog,
  });
  await keeper.open([{ origin, file: true, durable: true, journalSize: 1 << 20 }]);
  const text =
    '@ SOA ns h 5 2 3 4 5\n@ NS ns\nns 60 A 192.0.2.1\nwww A 192.0.2.2\nwww TXT a\nalias CNAME www\n';
  const built = buildZone(origin, recordsOfText(origin, text));
  assert.ok(built.ok);
  await keeper.takeFile(origin, { zone: built.value.zone, hash: '' });
  return { keeper, api: zoneHandlers({ configured, keeperOf: () => Promise.resolve(ok(keeper)) }) };
}

function lines(step: ZoneStepView | null): readonly string[] {
  const short = (sign: string, text: string): string =>
    sign + text.replace('.example.com.', '').replace('\tIN\t', '\t').replaceAll('\t', ' ');
  return step === null
    ? []
    : [...step.removed.map((each) => short('-', each)), ...step.added.map((each) => short('+', each))];
}

interface Case {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  readonly back?: number;
  /** What the step says; a change that isn't needed says nothing. */
  readonly step?: readonly string[];
  readonly fault?: RegExp;
}

const story: readonly Case[] = [
  { add: ['new 60 A 192.0.2.3', 'new 60 A 192.0.2.4'], step: ['+new 60 A 192.0.2.3', '+new 60 A 192.0.2.4'] },
  { add: ['new A 192.0.2.5'], step: ['+new 60 A 192.0.2.5'] },
  { add: ['new A 192.0.2.5', 'NS 60 IN A 192.0.2.1'], step: [] },
  { add: ['other TXT "x y" z'], step: ['+other 300 TXT "x y" "z"'] },
  { add: ['www 60 A 192.0.2.2'], step: ['-www 300 A 192.0.2.2', '+www 60 A 192.0.2.2'] },
  { add: ['bad A 192.0.2'], fault: /record:1:7: .*\n {2}bad A 192\.0\.2\n {8}\^+/ },
  {
    add: ['good A 192.0.2.9', 'example.net. A 192.0.2.9'],
    fault: /example\.net\. is not in the zone example\.com\.; nothing/,
  },
  { add: ['alias A 192.0.2.9'], fault: /nothing was changed, for it would leave no right zone: .*CNAME/ },
  { add: ['@ SOA ns h 5 2 3 4 5'], fault: /must be later than 9/ },
  { add: ['www CH A 192.0.2.9'], fault: /class IN/ },
  { add: ['odd TYPE32 \\# 0'], fault: /other servers would refuse/ },
  { add: ['; nothing'], fault: /has no record/ },
  { remove: ['new A 192.0.2.4'], step: ['-new 60 A 192.0.2.4'] },
  {
    remove: ['new 60 IN A 192.0.2.3', 'other TXT'],
    step: ['-new 60 A 192.0.2.3', '-other 300 TXT "x y" "z"'],
  },
  { remove: ['www'], step: ['-www 60 A 192.0.2.2', '-www 300 TXT "a"'] },
  { remove: ['www'], fault: /there are no records at www\.example\.com\.; nothing/ },
  { remove: ['ns A 192.0.2.77'], fault: /there is no record 'A 192\.0\.2\.77' at ns/ },
  { remove: ['ns AAAA'], fault: /there is no AAAA record at ns/ },
  { remove: ['@ SOA'], fault: /SOA record of example\.com\. must stay/ },
  { remove: ['@ NS'], fault: /no NS record left/ },
  { remove: ['@'], fault: /no records at example\.com\. but its SOA and NS/ },
  { remove: ['a..b'], fault: /empty label/ },
  {
    add: ['@ 300 SOA ns boss 100 2 3 4 5'],
    step: [
      '-example.com. 300 SOA ns h.example.com. 12 2 3 4 5',
      '+example.com. 300 SOA ns boss.example.com. 100 2 3 4 5',
    ],
  },
  { back: 4, fault: /no steps from serial 4/ },
  { back: 100, fault: /at serial 100 already/ },
  {
    back: 5,
    step: [
      '-example.com. 300 SOA ns boss.example.com. 100 2 3 4 5',
      '-new 60 A 192.0.2.5',
      '+example.com. 300 SOA ns h.example.com. 101 2 3 4 5',
      '+www 300 A 192.0.2.2',
      '+www 300 TXT "a"',
    ],
  },
  { back: 9, step: [] },
];

test('records are added and taken away, and a zone goes back to what it was', async () => {
  const { keeper, api } = await serve(configOf({}));
  const before = contentOf(keeper);
  for (const { add, remove, back, step, fault } of story.slice(0, -1)) {
    const title = JSON.stringify(add ?? remove ?? back);
    const done = await (add !== undefined
      ? api.addRecords({ zone: 'Example.com', records: add })
      : remove !== undefined
        ? api.removeRecords({ zone: 'example.com.', records: remove })
        : api.rollbackZone({ zone: 'example.com', serial: back ?? 0 }));
    if (fault !== undefined) {
      assert.match(done.ok ? '' : done.fault.message, fault, title);
      continue;
    }
    assert.ok(done.ok, `${title}: ${done.ok ? '' : done.fault.message}`);
    assert.deepEqual([...lines(done.value.step)].sort(), [...(step ?? [])].sort(), title);
  }
  const apart = (text: readonly string[]): readonly string[] =>
    text.filter((line) => !line.includes('\tSOA\t'));
  assert.deepEqual(apart(contentOf(keeper)), apart(before));
});

test('steps are shown: the last, those since a serial, those between two', async () => {
  const { api } = await serve(configOf({}));
  const none = await api.diffZone({ zone: 'example.com' });
  assert.deepEqual(none.ok && none.value.steps, []);
  for (const name of ['a', 'b', 'c'])
    await api.addRecords({ zone: 'example.com', records: [`${name} A 192.0.2.1`] });
  const spans = async (from?: number, to?: number): Promise<unknown> => {
    const found = await api.diffZone({ zone: 'example.com', from, to });
    return found.ok ? found.value.steps.map((step) => `${step.from}-${step.to}`) : found.fault.kind;
  };
  assert.deepEqual(await spans(), ['7-8']);
  assert.deepEqual(await spans(5), ['5-6', '6-7', '7-8']);
  assert.deepEqual(await spans(6, 7), ['6-7']);
  assert.deepEqual(await spans(8), []);
  assert.deepEqual(await spans(6, 6), []);
  assert.deepEqual(await spans(7, 6), 'not-found');
  assert.deepEqual(await spans(4), 'not-found');
  assert.deepEqual(await spans(99), 'not-found');
});

test('a zone that is changed elsewhere says where', async () => {
  const remote = { endpoint: { address: '192.0.2.1', port: 53 }, key: undefined, tls: undefined };
  const cases: readonly (readonly [ZoneConfig, RegExp])[] = [
    [configOf({ update: [] }), /kept in its file: edit \/zones\/example\.com\.zone.*'update' rule/],
    [configOf({ primaries: [remote], file: undefined }), /taken from its primaries/],
    [configOf({ catalog: 'producer', file: undefined }), /is a catalog/],
    [configOf({ name: 'example.net' }), /the config has no zone example\.com\.; it has example\.net/],
  ];
  for (const [config, expected] of cases) {
    const { api } = await serve(config);
    const done = await api.addRecords({ zone: 'example.com', records: ['a A 192.0.2.1'] });
    assert.match(done.ok ? '' : done.fault.message, expected);
  }
  const nobody = await zoneHandlers(undefined).diffZone({ zone: 'example.com' });
  assert.ok(!nobody.ok && nobody.fault.kind === 'unavailable');
});

function contentOf(keeper: Keeper): readonly string[] {
  return [...(keeper.view(origin)?.all() ?? [])].flatMap(recordsOf).map(formatRecord).sort();
}
