import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { seededRandom } from '../../lib/random.ts';
import { Resolver } from '../resolver/resolver.ts';
import type { Resolved } from '../resolver/resolver-options.ts';
import { formatRdata } from '../wire/rdata/registry.ts';
import { domainName } from '../wire/name.ts';
import { parseType } from '../wire/rr-type.ts';
import { buildZone } from '../zone/zone-builder.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import type { Zone } from '../zone/zone.ts';
import { parseZoneFile } from '../zonefile/zone-file-parser.ts';
import { OwnZones } from './own-zones.ts';
import { ThreadedZoneLoader } from './threaded-zone-loader.ts';

const clock = new VirtualClock();

function zone(name: string, lines: readonly string[]): Zone {
  const origin = domainName(name);
  const text = ['@ SOA ns.invalid. h.invalid. 1 3600 600 86400 300', ...lines, ''].join('\n');
  const parsed = parseZoneFile({ name, text }, { origin, defaultTtl: 3600 });
  assert.ok(parsed.ok);
  const built = buildZone(origin, parsed.value.records);
  assert.ok(built.ok);
  return built.value.zone;
}

/** A resolver that has no way to the world; `asked` is what it would have asked. */
function resolverWith(own: OwnZones): {
  readonly ask: (question: string) => Resolved;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const resolver = new Resolver({
    clock,
    random: seededRandom(1),
    upstream: {
      ask: ({ to }, heard) => {
        asked.push(to.address);
        heard({ kind: 'unreachable', scope: 'server', reason: 'there is no network' });
        return () => undefined;
      },
    },
    rootHints: [{ name: domainName('a.root-servers.net.'), addresses: ['198.41.0.4'] }],
    ownRoutes: own,
  });
  const ask = (question: string): Resolved => {
    const [name = '', type = 'A'] = question.split(' ');
    let resolved: Resolved | undefined;
    resolver.resolve(
      { name: domainName(name), type: parseType(type) ?? 0 },
      {},
      (found) => (resolved = found),
    );
    clock.advance(20_000);
    assert.ok(resolved);
    return resolved;
  };
  return { ask, asked };
}

function words({ end }: Resolved): string {
  return end.kind === 'records'
    ? end.rrset.rdatas.map((rdata) => formatRdata(end.rrset.type, rdata)).join(' ')
    : end.kind;
}

test('our own zones answer without a packet, and what changes in them is seen at once', () => {
  const own = new OwnZones({ clock, log: silentLog });
  const zones = new ZoneSet([
    zone('example.org.', [
      '@ NS ns',
      'ns A 192.0.2.53',
      'www A 192.0.2.80',
      'alias CNAME a.sub',
      '*.w TXT wild',
      'cut NS ns.cut',
      'ns.cut A 192.0.2.99',
    ]),
    zone('sub.example.org.', ['@ NS ns.example.org.', 'a A 192.0.2.81']),
  ]);
  own.serve(zones);
  const { ask, asked } = resolverWith(own);
  assert.equal(words(ask('www.example.org.')), '192.0.2.80');
  // From one of our zones to another, deeper one.
  assert.equal(words(ask('alias.example.org.')), '192.0.2.81');
  assert.equal(words(ask('x.w.example.org. TXT')), '"wild"');
  assert.equal(words(ask('nothing.example.org.')), 'nxdomain');
  assert.equal(words(ask('www.example.org. MX')), 'nodata');
  assert.equal(asked.length, 0);
  zones.put(zone('example.org.', ['@ NS ns', 'ns A 192.0.2.53', 'www A 192.0.2.90']));
  assert.equal(words(ask('www.example.org.')), '192.0.2.90');
  assert.equal(asked.length, 0);
  // What we delegate is followed, and what isn't ours is the world's to say.
  zones.put(zone('example.org.', ['@ NS ns', 'ns A 192.0.2.53', 'cut NS ns.cut', 'ns.cut A 192.0.2.99']));
  assert.equal(words(ask('a.cut.example.org.')), 'failure');
  assert.deepEqual([...new Set(asked)], ['192.0.2.99']);
  ask('www.example.com.');
  assert.ok(asked.includes('198.41.0.4'));
});

test('a zone of ours that is withheld is as it is to the world', () => {
  const own = new OwnZones({ clock, log: silentLog });
  const zones = new ZoneSet([zone('example.org.', ['@ NS ns', 'ns A 192.0.2.53'])]);
  own.serve(zones);
  zones.withhold(domainName('example.org.'));
  const { ask, asked } = resolverWith(own);
  ask('ns.example.org.');
  assert.ok(asked.includes('198.41.0.4'));
});

test('a root zone that is kept here refers to the top-level domains, until it expires (RFC 8806)', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'signpost-root-'));
  const file = join(folder.path, 'root.zone');
  const soa = '. 86400 IN SOA a.root-servers.net. nstld.example. 2026010100 1800 900 3600 86400\n';
  const servers = '. 86400 IN NS a.root-servers.net.\na.root-servers.net. 86400 IN A 198.41.0.4\n';
  await writeFile(
    file,
    `${soa}${servers}example. 86400 IN NS ns.example.\nns.example. 86400 IN A 192.0.2.7\n`,
  );
  const own = new OwnZones({ clock, log: silentLog });
  const loader = new ThreadedZoneLoader({ clock });
  assert.deepEqual(await own.loadRoot(file, loader), []);
  const { ask, asked } = resolverWith(own);
  ask('www.example.');
  assert.deepEqual([...new Set(asked)], ['192.0.2.7']);
  const before = asked.length;
  assert.equal(words(ask('www.nothing-here.')), 'nxdomain');
  assert.equal(asked.length, before);
  // A file that is no root zone leaves the copy as it was.
  await writeFile(file, 'nonsense');
  assert.notDeepEqual(await own.loadRoot(file, loader), []);
  assert.equal(words(ask('www.neither-here.')), 'nxdomain');
  clock.advance(3_600_000);
  ask('www.no-longer-here.');
  assert.ok(asked.includes('198.41.0.4'));
});
