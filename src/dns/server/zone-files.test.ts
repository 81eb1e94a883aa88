import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { domainName } from '../wire/name.ts';
import type { ZoneLoadOutcome } from '../zone/zone-loader.ts';
import { ThreadedZoneLoader } from './threaded-zone-loader.ts';

const folder = mkdtempSync(join(tmpdir(), 'signpost-zones-'));
after(() => rmSync(folder, { recursive: true }));

const head = '$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 5\n@ NS ns\nns A 192.0.2.1\n';
const file = join(folder, 'example.zone');

async function load(text: string): Promise<ZoneLoadOutcome> {
  writeFileSync(file, text);
  const [outcome] = await outcomes(new ThreadedZoneLoader({ clock: new VirtualClock() }), [
    ['example.com', file],
  ]);
  assert.ok(outcome !== undefined);
  return outcome;
}

/** In the order of the zones. */
async function outcomes(
  loader: ThreadedZoneLoader,
  zones: readonly (readonly [name: string, file: string])[],
): Promise<(ZoneLoadOutcome | undefined)[]> {
  const found = new Map<string, ZoneLoadOutcome>();
  const sources = zones.map(([name, path]) => ({ name: domainName(name), file: path }));
  await loader.load(sources, ({ name }, outcome) => {
    assert.ok(!found.has(name.key), 'an outcome was told twice');
    found.set(name.key, outcome);
  });
  return sources.map(({ name }) => found.get(name.key));
}

function kinds(list: readonly (ZoneLoadOutcome | undefined)[]): readonly (string | undefined)[] {
  return list.map((outcome) => outcome?.kind);
}

test('a zone file becomes a zone, with what it includes', async () => {
  mkdirSync(join(folder, 'parts'), { recursive: true });
  writeFileSync(join(folder, 'parts/www.zone'), 'www A 192.0.2.2\n');
  const loaded = await load(`${head}$INCLUDE parts/www.zone\n`);
  assert.ok(loaded.kind === 'loaded');
  assert.equal(loaded.zone.origin.toString(), 'example.com.');
  assert.equal(loaded.records, 4);
  assert.deepEqual(loaded.warnings, []);
  assert.ok(loaded.zone.rrset(domainName('www.example.com'), 1) !== undefined);
});

test('what is wrong is told with its place', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${head}www A 192.0.2.300\n`, /example\.zone:5:7[\s\S]*192\.0\.2\.300[\s\S]*\^/],
    ['$TTL 300\n@ NS ns\n', /SOA/],
    [`${head}$INCLUDE missing.zone\n`, /there is no file|missing\.zone/],
    [`${head}www CNAME a\nwww A 192.0.2.2\n`, /CNAME/],
  ];
  for (const [text, expected] of cases) {
    const loaded = await load(text);
    assert.ok(loaded.kind === 'refused', text);
    assert.match(loaded.faults.join('\n'), expected);
  }
  const loader = new ThreadedZoneLoader({ clock: new VirtualClock() });
  const [missing] = await outcomes(loader, [['example.com', join(folder, 'none.zone')]]);
  assert.ok(missing?.kind === 'refused');
  assert.match(missing.faults.join(), /zone example\.com\.: there is no file/);
});

test('a zone file shows nothing from outside its folder', async () => {
  symlinkSync('/etc/hosts', join(folder, 'link.zone'));
  for (const path of ['/etc/hosts', '../../../../../../etc/hosts', 'link.zone']) {
    const loaded = await load(`${head}$INCLUDE ${path}\n`);
    assert.ok(loaded.kind === 'refused');
    assert.match(loaded.faults.join('\n'), /outside of/, path);
  }
});

test('what has not changed is not read again, what includes count too, and what was wrong is told again', async () => {
  const part = join(folder, 'part.zone');
  const [a, b] = [join(folder, 'a.zone'), join(folder, 'b.zone')];
  writeFileSync(part, 'www A 192.0.2.2\n');
  writeFileSync(a, `${head}$INCLUDE part.zone\n`);
  writeFileSync(b, `${head}www A\n`);
  const loader = new ThreadedZoneLoader({ clock: new VirtualClock() });
  const zones = [
    ['a.example', a],
    ['b.example', b],
  ] as const;
  assert.deepEqual(kinds(await outcomes(loader, zones)), ['loaded', 'refused']);
  assert.deepEqual(kinds(await outcomes(loader, zones)), ['unchanged', 'refused']);
  writeFileSync(part, 'www A 192.0.2.3\nwww A 192.0.2.4\n');
  writeFileSync(b, head);
  assert.deepEqual(kinds(await outcomes(loader, zones)), ['loaded', 'loaded']);
  loader.forget(domainName('a.example'));
  assert.deepEqual(kinds(await outcomes(loader, zones)), ['loaded', 'unchanged']);
  // The same name from another file.
  assert.deepEqual(kinds(await outcomes(loader, [['b.example', a]])), ['loaded']);
  rmSync(a);
  assert.deepEqual(kinds(await outcomes(loader, zones)), ['refused', 'loaded']);
});

test('many zones are loaded by threads, packed together, and a broken one stops no other', async () => {
  const many = join(folder, 'many');
  mkdirSync(many);
  const zones = Array.from({ length: 300 }, (_, i) => [`z${i}.example`, join(many, `${i}.zone`)] as const);
  for (const [i, [, path]] of zones.entries())
    writeFileSync(path, i === 7 ? `${head}www A\n` : `${head}h${i} A 192.0.2.9\n`);
  const loader = new ThreadedZoneLoader({ clock: new VirtualClock(), threads: 2 });
  const found = await outcomes(loader, zones);
  const images = new Set<unknown>();
  for (const [i, outcome] of found.entries()) {
    assert.ok(outcome !== undefined);
    assert.equal(outcome.kind, i === 7 ? 'refused' : 'loaded', `zone ${i}`);
    if (outcome.kind !== 'loaded') continue;
    images.add(outcome.zone.image);
    assert.equal(outcome.zone.origin.toString(), `z${i}.example.`);
    assert.ok(outcome.zone.rrset(domainName(`h${i}.z${i}.example`), 1) !== undefined);
    assert.equal(outcome.zone.rrset(domainName(`h${i + 1}.z${i}.example`), 1), undefined);
  }
  assert.ok(images.size <= 4, `${images.size} images`);
  assert.deepEqual(new Set(kinds(await outcomes(loader, zones))), new Set(['unchanged', 'refused']));
});

test('the caller goes on while a large zone is loaded', async () => {
  const large = join(folder, 'large.zone');
  const hosts = Array.from({ length: 60_000 }, (_, i) => `h${i} A 10.0.${(i >> 8) & 255}.${i & 255}\n`);
  writeFileSync(large, head + hosts.join(''));
  const loader = new ThreadedZoneLoader({ clock: new VirtualClock() });
  let turns = 0;
  const turn = setInterval(() => (turns += 1), 1);
  const [loaded] = await outcomes(loader, [['example.com', large]]);
  clearInterval(turn);
  assert.ok(loaded?.kind === 'loaded');
  assert.equal(loaded.records, 60_003);
  // A load in this thread would let none pass.
  assert.ok(turns > 10, `${turns} turns of the event loop`);
});
