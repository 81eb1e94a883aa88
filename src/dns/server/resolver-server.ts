// The resolver as a whole: what it trusts, what it answers of its own accord, the zones it knows without asking anybody, and the listeners
// that answer its clients.
import { join } from 'node:path';
import type { CacheConfig, Config, ListenerName } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import { newJourneyId } from '../../lib/journey.ts';
import type { JourneyObserver, JourneyStep } from '../../lib/journey.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { Paced } from '../../lib/paced.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { Listener } from '../../net/tcp-listener.ts';
import type { TlsContext } from '../../net/tls-context.ts';
import { Dns64 } from '../policy/dns64.ts';
import { PrivateAddresses } from '../policy/private-addresses.ts';
import { routeOf } from '../resolver/configured-route.ts';
import type { ResolverLimits } from '../resolver/limits.ts';
import { QueryLog } from '../resolver/query-log.ts';
import { largestUdp } from '../resolver/resolver-front.ts';
import { Resolver } from '../resolver/resolver.ts';
import type { ResolverOptions } from '../resolver/resolver-options.ts';
import { domainName } from '../wire/name.ts';
import type { ZoneLoader } from '../zone/zone-loader.ts';
import type { ZoneKeeper } from '../zone/zone-keeper.ts';
import type { ZoneSet } from '../zone/zone-set.ts';
import { cookieSecrets } from './cookie-secrets.ts';
import type { DnsListeners, DnsListenersOptions } from './dns-listeners.ts';
import { loadPolicy } from './load-policy.ts';
import { OwnZones } from './own-zones.ts';
import { QueryLogFile } from './query-log-file.ts';
import { ResolverService } from './resolver-service.ts';
import { ResolverStreams } from './resolver-streams.ts';
import { ResolverTrust } from './resolver-trust.ts';
import { WatchedFiles } from './watched-files.ts';

export interface ResolverServerOptions extends Pick<ResolverOptions, 'upstream' | 'self'> {
  readonly config: Config;
  readonly loader: ZoneLoader;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For the listeners that speak TLS. */
  readonly tls: () => Promise<TlsContext>;
  /** A listener's handler threw, or the system refused something. */
  readonly onError: (listener: ListenerName) => NonNullable<DnsListenersOptions['onError']>;
  /** Is told each step of each journey of a client's question. */
  readonly onStep: JourneyObserver | undefined;
}

export interface OpenResolverListener {
  readonly name: ListenerName;
  /** With the real port, where the config asked for 0. */
  readonly endpoint: Endpoint;
}

/** Popular names that are asked for anew at one time. */
const mostRenewals = 100;
/** Milliseconds between two times that all packets are given up because a zone of our own has changed: one that changes all the time may lag by that. */
const outdatePause = 250;

export class ResolverServer {
  readonly #options: ResolverServerOptions;
  readonly #log: Log;
  readonly #ownZones: OwnZones;
  readonly #listeners: (Pick<Listener, 'close'> | DnsListeners)[] = [];
  #queryFile: QueryLogFile | undefined;
  #queries: QueryLog | undefined;
  readonly resolver: Resolver;
  readonly trust: ResolverTrust;
  readonly #outdate: Paced;
  /** What is read of lists is read one after the other: the last is the newest. */
  #policyRead: Promise<unknown> = Promise.resolve();
  /** What goes on in the background. */
  readonly #background = new DisposableStack();

  private constructor(options: ResolverServerOptions, trust: ResolverTrust) {
    const { config, clock, random, upstream, self, log } = options;
    const { resolver } = config;
    this.#options = options;
    this.#log = log.child({ part: 'resolver' });
    this.trust = trust;
    this.#ownZones = new OwnZones({ clock, log: this.#log });
    this.resolver = new Resolver({
      upstream,
      clock,
      random,
      rootHints: resolver.rootHints.map(({ name, addresses }) => ({ name: domainName(name), addresses })),
      routes: resolver.routes.map(routeOf),
      ownRoutes: this.#ownZones,
      privateServers: resolver.privateServers,
      dns64: resolver.dns64 && new Dns64(resolver.dns64),
      privateAddresses: resolver.rebinding.enabled ? new PrivateAddresses(resolver.rebinding) : undefined,
      limits: limitsOf(resolver.cache),
      aggressive: resolver.cache.aggressive,
      anchors: trust.anchors,
      keyRing: trust.ring,
      ...(self !== undefined && { self }),
      log: this.#log,
    });
    this.#outdate = this.#background.use(new Paced(clock, outdatePause, () => this.resolver.outdate()));
  }

  /** One that can be asked, but for what `load` reads. The fault is a sentence about the config. */
  static open(options: ResolverServerOptions): Result<ResolverServer> {
    const { config, clock, log } = options;
    const trust = ResolverTrust.open({
      config: config.resolver,
      data: config.data,
      clock,
      log: log.child({ part: 'trust anchors' }),
    });
    return trust.ok ? ok(new ResolverServer(options, trust.value)) : trust;
  }

  /** What was asked, where the config wants that counted and written, once the listeners are open. */
  get queries(): QueryLog | undefined {
    return this.#queries;
  }

  /**
   * Answers from these zones of ours without a packet, whose changes `keeper` tells of, and reads what the config names, and again when it changes. The
   * fault is for the operator: one or more lines.
   */
  async load(own: ZoneSet, keeper: Pick<ZoneKeeper, 'watch'>): Promise<Result<undefined>> {
    this.#ownZones.serve(own);
    this.#background.defer(keeper.watch(() => this.#outdate.want()));
    const { block, hosts } = this.#options.config.resolver;
    const files = [...block.map(({ file }) => file), ...hosts.files];
    const { clock } = this.#options;
    this.#background.use(new WatchedFiles({ files, clock, changed: () => this.#reloadPolicy() }));
    // Without the root zone its servers are asked, so that its absence is told and no more.
    for (const text of await this.#loadRootZone())
      this.#log.error('the root zone is not kept here', { text });
    // A server without its block lists isn't the one that was asked for.
    const faults = await this.#loadPolicy();
    return faults.length === 0 ? ok(undefined) : fault(faults.join('\n'));
  }

  /** Reads all of it again. What is wrong is returned in words, and what was there stays. */
  async reload(): Promise<readonly string[]> {
    const faults = [...(await this.#loadRootZone()), ...(await this.#loadPolicy())];
    await this.#queryFile?.reopen();
    return faults;
  }

  /** Throws a `ListenFault` where the system refuses an address; gives the real ports. */
  async listen(): Promise<readonly OpenResolverListener[]> {
    const { config, clock, log, tls, onError } = this.#options;
    const name = 'dns-resolver';
    const service = this.#makeService();
    const streams = new ResolverStreams({
      config,
      responder: service.front,
      overLimit: (address) => service.front.isOverLimit(address),
      clock,
      tls,
      onError,
    });
    const plain = await service.listen(config.listeners[name], {
      ...streams.streams(),
      count: config.workers.dns,
      onError: onError(name),
      log: log.child({ listener: name }),
      clock,
    });
    this.#listeners.push(plain);
    const secured = await streams.listen();
    this.#listeners.push(...secured.map(({ listener }) => listener));
    return [
      ...plain.endpoints.map((endpoint) => ({ name, endpoint }) as const),
      ...secured.map(({ name: securedName, endpoint }) => ({ name: securedName, endpoint })),
    ];
  }

  /** Follows the trust anchors' keys from now on (RFC 5011). */
  follow(): void {
    this.trust.follow(this.resolver);
  }

  /** Takes no more questions from clients; whoever has the resolver itself can still ask. */
  async close(drainMs: number): Promise<void> {
    this.trust.stop();
    this.#background.dispose();
    await Promise.all(this.#listeners.map((listener) => listener.close({ drainMs })));
    await this.#queryFile?.[Symbol.asyncDispose]();
  }

  async #loadRootZone(): Promise<readonly string[]> {
    const file = this.#options.config.resolver.rootZone?.file;
    return file === undefined ? [] : this.#ownZones.loadRoot(file, this.#options.loader);
  }

  async #reloadPolicy(): Promise<void> {
    for (const text of await this.#loadPolicy())
      this.#log.error('a list has changed, and what was read of it before stays', { text });
  }

  #loadPolicy(): Promise<readonly string[]> {
    const read = this.#policyRead.then(() => this.#readPolicy());
    this.#policyRead = read.catch(() => undefined);
    return read;
  }

  async #readPolicy(): Promise<readonly string[]> {
    const { config, random } = this.#options;
    const policy = await loadPolicy(config.resolver, { random, log: this.#log });
    if (!policy.ok) return policy.fault;
    this.resolver.replacePolicy(policy.value);
    return [];
  }

  #makeService(): ResolverService {
    const { config, random, onStep } = this.#options;
    const { clients, allow } = config.resolver;
    this.#queries = this.#openQueryLog();
    const secrets = cookieSecrets(config.authority.cookies, join(config.data, 'dns-cookie-secret'), random);
    return new ResolverService({
      resolver: this.resolver,
      allow,
      settings: {
        udpSize: largestUdp,
        cookieSecrets: secrets,
        idleSeconds: clients.tcp.idle,
        rateLimit: clients.rateLimit,
        limitAll: true,
      },
      pendingPerClient: clients.maxPendingPerClient,
      ...(onStep !== undefined && { watch: () => this.#journey(onStep) }),
      ...(this.#queries !== undefined && { onAnswered: this.#queries.onAnswered }),
    });
  }

  #journey(onStep: JourneyObserver): (step: JourneyStep) => void {
    const id = newJourneyId(this.#options.clock.now(), this.#options.random);
    return (step) => onStep(id, step);
  }

  #openQueryLog(): QueryLog | undefined {
    const { config, clock, log } = this.#options;
    const { queryLog } = config.resolver.clients;
    if (queryLog === undefined) return undefined;
    const file = new QueryLogFile(queryLog, clock, log.child({ part: 'query log' }));
    this.#queryFile = file;
    return new QueryLog({ oneIn: queryLog.oneIn, clock, write: (line) => file.write(line) });
  }
}

function limitsOf({ octets, prefetch, maxTtl, minTtl, maxStale }: CacheConfig): Partial<ResolverLimits> {
  return { maxTtl, minTtl, maxStale, cacheOctets: octets, renewals: prefetch ? mostRenewals : 0 };
}
