// The resolver's connections: TCP beside its datagrams, DNS over TLS (RFC 7858) and DNS over HTTPS (RFC 8484), all within the limits that
// the config sets for clients.
import type { Config, ListenerName } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import { listenHttps } from '../../net/https-listener.ts';
import { listenTcp } from '../../net/tcp-listener.ts';
import type { Listener, TcpListenerOptions } from '../../net/tcp-listener.ts';
import type { TlsContext } from '../../net/tls-context.ts';
import type { DnsResponder } from '../responder.ts';
import type { DnsListenersOptions } from './dns-listeners.ts';
import { dohHandler } from './doh.ts';
import type { DohOptions } from './doh.ts';
import { DnsStreams } from './stream.ts';

export interface ResolverStreamsOptions {
  readonly config: Pick<Config, 'listeners' | 'resolver'>;
  readonly responder: DnsResponder;
  readonly overLimit?: DohOptions['overLimit'];
  readonly clock: Clock;
  readonly tls: () => Promise<TlsContext>;
  /** As of the listeners. */
  readonly onError: (listener: ListenerName) => NonNullable<TcpListenerOptions['onError']>;
}

export interface OpenStreams {
  readonly name: ListenerName;
  readonly endpoint: Endpoint;
  readonly listener: Listener;
}

export class ResolverStreams {
  readonly #options: ResolverStreamsOptions;

  constructor(options: ResolverStreamsOptions) {
    this.#options = options;
  }

  /** What takes the connections of one listener, and within which limits. */
  streams(): Pick<DnsListenersOptions, 'onConnection' | 'limits' | 'giveUp'> {
    const { config, responder, clock } = this.#options;
    const { maxConnections, maxConnectionsPerAddress, idle } = config.resolver.clients.tcp;
    const streams = new DnsStreams(responder, { idleMs: idle * 1000, clock });
    return {
      onConnection: streams.handler,
      limits: { total: maxConnections, perAddress: maxConnectionsPerAddress },
      giveUp: (among) => streams.longestIdle(among),
    };
  }

  /** Opens those over TLS and HTTPS. Throws a `ListenFault` where the system refuses an address; then none is open. */
  async listen(): Promise<readonly OpenStreams[]> {
    const { config, tls, onError } = this.#options;
    await using opened = new AsyncDisposableStack();
    const open: OpenStreams[] = [];
    const keep = (name: ListenerName, listener: Listener): void => {
      open.push({ name, endpoint: opened.use(listener).endpoint, listener });
    };
    const [overTls, overHttps] = ['dns-resolver-tls', 'dns-resolver-https'] as const;
    for (const endpoint of config.listeners[overTls]) {
      const { onConnection, ...limits } = this.streams();
      const tlsAtOnce = { tls: await tls(), tlsAtOnce: true, alpn: 'dot' };
      const listener = await listenTcp(endpoint, onConnection, {
        ...limits,
        ...tlsAtOnce,
        onError: onError(overTls),
      });
      keep(overTls, listener);
    }
    for (const endpoint of config.listeners[overHttps])
      keep(overHttps, await this.#listenHttps(endpoint, await tls(), onError(overHttps)));
    opened.move();
    return open;
  }

  #listenHttps(
    endpoint: Endpoint,
    tls: TlsContext,
    onError: NonNullable<TcpListenerOptions['onError']>,
  ): Promise<Listener> {
    const { config, responder, clock, overLimit } = this.#options;
    const { tcp, allowOrigins } = config.resolver.clients;
    const handler = dohHandler(responder, {
      allowOrigins,
      clock,
      ...(overLimit !== undefined && { overLimit }),
    });
    return listenHttps(endpoint, handler, {
      tls,
      limits: { total: tcp.maxConnections, perAddress: tcp.maxConnectionsPerAddress },
      idleMs: tcp.idle * 1000,
      onError,
    });
  }
}
