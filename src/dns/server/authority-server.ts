// The authoritative name server as a whole: the zones it keeps, from files, from primaries and from the store; who may have and change
// them; and the listeners that answer for them.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config, ZoneConfig } from '../../config/config.ts';
import { listZonesAgain } from '../../config/zone-list.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import { limitLog } from '../../lib/limited-log.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { Network } from '../../lib/transport.ts';
import { listenTcp } from '../../net/tcp-listener.ts';
import type { Listener } from '../../net/tcp-listener.ts';
import type { TlsContext } from '../../net/tls-context.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import type { ProtocolSettings } from '../protocol/answer-protocol.ts';
import { Authority } from '../authority/authority.ts';
import { AuthorityService } from '../desk/authority-service.ts';
import { Desk } from '../desk/desk.ts';
import { Keeper } from '../keeper/keeper.ts';
import { notifyHandler } from '../notify/notify-receiver.ts';
import { NotifySender } from '../notify/notify-sender.ts';
import type { DnsResponder } from '../responder.ts';
import { Secondary } from '../transfer/in/secondary.ts';
import { TransferServer } from '../transfer/out/transfer-server.ts';
import type { TsigKeys } from '../tsig/tsig-key.ts';
import { updateHandler } from '../update/update-handler.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneLoader } from '../zone/zone-loader.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import type { ZoneStore } from '../zone/zone-store.ts';
import { zonemdCheck } from '../zone/zonemd.ts';
import { authorityThreads } from './authority-thread.ts';
import { cookieSecrets } from './cookie-secrets.ts';
import { dnsDatagramHandler } from './datagram.ts';
import { openDnsListeners } from './dns-listeners.ts';
import type { DnsListeners, DnsListenersOptions } from './dns-listeners.ts';
import { protocolSettings } from './protocol-settings.ts';
import { ServedZones } from './served-zones.ts';
import type { ServedZone } from './served-zones.ts';
import { DnsStreams } from './stream.ts';
import { readTsigKeys } from './tsig-keys.ts';
import { threadedZoneBuild } from './threaded-zone-build.ts';
import { ZonePolicies } from './zone-policies.ts';
import type { ServingPolicy } from './zone-policies.ts';
import { listZoneFolder } from './list-zone-folder.ts';
import { Catalogs } from './catalogs.ts';

export interface AuthorityServerOptions {
  readonly config: Config;
  /** Where `needsZoneStore`. */
  readonly store: ZoneStore | undefined;
  readonly loader: ZoneLoader;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For the listeners that speak TLS. */
  readonly tls: () => Promise<TlsContext>;
  /** A listener's handler threw, or the system refused something. */
  readonly onError: (listener: AuthorityListener) => NonNullable<DnsListenersOptions['onError']>;
}

export type AuthorityListener = 'dns-authority' | 'dns-authority-tls';

/** Whether anything of these zones must be kept beyond a restart beside their files. */
export function needsZoneStore({ zones }: Pick<Config, 'zones'>): boolean {
  return zones.some(
    ({ file, update, catalog }) => file === undefined || update.length > 0 || catalog !== 'none',
  );
}

/** What takes the connections of a listener, and within which limits. */
type Streams = Pick<DnsListenersOptions, 'onConnection' | 'limits' | 'giveUp'>;

export class AuthorityServer {
  readonly #options: AuthorityServerOptions;
  readonly #zones: ZoneSet = new ZoneSet();
  readonly #policies: ZonePolicies;
  readonly #settings: ProtocolSettings;
  readonly #responder: DnsResponder;
  readonly #served: ServedZones;
  readonly #notifySender: NotifySender;
  readonly #listeners: (Pick<Listener, 'close'> | DnsListeners)[] = [];
  /** By name; those of the catalogs aren't among them. */
  readonly #configured = new Map<string, ZoneConfig>();
  #catalogs: Catalogs | undefined;
  readonly keeper: Keeper;
  /** The zones that are taken from primaries. */
  readonly secondary: Secondary;

  private constructor(options: AuthorityServerOptions, keys: TsigKeys) {
    this.#options = options;
    const { config, store, network, clock, random, log } = options;
    const secrets = cookieSecrets(config.authority.cookies, join(config.data, 'dns-cookie-secret'), random);
    this.#settings = protocolSettings(config.authority, secrets);
    this.#policies = new ZonePolicies(keys);
    this.keeper = new Keeper({ zones: this.#zones, store, clock, log, newBuild: threadedZoneBuild });
    this.#served = new ServedZones({
      loader: options.loader,
      taker: this.keeper,
      log,
    });
    this.secondary = new Secondary({
      keeper: this.keeper,
      store: store ?? { saveState: () => Promise.resolve() },
      network,
      clock,
      random,
      log,
      check: zonemdCheck(clock, log),
    });
    this.#notifySender = new NotifySender({
      keeper: this.keeper,
      targets: (origin) => this.#policyOf(origin)?.notify ?? [],
      network,
      clock,
      random,
      log,
    });
    this.#responder = this.#makeResponder(keys);
  }

  /** Everything but the listeners. The fault is for the operator: one or more lines. */
  static async open(options: AuthorityServerOptions): Promise<Result<AuthorityServer>> {
    const keys = readTsigKeys(options.config.keys);
    if (!keys.ok) return fault(keys.fault.join('\n'));
    const server = new AuthorityServer(options, keys.value);
    const opened = await server.#openZones();
    if (opened.ok) return ok(server);
    await server.close(0);
    return opened;
  }

  /** Those that have files, and were loaded well at least once. */
  get zones(): readonly ServedZone[] {
    return this.#served.zones;
  }

  /** For whoever asks from within. */
  get zoneSet(): ZoneSet {
    return this.#zones;
  }

  /** Throws a `ListenFault` where the system refuses an address; gives the real ports. */
  async listen(): Promise<readonly { readonly name: AuthorityListener; readonly endpoint: Endpoint }[]> {
    const { config, clock, log, onError } = this.#options;
    const datagrams = await openDnsListeners({
      ...this.#openStreams(),
      endpoints: config.listeners['dns-authority'],
      onDatagram: dnsDatagramHandler(this.#responder),
      onError: onError('dns-authority'),
      threads: authorityThreads({
        count: config.workers.dns ?? availableParallelism(),
        zones: this.#zones,
        settings: this.#settings,
        minimalResponses: config.authority.minimalResponses,
      }),
      log,
      clock,
    });
    this.#listeners.push(datagrams);
    const open = datagrams.endpoints.map((endpoint) => ({ name: 'dns-authority' as const, endpoint }));
    const overTls: { readonly name: 'dns-authority-tls'; readonly endpoint: Endpoint }[] = [];
    for (const endpoint of config.listeners['dns-authority-tls']) {
      const { onConnection, ...limits } = this.#openStreams();
      const listener = await listenTcp(endpoint, onConnection, {
        ...limits,
        tls: await this.#options.tls(),
        tlsAtOnce: true,
        alpn: 'dot',
        onError: onError('dns-authority-tls'),
      });
      this.#listeners.push(listener);
      overTls.push({ name: 'dns-authority-tls', endpoint: listener.endpoint });
    }
    // Who is told comes to look at once.
    this.#notifySender.start(config.zones.map(({ name }) => domainName(name)));
    return [...open, ...overTls];
  }

  /** Reads the zone files that have changed. What is wrong is returned in words, and what was there keeps serving. */
  async reload(): Promise<readonly string[]> {
    const zones = listZonesAgain(this.#options.config, listZoneFolder);
    if (!zones.ok) return [zones.fault, ...(await this.#loadFiles())];
    const listed = new Set(zones.value.map(({ name }) => name));
    for (const { name } of this.#configured.values()) {
      if (!listed.has(name)) await this.#end(name);
    }
    const begun = await this.#begin(zones.value.filter(({ name }) => !this.#configured.has(name)));
    const faults = [...(begun.ok ? begun.value : [begun.fault]), ...(await this.#loadFiles())];
    await this.#catalogs?.publish(zones.value);
    return faults;
  }

  /** A zone whose file has gone from its folder. */
  async #end(name: string): Promise<void> {
    const origin = domainName(name);
    this.#configured.delete(name);
    this.#policies.delete(origin);
    this.#served.forget(origin);
    await this.keeper.remove(origin);
  }

  async close(drainMs: number): Promise<void> {
    this.#notifySender[Symbol.dispose]();
    await Promise.all(this.#listeners.map((listener) => listener.close({ drainMs })));
    await this.#catalogs?.close();
    await this.secondary.close();
    await this.keeper.close();
  }

  async #openZones(): Promise<Result<undefined>> {
    const { config, store, log } = this.#options;
    const faults = await this.#begin(config.zones);
    if (!faults.ok) return faults;
    // A zone that can't be served is no reason to serve none: its questions get SERVFAIL until it is mended.
    for (const wrong of [...faults.value, ...(await this.#loadFiles())])
      log.error('a zone is not served, since something is wrong with it', { fault: wrong });
    const { keeper, secondary } = this;
    const { clock, random } = this.#options;
    const { zones } = config;
    const means = { keeper, store, secondary, policies: this.#policies, clock, random, log };
    const catalogs = await Catalogs.open({ zones, ...means });
    if (!catalogs.ok) return catalogs;
    this.#catalogs = catalogs.value;
    return ok(undefined);
  }

  /** Takes over zones that weren't there. The value: sentences about what is kept of them and can't be served. */
  async #begin(zones: readonly ZoneConfig[]): Promise<Result<readonly string[]>> {
    const { store } = this.#options;
    for (const zone of zones) {
      const made = this.#policies.set(domainName(zone.name), zone);
      if (!made.ok) return made;
    }
    const faults = await this.keeper.open(
      zones.map(({ name, file, update, journalSize }) => ({
        origin: domainName(name),
        file: file !== undefined,
        durable: file === undefined || update.length > 0,
        journalSize,
      })),
    );
    for (const zone of zones) this.#configured.set(zone.name, zone);
    const secondaries = zones.filter(({ primaries }) => primaries.length > 0);
    if (secondaries.length === 0) return ok(faults);
    const kept = (await store?.listKeptZones()) ?? [];
    const states = new Map(kept.map(({ origin, state }) => [origin.key, state]));
    for (const { name } of secondaries) {
      const origin = domainName(name);
      const primaries = this.#policies.of(origin)?.primaries ?? [];
      this.secondary.add({ origin, primaries, state: states.get(origin.key) ?? {} });
    }
    return ok(faults);
  }

  #loadFiles(): Promise<readonly string[]> {
    return this.#served.load(
      [...this.#configured.values()].flatMap(({ name, file }) =>
        file === undefined ? [] : [{ name: domainName(name), file }],
      ),
    );
  }

  #policyOf(origin: DomainName): ServingPolicy | undefined {
    return this.#policies.of(origin) ?? this.#catalogs?.policyOf(origin);
  }

  #makeResponder(keys: TsigKeys): DnsResponder {
    const { config, clock, random, log } = this.#options;
    const { keeper } = this;
    const protocol = new AnswerProtocol(this.#settings, clock, random);
    const questions = new Authority(this.#zones, {
      minimalResponses: config.authority.minimalResponses,
      protocol,
    });
    const transfers = new TransferServer({
      keeper,
      access: (origin) => this.#policyOf(origin)?.transferTo,
      clock,
      log,
    });
    const notify = notifyHandler({
      zone: (origin) => {
        const policy = this.#policyOf(origin);
        return policy === undefined || policy.primaries.length === 0
          ? undefined
          : {
              origin,
              primaries: policy.primaries.map(({ endpoint }) => endpoint.address),
              notifyFrom: policy.notifyFrom,
            };
      },
      notified: (origin, serial, from) => void this.secondary.notified(origin, serial, from),
      log: limitLog(log, clock),
    });
    const update = updateHandler({ keeper, policyOf: (origin) => this.#policyOf(origin)?.update, log });
    const handlers = { transfer: transfers.handle, notify, update };
    const { udpSize: maxUdpSize } = config.authority;
    return new AuthorityService(questions, new Desk({ keys, handlers, questions, clock, log, maxUdpSize }));
  }

  #openStreams(): Streams {
    const { maxConnections, maxConnectionsPerAddress, idle } = this.#options.config.authority.tcp;
    const streams = new DnsStreams(this.#responder, { idleMs: idle * 1000, clock: this.#options.clock });
    return {
      onConnection: streams.handler,
      limits: { total: maxConnections, perAddress: maxConnectionsPerAddress },
      giveUp: (among) => streams.longestIdle(among),
    };
  }
}
