// The resolver on real sockets of loopback, with a root, a top-level domain and a domain of the authority as its internet. Their
// addresses are those of `internet.world`, mapped to loopback ports.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/parse-config.ts';
import { Authority } from '../../src/dns/authority/authority.ts';
import { NetworkUpstream } from '../../src/dns/client/network-upstream.ts';
import { Resolver } from '../../src/dns/resolver/resolver.ts';
import { dnsDatagramHandler } from '../../src/dns/server/datagram.ts';
import { ResolverStreams } from '../../src/dns/server/resolver-streams.ts';
import { dnsStreamHandler } from '../../src/dns/server/stream.ts';
import type { DnsResponder } from '../../src/dns/responder.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { TlsContext } from '../../src/net/tls-context.ts';
import { createNetwork } from '../../src/net/network.ts';
import { listenTcp } from '../../src/net/tcp-listener.ts';
import type { Listener } from '../../src/net/tcp-listener.ts';
import { listenUdp } from '../../src/net/udp-listener.ts';
import { frontWithPackets } from './resolver-front.ts';
import { scenarioFolder } from './resolver-scenario.ts';
import { zoneFrom } from './simulated-internet.ts';

const anyPort: Endpoint = { address: '127.0.0.1', port: 0 };

export class ResolverService implements AsyncDisposable {
  /** UDP and TCP. */
  readonly endpoint: Endpoint;
  /** DNS over TLS, DNS over HTTPS. */
  readonly overTls: Endpoint;
  readonly overHttps: Endpoint;
  readonly #listeners: readonly Listener[];
  readonly #upstream: NetworkUpstream;
  /** Questions that reached each server, by its address as DNS knows it. */
  readonly asked: ReadonlyMap<string, number>;

  private constructor(
    endpoints: readonly Endpoint[],
    listeners: readonly Listener[],
    upstream: NetworkUpstream,
    asked: ReadonlyMap<string, number>,
  ) {
    const [endpoint = anyPort, overTls = anyPort, overHttps = anyPort] = endpoints;
    this.endpoint = endpoint;
    this.overTls = overTls;
    this.overHttps = overHttps;
    this.#listeners = listeners;
    this.#upstream = upstream;
    this.asked = asked;
  }

  /** `allow`: who may ask. */
  static async start(allow: readonly string[] = ['127.0.0.0/8']): Promise<ResolverService> {
    const listeners: Listener[] = [];
    const map = new Map<string, Endpoint>();
    const asked = new Map<string, number>();
    for (const [address, zones] of worldZones('internet')) {
      const authority = new Authority(
        new ZoneSet([...zones].map(([origin, text]) => zoneFrom(origin, text))),
      );
      const counted: DnsResponder = {
        respond(query, client, reply) {
          asked.set(address, (asked.get(address) ?? 0) + 1);
          authority.respond(query, client, reply);
        },
      };
      map.set(`${address}:53`, await listenDns(counted, listeners));
    }
    const upstream = new NetworkUpstream(createNetwork({ map }), systemClock);
    const resolver = new Resolver({
      upstream,
      clock: systemClock,
      random: systemRandom,
      rootHints: [{ name: domainName('a.root-servers.net.'), addresses: ['198.41.0.4'] }],
    });
    const responder = frontWithPackets(resolver, allow);
    const endpoint = await listenDns(responder, listeners);
    const inPrivate = await listenInPrivate(responder, listeners);
    return new ResolverService([endpoint, ...inPrivate], listeners, upstream, asked);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#upstream[Symbol.dispose]();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}

/** UDP and TCP on one port. */
async function listenDns(responder: DnsResponder, listeners: Listener[]): Promise<Endpoint> {
  const tcp = await listenTcp(anyPort, dnsStreamHandler(responder));
  const udp = await listenUdp(tcp.endpoint, dnsDatagramHandler(responder));
  listeners.push(tcp, udp);
  return tcp.endpoint;
}

/** By TLS and HTTPS, with what the config has as defaults. */
async function listenInPrivate(responder: DnsResponder, listeners: Listener[]): Promise<readonly Endpoint[]> {
  const config = parseConfig(
    `hostname: localhost
listeners: { dns-resolver-tls: ['127.0.0.1:0'], dns-resolver-https: ['127.0.0.1:0'] }
resolver: { https: { allow-origins: ['https://app.example'] } }
`,
    'signpost.yaml',
  );
  if (!config.ok) throw new Error(config.fault.map(({ message }) => message).join('\n'));
  const tls = new TlsContext(await makeSelfSigned(['localhost', '127.0.0.1'], Date.now()));
  const streams = new ResolverStreams({
    config: config.value,
    responder,
    clock: systemClock,
    tls: () => Promise.resolve(tls),
    onError: () => () => undefined,
  });
  const open = await streams.listen();
  listeners.push(...open.map(({ listener }) => listener));
  return open.map(({ endpoint }) => endpoint);
}

/** The zones of each server of a world file, in zone-file form. */
function worldZones(name: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const servers = new Map<string, Map<string, string>>();
  let zones = new Map<string, string>();
  let origin = '';
  for (const line of readFileSync(join(scenarioFolder, `${name}.world`), 'utf8').split('\n')) {
    const [verb = '', first = ''] = line.split(/[\s,]+/);
    if (verb === 'server') servers.set(first, (zones = new Map()));
    else if (verb === 'zone')
      zones.set(
        (origin = `${first === '.' ? '' : first}.`),
        '@ 3600 SOA ns. hostmaster. 1 7200 3600 1209600 300\n',
      );
    else if (/^\s/.test(line) && zones.has(origin))
      zones.set(origin, `${zones.get(origin) ?? ''}${line.trim()}\n`);
  }
  return servers;
}
