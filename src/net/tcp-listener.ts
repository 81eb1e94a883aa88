// Listens on TCP and gives each connection to a handler, within limits; drains when closed.
import { setMaxListeners } from 'node:events';
import { createServer } from 'node:net';
import type { ListenOptions, Server, Socket } from 'node:net';
import { systemClock } from '../lib/clock.ts';
import { formatEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { ConnectionFault } from '../lib/transport.ts';
import type { Connection, ConnectionHandler } from '../lib/transport.ts';
import { addressKey, AddressLimit } from '../lib/address-limit.ts';
import type { ConnectionLimits } from '../lib/address-limit.ts';
import { endpointOf, SocketConnection } from './connection.ts';
import type { ConnectionEnds } from './connection.ts';
import { meetClient } from './proxied.ts';
import type { TlsContext } from './tls-context.ts';

/** Connections that the system completes and holds for us while we are busy. */
export const backlog = 1024;

export const defaultConnectionLimits: ConnectionLimits = { total: 10_000, perAddress: 200 };

export interface TcpListenerOptions {
  /** For `startTls`, and for TLS at once. */
  readonly tls?: TlsContext;
  /** The handshake comes before the handler is called (RFC 8314 §3). */
  readonly tlsAtOnce?: boolean;
  readonly limits?: ConnectionLimits;
  /** Whether connections from this address begin with a PROXY header. */
  readonly isProxy?: (address: string) => boolean;
  /** Both ends of every connection, where sockets have no addresses of their own. */
  readonly ends?: ConnectionEnds;
  /** Whether clients are asked for a certificate in the handshake; none is needed. */
  readonly askCertificate?: boolean;
  /** The protocol that TLS agrees on with clients that offer any (RFC 7301). */
  readonly alpn?: string;
  /** Which connection, of those that `among` takes, may be closed for a new one beyond the limits; without it the new one is refused. */
  readonly giveUp?: (among: (connection: Connection) => boolean) => Connection | undefined;
  /** What a peer beyond the limits is told in clear before it is closed; nothing where TLS comes at once. */
  readonly refusal?: Uint8Array;
  /** A handler threw, a handshake failed, or the system refused to accept. */
  readonly onError?: (error: unknown, remote: Endpoint | undefined) => void;
}

export interface Listener extends AsyncDisposable {
  /** With the real port, where 0 was asked for. */
  readonly endpoint: Endpoint;
  /**
   * Stops listening and aborts the handlers' signal, waits for them at most `drainMs` (0 where absent), then closes what is
   * left. Resolves when every handler has ended.
   */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Opens the listener; throws a `ListenFault` where the system refuses the address or port. */
export async function listenTcp(
  endpoint: Endpoint,
  handler: ConnectionHandler,
  options: TcpListenerOptions = {},
): Promise<Listener> {
  if (options.tlsAtOnce === true && options.tls === undefined)
    throw new Error('TLS at once needs a certificate');
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
  const listener = new StreamListener(server, handler, options);
  await opened(
    server,
    { host: endpoint.address, port: endpoint.port, backlog, ipv6Only: true },
    (error) => new ListenFault('TCP', endpoint, error),
    options,
  );
  return listener;
}

/** Resolves once the server listens; rejects with what `refused` makes of the system's error. */
export async function opened(
  server: Server,
  where: ListenOptions,
  refused: (error: Error) => ListenFault,
  options: TcpListenerOptions,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => reject(refused(error));
    server.once('error', onError);
    server.listen(where, () => {
      server.removeListener('error', onError);
      server.on('error', (error) => options.onError?.(error, undefined));
      resolve();
    });
  });
}

/** The system refused to listen. The message is a sentence with what to do. */
export class ListenFault extends Error {
  constructor(transport: 'TCP' | 'UDP' | 'the socket', place: Endpoint | string, cause: Error) {
    const where = typeof place === 'string' ? place : formatEndpoint(place);
    super(listenSentence(`${transport} ${where}`, cause), { cause });
    this.name = 'ListenFault';
  }
}

function listenSentence(where: string, cause: Error): string {
  const code = 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program: stop that one ('ss -lntup' names it), or choose another port`;
    case 'EACCES':
      return (
        `no permission for ${where}: ports below 1024 need the right CAP_NET_BIND_SERVICE (in a systemd unit: ` +
        `AmbientCapabilities=CAP_NET_BIND_SERVICE), or choose a port above 1023`
      );
    case 'EADDRNOTAVAIL':
      return `${where}: this machine has no such address ('ip address' lists those that it has)`;
    case 'EAFNOSUPPORT':
      return `${where}: this machine doesn't speak that version of IP`;
    default:
      return `${where} can't be listened on: ${cause.message}`;
  }
}

/** One listening server, of whatever family. */
export class StreamListener implements Listener {
  readonly #server: Server;
  readonly #handler: ConnectionHandler;
  readonly #options: TcpListenerOptions;
  readonly #limit: AddressLimit;
  /** Connections of which the proxy hasn't said yet whose they are. */
  readonly #unknown = new Set<SocketConnection>();
  readonly #drain = new AbortController();
  /** In their handshake, the oldest first. */
  readonly #handshaking = new Set<SocketConnection>();
  /** With the address whose place each has; one that was given up has none. */
  readonly #open = new Map<SocketConnection, string | undefined>();
  readonly #handled = new Set<Promise<void>>();
  readonly #stopped = Promise.withResolvers<void>();

  constructor(server: Server, handler: ConnectionHandler, options: TcpListenerOptions) {
    this.#server = server;
    this.#handler = handler;
    this.#options = options;
    this.#limit = new AddressLimit(options.limits ?? defaultConnectionLimits);
    // Every connection listens to the one signal.
    setMaxListeners(0, this.#drain.signal);
    server.on('connection', (socket) => this.#onConnection(socket));
    server.on('close', () => this.#stopped.resolve());
  }

  get endpoint(): Endpoint {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener is closed');
    return endpointOf(address.address, address.port);
  }

  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#server.close();
    this.#drain.abort(new ConnectionFault('aborted', 'the server is shutting down'));
    const drainMs = options.drainMs ?? 0;
    if (this.#handled.size > 0 && drainMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, drainMs)));
      await Promise.race([Promise.all(this.#handled), late]);
      clearTimeout(timer);
    }
    for (const connection of this.#open.keys()) {
      connection.abort(new ConnectionFault('aborted', 'the server is shutting down'));
    }
    await Promise.all([...this.#handled, this.#stopped.promise]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onConnection(socket: Socket): void {
    const { ends } = this.#options;
    const { address } = ends?.remote ?? endpointOf(socket.remoteAddress, socket.remotePort);
    const proxied = this.#options.isProxy?.(address) === true;
    const { total } = this.#options.limits ?? defaultConnectionLimits;
    if (this.#drain.signal.aborted || (proxied ? this.#unknown.size >= total : !this.#enter(address))) {
      refuse(socket, this.#options.tlsAtOnce === true ? undefined : this.#options.refusal);
      return;
    }
    const { tls, alpn, askCertificate } = this.#options;
    const connection = new SocketConnection(socket, { kind: 'server', tls, alpn, askCertificate }, ends);
    this.#open.set(connection, proxied ? undefined : address);
    if (proxied) this.#unknown.add(connection);
    const handled = this.#handle(connection, proxied).finally(() => {
      this.#leave(connection);
      this.#open.delete(connection);
      this.#handled.delete(handled);
    });
    this.#handled.add(handled);
  }

  /** Takes a place, by giving up another connection where there is none left. */
  #enter(address: string): boolean {
    if (this.#limit.enter(address)) return true;
    const key = addressKey(address);
    // Whoever chooses may have connections of several listeners.
    const among = (connection: Connection): boolean =>
      connection instanceof SocketConnection &&
      this.#open.has(connection) &&
      (!this.#limit.isFull(address) || addressKey(connection.remote.address) === key);
    const { giveUp } = this.#options;
    // One that is still in its handshake has said nothing of use yet.
    const given =
      giveUp === undefined ? undefined : (giveUp(among) ?? this.#handshaking.values().find(among));
    if (!(given instanceof SocketConnection) || this.#open.get(given) === undefined) return false;
    // Its place is free at once, not only when its socket is closed.
    this.#leave(given);
    given.abort(new ConnectionFault('aborted', 'a new connection needs the place of this one'));
    return this.#limit.enter(address);
  }

  async #shakeHands(connection: SocketConnection): Promise<void> {
    this.#handshaking.add(connection);
    try {
      await this.#unlessClosing(connection, () => connection.startTls());
    } finally {
      this.#handshaking.delete(connection);
    }
  }

  /** False where there is no place for the client. */
  async #meetClient(connection: SocketConnection): Promise<boolean> {
    try {
      await this.#unlessClosing(connection, () => meetClient(connection, systemClock));
    } finally {
      this.#unknown.delete(connection);
    }
    const { address } = connection.remote;
    if (!this.#enter(address)) {
      const { refusal, tlsAtOnce } = this.#options;
      if (refusal !== undefined && tlsAtOnce !== true) await connection.write(refusal, 1000);
      return false;
    }
    this.#open.set(connection, address);
    return true;
  }

  /** A listener that closes doesn't wait for handshakes and the like: nothing was asked yet. */
  async #unlessClosing(connection: SocketConnection, work: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#drain;
    const stop = (): void => connection.abort(new ConnectionFault('aborted', 'the server is shutting down'));
    signal.addEventListener('abort', stop, { once: true });
    try {
      await work();
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #leave(connection: SocketConnection): void {
    const address = this.#open.get(connection);
    if (address === undefined) return;
    this.#open.set(connection, undefined);
    this.#limit.leave(address);
  }

  async #handle(connection: SocketConnection, proxied: boolean): Promise<void> {
    try {
      if (proxied && !(await this.#meetClient(connection))) {
        await connection.end();
        return;
      }
      if (this.#options.tlsAtOnce === true) await this.#shakeHands(connection);
      await this.#handler(connection, this.#drain.signal);
      await connection.end();
    } catch (error) {
      connection.destroy();
      this.#options.onError?.(error, connection.remote);
    }
    await connection.closed;
  }
}

/** Says no and closes, without keeping anything of the connection. */
function refuse(socket: Socket, refusal: Uint8Array | undefined): void {
  socket.on('error', () => undefined);
  if (refusal === undefined) {
    socket.destroy();
    return;
  }
  // Not awaited, and not left to the peer either: a second is enough for one packet.
  socket.setTimeout(1000, () => socket.destroy());
  socket.end(refusal, () => socket.destroy());
}
