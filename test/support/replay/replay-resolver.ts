// The resolver that a replay's configuration describes, in our words.
import assert from 'node:assert/strict';
import type { ResolverFront } from '../../../src/dns/resolver/resolver-front.ts';
import { AnchorSet } from '../../../src/dns/dnssec/anchor-set.ts';
import { trustedNow } from '../../../src/dns/dnssec/followed-anchor.ts';
import { parseTrustAnchors } from '../../../src/dns/dnssec/trust-anchor.ts';
import { KeyRing } from '../../../src/dns/dnssec/zone-key.ts';
import { localZoneTypes } from '../../../src/config/reach-config.ts';
import { localZoneOf } from '../../../src/dns/policy/local-zones.ts';
import type { LocalZone } from '../../../src/dns/policy/local-zones.ts';
import { Dns64 } from '../../../src/dns/policy/dns64.ts';
import { Policy } from '../../../src/dns/policy/policy.ts';
import type { ResolverLimits } from '../../../src/dns/resolver/limits.ts';
import { Resolver } from '../../../src/dns/resolver/resolver.ts';
import type { Upstream } from '../../../src/dns/resolver/upstream.ts';
import { domainName } from '../../../src/dns/wire/name.ts';
import { rrType } from '../../../src/dns/wire/rr-type.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import type { Log } from '../../../src/lib/log.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import type { Route } from '../../../src/dns/resolver/routes.ts';
import { frontWithPackets } from '../resolver-front.ts';
import { readAnchorFile } from './anchor-file.ts';
import { oldAlgorithms } from './old-algorithms.ts';
import type { ReplayConfig, ReplayZone } from './replay-config.ts';
import type { Replay } from './replay-script.ts';

/** A bug inside a resolution fails the scenario. */
const loudLog: Log = {
  ...silentLog,
  error: (event, fields) => assert.fail(`${event}: ${JSON.stringify(fields)}`),
  child: () => loudLog,
};

export function replayResolver(
  { config }: Replay,
  means: { readonly upstream: Upstream; readonly clock: Clock; readonly seed: number },
): ResolverFront {
  const root = config.stubs.find(({ name }) => name === '.');
  const resolver = new Resolver({
    upstream: means.upstream,
    clock: means.clock,
    random: seededRandom(means.seed),
    // The scripts' root is K: its address is in their hints.
    rootHints: [{ name: domainName('k.root-servers.net.'), addresses: root?.addresses ?? [] }],
    routes: [
      ...config.stubs.filter(({ name }) => name !== '.').map((zone) => routeOf(zone, false)),
      ...config.forwards.map((zone) => routeOf(zone, true)),
    ],
    dns64: dns64Of(config),
    policy: new Policy({ zones: localZonesOf(config) }),
    families: isOn(config, 'do-ip6', true) ? ['ipv4', 'ipv6'] : ['ipv4'],
    minimise: isOn(config, 'qname-minimisation', true),
    anchors: anchorsOf(config, means.clock),
    keyRing: new KeyRing(oldAlgorithms),
    limits: limitsOf(config),
    log: loudLog,
  });
  return frontWithPackets(resolver, ['127.0.0.1']);
}

/** Unbound asks failing servers again after 5 s where something has expired, and prefetches when we do. */
function limitsOf(config: ReplayConfig): Partial<ResolverLimits> {
  const number = (option: string, otherwise: number): number =>
    Number(config.server.get(option)?.at(-1) ?? otherwise);
  return {
    // The scenarios were written when so many were followed.
    nsec3Iterations: 150,
    minTtl: number('cache-min-ttl', 0),
    maxStale: isOn(config, 'serve-expired', false) ? number('serve-expired-ttl', 86_400) : 0,
    staleTtl: number('serve-expired-reply-ttl', 30),
    staleAfterMs: number('serve-expired-client-timeout', 0),
    staleRecheck: 5,
    renewals: isOn(config, 'prefetch', false) ? 100 : 0,
  };
}

/** `local-zone: "name" type`, and each `local-data` in the deepest of them. */
function localZonesOf({ server }: ReplayConfig): readonly LocalZone[] {
  const lines = (server.get('local-data') ?? []).map((line) => line.replaceAll(/^"|"$/g, ''));
  return (server.get('local-zone') ?? []).map((value) => {
    const [, name = '', type = ''] = /^"?([^"\s]+)"?\s+(\S+)$/.exec(value) ?? [];
    const known = localZoneTypes.find((each) => each === (type === 'nodefault' ? 'world' : type));
    assert.ok(known !== undefined, `no local zone of type '${type}' is offered`);
    const records = lines.filter((line) =>
      domainName(absolute(line.split(/\s/)[0] ?? '')).isAtOrBelow(domainName(absolute(name))),
    );
    const zone = localZoneOf({ name: name.replace(/(?<=.)\.$/, ''), type: known, records });
    assert.ok(zone.ok, zone.ok ? '' : zone.fault);
    return zone.value;
  });
}

function dns64Of({ server }: ReplayConfig): Dns64 | undefined {
  const prefix = server.get('dns64-prefix')?.at(-1)?.replace('::0/', '::/');
  return prefix === undefined ? undefined : new Dns64({ prefix, exclude: ['::ffff:0:0/96'] });
}

function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

function routeOf({ name, addresses, options }: ReplayZone, forwards: boolean): Route {
  const first = options['forward-first'] ?? options['stub-first'];
  return {
    delegation: {
      zone: domainName(absolute(name)),
      servers: addresses.map((address) => ({ name: domainName(`${address}.`), addresses: [address] })),
      expires: Number.POSITIVE_INFINITY,
      ...(forwards && { forwards: true }),
    },
    first: first === 'yes',
  };
}

function anchorsOf({ server, anchorFile }: ReplayConfig, clock: Clock): AnchorSet {
  const anchors = parseTrustAnchors(server.get('trust-anchor') ?? []);
  assert.ok(anchors.ok, anchors.ok ? '' : anchors.fault);
  const set = new AnchorSet(clock, anchors.value);
  if (anchorFile !== undefined) {
    const followed = readAnchorFile(anchorFile.zone, anchorFile.lines);
    assert.ok(followed.keys.length > 0, 'the file of the trust anchor has no keys');
    const trusted = trustedNow(followed);
    if (trusted !== undefined) set.put(trusted);
  }
  for (const name of server.get('domain-insecure') ?? [])
    set.putNegative({
      zone: domainName(name.endsWith('.') ? name : `${name}.`),
      until: Number.POSITIVE_INFINITY,
    });
  return set;
}

function isOn({ server }: ReplayConfig, option: string, otherwise: boolean): boolean {
  const value = server.get(option)?.at(-1);
  return value === undefined ? otherwise : value === 'yes';
}

/** When the scenario plays, in milliseconds: its signatures hold then. */
export function timeOf({ config, ranges }: Replay): number {
  const date = config.server.get('val-override-date')?.at(-1);
  const at = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(date ?? '')?.slice(1);
  if (at !== undefined) {
    const [year = 0, month = 0, ...rest] = at.map(Number);
    return Date.UTC(year, month - 1, ...rest);
  }
  // `-1` tells Unbound not to look at the dates: we go to a time when all the signatures hold.
  const inceptions = ranges
    .flatMap(({ entries }) => entries)
    .flatMap(({ answers, authorities }) => [...answers, ...authorities])
    .filter(({ type }) => type === rrType.RRSIG)
    // RFC 4034 §3.1: the inception stands behind type, algorithm, labels, TTL and expiration.
    .map(({ rdata }) => new DataView(rdata.buffer, rdata.byteOffset).getUint32(12));
  return date === '-1' ? (Math.max(...inceptions) + 1) * 1000 : Date.UTC(2026, 0, 1);
}
