// Listens for HTTP over TLS: HTTP/2, and HTTP/1.1 for clients that have no other. Gives each request to a handler, within limits of connections,
// streams, octets and time, none of which a client can stretch by sending little.
import { createServer as createHttpServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { addressKey, AddressLimit } from '../lib/address-limit.ts';
import type { ConnectionLimits } from '../lib/address-limit.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { asFault, endpointOf } from './connection.ts';
import { HttpConnection, mostHeaderOctets, mostHeaders } from './http-connection.ts';
import type { HttpHandler } from './http-request.ts';
import { defaultConnectionLimits, ListenFault } from './tcp-listener.ts';
import type { Listener } from './tcp-listener.ts';
import type { TlsContext } from './tls-context.ts';

export interface HttpsListenerOptions {
  readonly tls: TlsContext;
  readonly limits?: ConnectionLimits;
  /** As `HttpTimes`: 30,000 and 10,000 unless given. */
  readonly idleMs?: number;
  readonly requestMs?: number;
  /** The handler threw, a handshake failed, or the system refused to accept. */
  readonly onError?: (error: unknown, remote: Endpoint | undefined) => void;
}

const handshakeMs = 10_000;
/** Connections that the system completes and holds for us while we are busy. */
const backlog = 1024;

/** Opens the listener; throws a `ListenFault` where the system refuses the address or port. */
export async function listenHttps(
  endpoint: Endpoint,
  handler: HttpHandler,
  options: HttpsListenerOptions,
): Promise<Listener> {
  const server = createServer({ noDelay: true, keepAlive: true });
  const listener = new HttpsListener(server, handler, options);
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => reject(new ListenFault('TCP', endpoint, error));
    server.once('error', onError);
    server.listen({ host: endpoint.address, port: endpoint.port, backlog, ipv6Only: true }, () => {
      server.removeListener('error', onError);
      server.on('error', (error) => options.onError?.(error, undefined));
      resolve();
    });
  });
  return listener;
}

class HttpsListener implements Listener {
  readonly #server: Server;
  readonly #handler: HttpHandler;
  readonly #options: HttpsListenerOptions;
  readonly #limit: AddressLimit;
  /** Listens to nothing itself: it is handed the connections whose clients speak HTTP/1.1. */
  readonly #http1: HttpServer;
  readonly #connections = new Map<Socket, HttpConnection>();
  /** Those that count: one that was given up has no place, although its socket may still close. */
  readonly #placed = new Set<HttpConnection>();
  readonly #stopped = Promise.withResolvers<void>();
  #drained: (() => void) | undefined;
  #closing = false;

  constructor(server: Server, handler: HttpHandler, options: HttpsListenerOptions) {
    this.#server = server;
    this.#handler = handler;
    this.#options = options;
    this.#limit = new AddressLimit(options.limits ?? defaultConnectionLimits);
    server.on('connection', (socket) => this.#onConnection(socket));
    server.on('close', () => this.#stopped.resolve());
    this.#http1 = createHttpServer({ maxHeaderSize: mostHeaderOctets });
    this.#http1.maxHeadersCount = mostHeaders;
    this.#http1.on('request', (request, response) => {
      this.#connections.get(request.socket)?.serveHttp1(request, response);
    });
  }

  get endpoint(): Endpoint {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener is closed');
    return endpointOf(address.address, address.port);
  }

  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#closing = true;
    this.#server.close();
    for (const connection of this.#connections.values()) connection.drain();
    const drainMs = options.drainMs ?? 0;
    if (this.#connections.size > 0 && drainMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        timer = setTimeout(resolve, drainMs);
      });
      clearTimeout(timer);
    }
    for (const socket of this.#connections.keys()) socket.destroy();
    await this.#stopped.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Takes a place, where there is none left that of the connection that is idle longest (RFC 9113 §9.1 lets a server close those). */
  #enter(address: string): boolean {
    if (this.#limit.enter(address)) return true;
    const key = this.#limit.isFull(address) ? addressKey(address) : undefined;
    let longest: HttpConnection | undefined;
    for (const connection of this.#placed) {
      const isOurs = key === undefined || addressKey(connection.remote.address) === key;
      if (!isOurs || !connection.idle) continue;
      if (longest === undefined || connection.lastUse < longest.lastUse) longest = connection;
    }
    if (longest === undefined) return false;
    this.#leave(longest);
    longest.close();
    return this.#limit.enter(address);
  }

  #leave(connection: HttpConnection): void {
    if (this.#placed.delete(connection)) this.#limit.leave(connection.remote.address);
  }

  #onConnection(socket: Socket): void {
    const remote = endpointOf(socket.remoteAddress, socket.remotePort);
    if (this.#closing || !this.#enter(remote.address)) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const { tls, onError, idleMs = 30_000, requestMs = 10_000 } = this.#options;
    const secure = new TLSSocket(socket, {
      ...tls.serverOptions(),
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    const fail = (error: unknown): void => onError?.(error, remote);
    const connection = new HttpConnection(secure, remote, this.#handler, { idleMs, requestMs }, fail);
    this.#connections.set(secure, connection);
    this.#placed.add(connection);
    const timer = setTimeout(() => secure.destroy(), handshakeMs);
    // Stays: a late error after the first must not be without a listener.
    secure.on('error', (error) => fail(asFault(error, 'tls')));
    secure.once('secure', () => {
      clearTimeout(timer);
      if (secure.alpnProtocol === 'h2') connection.serveHttp2();
      else this.#http1.emit('connection', secure);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      secure.destroy();
      this.#leave(connection);
      this.#connections.delete(secure);
      if (this.#connections.size === 0) this.#drained?.();
    });
  }
}
