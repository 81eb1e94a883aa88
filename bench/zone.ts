// The zone and the query mix for the authority, and the names for the resolver's cache: from a fixed seed, so that every run of
// the bench asks the same.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../src/lib/random.ts';

const cuts = 2000;
const queries = 50_000;

export interface BenchZone {
  readonly name: 'bench.test';
  readonly zoneFile: string;
  /** For dnsperf: hosts, MX, names that don't exist, a wildcard, referrals, the apex. */
  readonly queryFile: string;
  /** For dnsperf: hosts only, all of them in a cache after one pass. */
  readonly hostsFile: string;
  /** A root zone that delegates bench.test to 192.0.2.1, for resolvers. */
  readonly rootFile: string;
  /** The last in the file: a server that knows it has read all. */
  readonly lastName: string;
}

/** Names in `hostsFile`. */
export const cachedNames = 2000;

export function writeZone(folder: string, names: number): BenchZone {
  const random = seededRandom(1);
  const zone = ['$ORIGIN bench.test.', '$TTL 3600', '@ SOA ns1 host 1 3600 900 604800 300'];
  zone.push('@ NS ns1', '@ NS ns2', '@ MX 10 mail', 'ns1 A 192.0.2.1', 'ns2 A 192.0.2.1', 'mail A 192.0.2.3');
  zone.push('*.wild A 10.0.0.1');
  for (let i = 0; i < cuts; i++) zone.push(`sub${i} NS ns1.sub${i}`, `ns1.sub${i} A 198.51.100.${i % 250}`);
  for (let i = 0; i < names; i++) {
    zone.push(`h${i} A 10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`);
    if (i % 10 === 0) zone.push(`h${i} MX 10 mail`, `h${i} TXT "v=spf1 mx -all"`);
  }

  const mix: string[] = [];
  for (let count = 0; count < queries; count++) {
    const i = random.below(names);
    const kind = random.below(100);
    if (kind < 60) mix.push(`h${i}.bench.test A`);
    else if (kind < 70) mix.push(`h${i - (i % 10)}.bench.test MX`);
    else if (kind < 80) mix.push(`nx${i}.bench.test A`);
    else if (kind < 85) mix.push(`a${i}.wild.bench.test A`);
    else if (kind < 95) mix.push(`www.sub${i % cuts}.bench.test A`);
    else mix.push('bench.test NS');
  }
  const hosts = Array.from({ length: cachedNames }, (_, i) => `h${i % names}.bench.test A`);
  const root = [
    '$ORIGIN .',
    '$TTL 86400',
    '@ SOA a.root-servers.net. nstld.example. 1 1800 900 604800 86400',
    '@ NS a.root-servers.net.',
    'a.root-servers.net. A 198.41.0.4',
    'bench.test. NS ns1.bench.test.',
    'ns1.bench.test. A 192.0.2.1',
  ];
  const files = {
    zoneFile: join(folder, 'bench.test.zone'),
    queryFile: join(folder, 'queries.txt'),
    hostsFile: join(folder, 'hosts.txt'),
    rootFile: join(folder, 'root.zone'),
  };
  writeFileSync(files.zoneFile, `${zone.join('\n')}\n`);
  writeFileSync(files.queryFile, `${mix.join('\n')}\n`);
  writeFileSync(files.hostsFile, `${hosts.join('\n')}\n`);
  writeFileSync(files.rootFile, `${root.join('\n')}\n`);
  return { name: 'bench.test', lastName: `h${names - 1}.bench.test`, ...files };
}

/** For dnsperf: the names of `hostsFile`, and among them names that no other `mark` has asked for, one in `missesAmong`. */
export function writeMix(
  path: string,
  mark: string,
  { queries, missesAmong }: { readonly queries: number; readonly missesAmong: number },
): void {
  const random = seededRandom(2);
  const lines = Array.from({ length: queries }, (_, i) =>
    i % missesAmong === 0 ? `${mark}-${i}.wild.bench.test A` : `h${random.below(cachedNames)}.bench.test A`,
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
}
