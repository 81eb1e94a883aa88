// The composition root: config → store → services → listeners. The only file that assembles, and the only one that knows
// which store there is.
import { join } from 'node:path';
import { adminHandlers } from './admin/handlers.ts';
import type { AdminZones } from './admin/zone-handlers.ts';
import { controlSocket } from './admin/socket-path.ts';
import { openAdminServer } from './admin/server.ts';
import type { AdminServer } from './admin/server.ts';
import type { StatusView } from './admin/api.ts';
import type { Config, ListenerName } from './config/config.ts';
import { NetworkUpstream } from './dns/client/network-upstream.ts';
import { reportFromResolver } from './dns/client/name-report.ts';
import type { NameQuestion, NameReport } from './dns/client/name-report.ts';
import type { Lookup } from './dns/lookup.ts';
import type { Keeper } from './dns/keeper/keeper.ts';
import { keepOneZone } from './dns/server/keep-one-zone.ts';
import { AuthorityServer, needsZoneStore } from './dns/server/authority-server.ts';
import { ResolverServer } from './dns/server/resolver-server.ts';
import type { ServedZone } from './dns/server/served-zones.ts';
import { ThreadedZoneLoader } from './dns/server/threaded-zone-loader.ts';
import { domainName } from './dns/wire/name.ts';
import { Directory } from './domains/directory.ts';
import { Senders } from './domains/senders.ts';
import { SendingCounts } from './domains/sending-limits.ts';
import type { AddressListStore } from './domains/address-list.ts';
import type { DomainStore } from './domains/domain-store.ts';
import { AddressRanges } from './lib/address-ranges.ts';
import { systemClock } from './lib/clock.ts';
import type { Clock } from './lib/clock.ts';
import { formatEndpoint } from './lib/endpoint.ts';
import type { Endpoint } from './lib/endpoint.ts';
import type { JourneyObserver } from './lib/journey.ts';
import type { Log } from './lib/log.ts';
import { systemRandom } from './lib/random.ts';
import type { Random } from './lib/random.ts';
import { formatMailAddress } from './lib/mail-address.ts';
import { version } from './lib/version.ts';
import { fault, ok } from './lib/result.ts';
import type { Result } from './lib/result.ts';
import type { ConnectionHandler, Network } from './lib/transport.ts';
import type { AccountStore } from './login/account-store.ts';
import { Login } from './login/login.ts';
import { TokenVerifier } from './login/token-verifier.ts';
import type { JourneyStore } from './mailbox/journey-store.ts';
import type { MailStore } from './mailbox/mail-store.ts';
import { MailboxLocks } from './mailbox/mailbox-locks.ts';
import { serverCertificates } from './net/certificate.ts';
import { Flows } from './net/flows.ts';
import { KeySet } from './net/key-set.ts';
import { keepSecret } from './net/kept-secret.ts';
import { listenLocal } from './net/local-listener.ts';
import { logListenerErrors } from './net/listener-log.ts';
import { createNetwork } from './net/network.ts';
import { isOwnEndpoint, publicEndpoint } from './net/own-addresses.ts';
import { listenTcp } from './net/tcp-listener.ts';
import type { Listener } from './net/tcp-listener.ts';
import { TlsContext } from './net/tls-context.ts';
import { pop3ConnectionHandler } from './pop3/server/connection-handler.ts';
import type { Retrieval } from './pop3/server/ports.ts';
import { LoginDelays } from './pop3/session/login-delays.ts';
import { Reception } from './reception/reception.ts';
import { receptionSettings } from './reception/settings.ts';
import { mechanismsFor } from './sasl/mechanisms.ts';
import { SmtpClient } from './smtp/client/smtp-client.ts';
import { Queue } from './smtp/queue/queue.ts';
import type { QueueStore } from './smtp/queue/queue-store.ts';
import { ContentMemory, contentMemoryLimits } from './smtp/server/content-memory.ts';
import { checksOfConfig } from './smtp/server/checks-of-config.ts';
import { smtpConnectionHandler, smtpRefusal } from './smtp/server/handler.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { SqliteStore } from './store/sqlite/sqlite-store.ts';

export interface StartOptions {
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Is told each step of each journey as it happens. */
  readonly onStep?: JourneyObserver;
}

export interface OpenListener {
  readonly name: ListenerName;
  /** With the real port, where the config asked for 0. */
  readonly endpoint: Endpoint;
}

/** The ports to what a mail system keeps. */
export interface Stores {
  readonly domains: DomainStore;
  readonly accounts: AccountStore;
  readonly lists: AddressListStore;
  readonly mail: MailStore;
  readonly queue: QueueStore;
  readonly journeys: JourneyStore;
}

export interface RunningSignpost {
  readonly config: Config;
  readonly listeners: readonly OpenListener[];
  readonly zones: readonly ServedZone[];
  readonly lookup: Lookup;
  /** Absent where no listener takes or hands out mail. */
  readonly stores: Stores | undefined;
  /** Reads zones and certificates again. What is wrong is returned in words, and what was there keeps serving. */
  reload(): Promise<readonly string[]>;
  /** Takes nothing new, lets what runs come to its end for at most `drainMs`, and closes. */
  close(drainMs?: number): Promise<void>;
}

/** Why a server can't start, in words for its operator: one or more lines. */
export class StartFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartFault';
  }
}

/** Opens what is kept, without a server: for commands where none runs. Throws `StoreFault` where one does. */
export async function openStores(config: Config): Promise<Stores & AsyncDisposable> {
  const store = await openSqliteStore(config.data, { lockWaitMs: commandLockWaitMs });
  return { ...storesOf(store), [Symbol.asyncDispose]: () => store.close() };
}

/** Opens zones to be changed, without a server: each when it is asked for. Throws `StoreFault` where one runs. */
export async function openZones(config: Config, log: Log): Promise<AdminZones & AsyncDisposable> {
  const store = await openSqliteStore(config.data, { lockWaitMs: commandLockWaitMs });
  const loader = new ThreadedZoneLoader({ clock: systemClock });
  const keepers: Keeper[] = [];
  return {
    configured: config.zones,
    keeperOf: async (origin) => {
      const zone = config.zones.find(({ name }) => domainName(name).equals(origin));
      if (zone === undefined) return fault(`the config has no zone ${origin.toString()}`);
      const keeper = await keepOneZone(zone, { store: store.zones, loader, clock: systemClock, log });
      if (keeper.ok) keepers.push(keeper.value);
      return keeper;
    },
    [Symbol.asyncDispose]: async () => {
      for (const keeper of keepers) await keeper.close();
      await store.close();
    },
  };
}

/** Resolves names as a server with this config would, without one: from an empty cache. */
export async function resolveOnce(
  config: Config,
  question: NameQuestion,
  log: Log,
): Promise<Result<NameReport>> {
  await using house = new House(config, { log });
  return await house.resolveName(question);
}

/** Starts every role that has a listener. Throws `StartFault`, `ListenFault` or `StoreFault`; then nothing is left open. */
export async function startSignpost(config: Config, options: StartOptions): Promise<RunningSignpost> {
  await using opened = new AsyncDisposableStack();
  const house = new House(config, options);
  opened.defer(() => house.close(0));
  await house.open();
  opened.move();
  return house;
}

const mailListeners: readonly ListenerName[] = ['smtp', 'submission', 'submissions', 'lmtp', 'pop3', 'pop3s'];

/** Whether anything takes mail or hands it out. */
function servesMail({ listeners, lmtp }: Config): boolean {
  return lmtp.socket !== undefined || mailListeners.some((name) => listeners[name].length > 0);
}

/** Whether anybody asks the resolver of a running server: its clients, or the queue. */
function needsResolver({ listeners }: Config): boolean {
  return (['dns-resolver', 'smtp', 'submission', 'submissions'] as const).some(
    (name) => listeners[name].length > 0,
  );
}

class House implements RunningSignpost, AsyncDisposable {
  readonly config: Config;
  readonly listeners: OpenListener[] = [];
  readonly lookup: Lookup;
  stores: Stores | undefined;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onStep: JourneyObserver | undefined;
  readonly #flows = new Flows();
  readonly #network: Network;
  readonly #upstream: NetworkUpstream;
  readonly #resolver: ResolverServer;
  readonly #open: Pick<Listener, 'close'>[] = [];
  /** Unix sockets, for `signpost status`. */
  readonly #sockets: { readonly name: ListenerName; readonly address: string }[] = [];
  #store: SqliteStore | undefined;
  #authority: AuthorityServer | undefined;
  #queue: Queue | undefined;
  #relay: SmtpClient | undefined;
  #reception: Reception | undefined;
  #tls: TlsContext | undefined;
  #admin: AdminServer | undefined;
  #closing: Promise<void> | undefined;

  constructor(config: Config, options: StartOptions) {
    this.config = config;
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#onStep = options.onStep;
    this.#network = createNetwork({ map: config.network.map, flows: this.#flows });
    const self = this.#self('dns-resolver');
    this.#upstream = new NetworkUpstream(this.#network, this.#clock);
    const resolver = ResolverServer.open({
      config,
      upstream: this.#upstream,
      ...(self !== undefined && { self }),
      loader: new ThreadedZoneLoader({ clock: this.#clock }),
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      tls: () => this.#openTls(),
      onError: (listener) => logListenerErrors(this.#log, listener),
      onStep: options.onStep,
    });
    if (!resolver.ok) throw new StartFault(resolver.fault);
    this.#resolver = resolver.value;
    this.lookup = this.#resolver.resolver;
  }

  get zones(): readonly ServedZone[] {
    return this.#authority?.zones ?? [];
  }

  async open(): Promise<void> {
    this.#authority = await this.#openAuthority();
    if (servesMail(this.config)) await this.#openMail();
    this.listeners.push(...(await this.#authority.listen()));
    const loaded = await this.#resolver.load(this.#authority.zoneSet, this.#authority.keeper);
    if (!loaded.ok) throw new StartFault(loaded.fault);
    this.listeners.push(...(await this.#resolver.listen()));
    await this.#openAdmin();
    this.#queue?.start();
    void this.#reception?.start();
    if (needsResolver(this.config)) this.#resolver.follow();
  }

  resolveName(question: NameQuestion): Promise<Result<NameReport>> {
    return reportFromResolver(this.#resolver.resolver, question, this.#clock);
  }

  async reload(): Promise<readonly string[]> {
    const faults = [...((await this.#authority?.reload()) ?? []), ...(await this.#resolver.reload())];
    if (this.#tls !== undefined) {
      const certificates = await this.#readCertificates();
      if (certificates.ok) this.#tls.replace(certificates.value.first, certificates.value);
      else faults.push(certificates.fault);
    }
    return faults;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close(0);
  }

  close(drainMs = 10_000): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  /** Listeners and attempts come to their end; then the store, because all the others write to it. */
  async #close(drainMs: number): Promise<void> {
    await Promise.all([
      ...this.#open.map((listener) => listener.close({ drainMs })),
      this.#queue?.drain(AbortSignal.timeout(drainMs)),
      this.#authority?.close(drainMs),
      this.#resolver.close(drainMs),
    ]);
    await this.#admin?.close();
    this.#reception?.[Symbol.dispose]();
    await this.#relay?.close();
    await this.#store?.close();
    this.#upstream[Symbol.dispose]();
    await this.#flows[Symbol.asyncDispose]();
  }

  /** The store is opened where zones need it; files are read before any listener is open. */
  async #openAuthority(): Promise<AuthorityServer> {
    const { config } = this;
    const opened = await AuthorityServer.open({
      config,
      store: needsZoneStore(config) ? (await this.#openStore()).zones : undefined,
      loader: new ThreadedZoneLoader({ clock: this.#clock }),
      network: this.#network,
      clock: this.#clock,
      random: this.#random,
      log: this.#log.child({ part: 'authority' }),
      tls: () => this.#openTls(),
      onError: (listener) => logListenerErrors(this.#log, listener),
    });
    if (!opened.ok) throw new StartFault(opened.fault);
    return opened.value;
  }

  async #openStore(): Promise<SqliteStore> {
    const { days, rows } = this.config.mailChecks.reports;
    const onDropped = (messages: number): void =>
      this.#log.warn('messages not counted for DMARC reports: too many different ones', { messages });
    const reports = { mostRows: rows, keepDays: days, onDropped };
    this.#store ??= await openSqliteStore(this.config.data, { clock: this.#clock, reports });
    this.stores ??= storesOf(this.#store);
    return this.#store;
  }

  async #openMail(): Promise<void> {
    const { config } = this;
    const [clock, random, log] = [this.#clock, this.#random, this.#log];
    const store = await this.#openStore();
    await this.#openTls();
    const decoySecret = await keepSecret(join(config.data, 'decoy.secret'), random);
    const { tokens, certificates } = config.login;
    const login = new Login({
      accounts: store,
      clock,
      random,
      decoySecret,
      tokens: tokens && new TokenVerifier(tokens, new KeySet(tokens.keys, clock), clock),
      certificates: certificates && { byFingerprint: certificates.fingerprints },
    });
    const mechanisms = mechanismsFor(config.login);
    const directory = new Directory({
      domains: store,
      accounts: store,
      lists: store,
      clock,
      separator: config.addresses.separator,
    });
    const senders = new Senders({
      accounts: store,
      directory,
      counts: new SendingCounts(clock, config.submission.limits),
    });
    const relay = new SmtpClient({ network: this.#network, hostname: config.hostname, clock, log });
    this.#relay = relay;
    this.#queue = new Queue({
      store,
      lookup: this.lookup,
      transport: relay,
      route: (recipient) => directory.route(recipient),
      clock,
      random,
      hostname: config.hostname,
      isOwnAddress: (address) =>
        isOwnEndpoint(config.network.map, config.listeners.smtp, { address, port: 25 }),
      log: log.child({ part: 'queue' }),
      ...(this.#onStep !== undefined && { onStep: this.#onStep }),
    });
    const trusted = AddressRanges.of(config.proxies.xclient);
    const smtp = {
      hostname: config.hostname,
      intake: store,
      mailboxes: store,
      directory,
      senders,
      tellClient: config.submission.tellClient,
      login,
      clock,
      random,
      log: log.child({ part: 'smtp' }),
      maxMessageSize: config.smtp.maxMessageSize,
      maxRecipients: config.smtp.maxRecipients,
      memory: new ContentMemory(clock, contentMemoryLimits(config.smtp.maxMemory)),
      mechanisms,
      trustsProxy: (address: string) => trusted.include(address),
      publicAddress: (local: Endpoint) => publicEndpoint(config.network.map, local),
      ...(config.mailChecks.reports.days > 0 && { reports: store.reports }),
      checks: checksOfConfig(config.mailChecks, { lookup: this.lookup, clock, hostname: config.hostname }),
      ...(this.#onStep !== undefined && { onStep: this.#onStep }),
    };
    const { map } = config.network;
    const reception = new Reception(receptionSettings(config.reception), {
      lookup: this.lookup,
      clock,
      log: log.child({ part: 'reception' }),
      own: [config.hostname, ...config.listeners.smtp.map((each) => publicEndpoint(map, each).address)],
    });
    this.#reception = reception;
    const pop3 = {
      hostname: config.hostname,
      login,
      mechanisms,
      random,
      store,
      locks: new MailboxLocks(),
      loginDelays: new LoginDelays(clock, 0),
      clock,
      log: log.child({ part: 'pop3' }),
      tlsOffered: true,
      plaintextLogin: false,
      onRetrieved: ({ account, uid, octets, from }: Retrieval) =>
        log.info('a message was retrieved', {
          part: 'pop3',
          account: formatMailAddress(account.address),
          uid,
          octets,
          from,
        }),
    };
    await this.#openStream('smtp', smtpConnectionHandler({ ...smtp, role: 'mx', reception }), false);
    await this.#openStream('submission', smtpConnectionHandler({ ...smtp, role: 'submission' }), false);
    await this.#openStream('submissions', smtpConnectionHandler({ ...smtp, role: 'submission' }), true);
    const served = AddressRanges.of(config.lmtp.from);
    const serves = (address: string): boolean => served.include(address);
    const lmtp = smtpConnectionHandler({ ...smtp, role: 'lmtp', serves });
    await this.#openStream('lmtp', lmtp, false);
    await this.#openLocal(config.lmtp.socket, smtpConnectionHandler({ ...smtp, role: 'lmtp' }));
    await this.#openStream('pop3', pop3ConnectionHandler(pop3), false);
    await this.#openStream('pop3s', pop3ConnectionHandler(pop3), true);
  }

  async #openStream(name: ListenerName, handler: ConnectionHandler, tlsAtOnce: boolean): Promise<void> {
    const { maxConnections, maxConnectionsPerAddress } = name.startsWith('pop3')
      ? this.config.pop3
      : this.config.smtp;
    const proxies = AddressRanges.of(this.config.proxies.proxyProtocol);
    for (const endpoint of this.config.listeners[name]) {
      const listener = await listenTcp(endpoint, handler, {
        ...(this.#tls !== undefined && { tls: this.#tls }),
        tlsAtOnce,
        askCertificate: name.startsWith('submission') && this.config.login.certificates !== undefined,
        // Mail systems that hand over by LMTP speak for nobody else.
        ...(name !== 'lmtp' && { isProxy: (address) => proxies.include(address) }),
        limits: { total: maxConnections, perAddress: maxConnectionsPerAddress },
        ...(!name.startsWith('pop3') && { refusal: smtpRefusal(this.config.hostname) }),
        onError: logListenerErrors(this.#log, name),
      });
      this.#open.push(listener);
      this.listeners.push({ name, endpoint: listener.endpoint });
    }
  }

  async #openLocal(path: string | undefined, handler: ConnectionHandler): Promise<void> {
    if (path === undefined) return;
    const { maxConnections } = this.config.smtp;
    const listener = await listenLocal(path, handler, {
      ...(this.#tls !== undefined && { tls: this.#tls }),
      limits: { total: maxConnections, perAddress: maxConnections },
      refusal: smtpRefusal(this.config.hostname),
      onError: logListenerErrors(this.#log, 'lmtp'),
    });
    this.#open.push(listener);
    this.#sockets.push({ name: 'lmtp', address: path });
  }

  async #openAdmin(): Promise<void> {
    const startedAt = new Date(this.#clock.now()).toISOString();
    const server = { status: () => this.#status(startedAt), reload: () => this.reload() };
    const resolve = (question: NameQuestion): Promise<Result<NameReport>> => this.resolveName(question);
    const authority = this.#authority;
    const zones: AdminZones | undefined =
      authority === undefined
        ? undefined
        : { configured: this.config.zones, keeperOf: () => Promise.resolve(ok(authority.keeper)) };
    const admin = adminHandlers({
      stores: this.stores,
      random: this.#random,
      separator: this.config.addresses.separator,
      resolve,
      zones,
      secondary: authority?.secondary,
      resolver: this.#resolver.resolver,
      queries: this.#resolver.queries,
      trust: this.#resolver.trust,
      server,
    });
    try {
      this.#admin = await openAdminServer(
        controlSocket(this.config),
        admin,
        this.#log.child({ part: 'admin' }),
      );
    } catch (error) {
      throw new StartFault(`the control socket can't be opened: ${messageOf(error)}`, { cause: error });
    }
  }

  #status(startedAt: string): StatusView {
    return {
      version,
      pid: process.pid,
      hostname: this.config.hostname,
      startedAt,
      listeners: [
        ...this.listeners.map(({ name, endpoint }) => ({ name, address: formatEndpoint(endpoint) })),
        ...this.#sockets,
      ],
      zones: this.zones.map(({ name, records }) => ({ name: name.toString(), records })),
      mail: this.stores !== undefined,
      certificate:
        this.#tls === undefined
          ? null
          : { expiresAt: new Date(this.#tls.expiresAt).toISOString(), fingerprint: this.#tls.fingerprint },
    };
  }

  /** One for all listeners, so that a reload reaches them all. */
  async #openTls(): Promise<TlsContext> {
    if (this.#tls !== undefined) return this.#tls;
    const certificates = await this.#readCertificates();
    if (!certificates.ok) throw new StartFault(certificates.fault);
    this.#tls = new TlsContext(certificates.value.first, certificates.value);
    return this.#tls;
  }

  #readCertificates(): ReturnType<typeof serverCertificates> {
    const { tls, hostname, data } = this.config;
    const { authorities } = this.config.login.certificates ?? {};
    return serverCertificates(
      { own: tls, clientAuthorities: authorities },
      join(data, 'tls'),
      [hostname],
      this.#clock.now(),
    );
  }

  /** Who we are in the steps of journeys: our name, and the address as DNS knows it, where the address map tells. */
  #self(listener: ListenerName): { readonly name: string; readonly address: string } | undefined {
    const endpoint = this.config.listeners[listener]?.[0];
    return endpoint === undefined
      ? undefined
      : {
          name: this.config.hostname,
          address: formatEndpoint(publicEndpoint(this.config.network.map, endpoint)),
        };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function storesOf(store: SqliteStore): Stores {
  return { domains: store, accounts: store, lists: store, mail: store, queue: store, journeys: store };
}

/** A command waits a little for another command that has the store. */
const commandLockWaitMs = 2000;
