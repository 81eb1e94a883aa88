import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../lib/log.ts';
import type { Log } from '../../lib/log.ts';
import { fault, ok } from '../../lib/result.ts';
import { domainName } from '../wire/name.ts';
import { loadZone } from '../zone/load-zone.ts';
import type { ZoneLoader, ZoneLoadOutcome, ZoneSource } from '../zone/zone-loader.ts';
import { ServedZones } from './served-zones.ts';

const text = '@ 60 SOA ns1 hostmaster 1 3600 900 604800 60\n@ 60 NS ns.example.net.\n';

function loaded(warnings: readonly string[]): ZoneLoadOutcome {
  const zone = loadZone({ name: 'z', text }, { origin: domainName('a.example') });
  assert.ok(zone.ok);
  return { kind: 'loaded', zone: zone.value.zone, records: 2, warnings, hash: 'x' };
}

function setUp(
  outcome: (source: ZoneSource) => ZoneLoadOutcome,
  takes: boolean,
): { served: ServedZones; told: string[]; forgotten: string[] } {
  const told: string[] = [];
  const forgotten: string[] = [];
  const loader: ZoneLoader = {
    load: async (sources, onOutcome) => {
      for (const source of sources) onOutcome(source, outcome(source));
      return Promise.resolve();
    },
    forget: (name) => forgotten.push(name.toString()),
  };
  const log: Log = {
    ...silentLog,
    warn: (event, fields) => told.push(`${event} ${String(fields?.['untold'])}`),
  };
  const served = new ServedZones({
    loader,
    taker: {
      takeFile: (_, { zone }) => Promise.resolve(takes ? ok(zone) : fault(['its serial was not raised'])),
    },
    log,
  });
  return { served, told, forgotten };
}

const sources: readonly ZoneSource[] = [{ name: domainName('a.example'), file: '/a.zone' }];

test('what is loaded is taken, and counted', async () => {
  const { served, forgotten } = setUp(() => loaded([]), true);
  assert.deepEqual(await served.load(sources), []);
  assert.deepEqual(
    served.zones.map(({ name, records }) => [name.toString(), records]),
    [['a.example.', 2]],
  );
  assert.deepEqual(forgotten, []);
});

test('what is not taken is told, and read again the next time', async () => {
  const { served, forgotten } = setUp(() => loaded([]), false);
  assert.deepEqual(await served.load(sources), ['its serial was not raised']);
  assert.deepEqual(served.zones, []);
  assert.deepEqual(forgotten, ['a.example.']);
});

test('what is refused is told', async () => {
  const { served } = setUp(() => ({ kind: 'refused', faults: ['no SOA'] }), true);
  assert.deepEqual(await served.load(sources), ['no SOA']);
});

test('of many weaknesses some are told, and how many more there are', async () => {
  const { served, told } = setUp(() => loaded(Array.from({ length: 60 }, () => 'w')), true);
  await served.load([...sources, ...sources, ...sources]);
  assert.equal(told.length, 101);
  assert.match(told.at(-1) ?? '', /there are more weaknesses.* 80$/);
});
