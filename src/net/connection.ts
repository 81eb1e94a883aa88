// A connection over a socket of node:net, and over TLS on the same socket once asked for: read by pulling, so that a slow
// reader slows its peer and at most `highWater` octets (and one chunk) wait in memory.
import type { Socket } from 'node:net';
import { connect as tlsConnect, TLSSocket } from 'node:tls';
import { parseAddress } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { ConnectionFault } from '../lib/transport.ts';
import type { Connection, StartTlsOptions, TlsInfo } from '../lib/transport.ts';
import { describeTls } from './describe-tls.ts';
import { tlsSentence } from './tls-fault.ts';
import { minTlsVersion, tlsCiphers } from './tls-context.ts';
import type { TlsContext } from './tls-context.ts';

/** Octets received and not yet read, above which the socket is paused. */
const highWater = 65_536;
/** Writes go to the system in pieces of this size, so that a slow peer's progress is seen and its time-out starts anew. */
const writePiece = 65_536;
const handshakeMs = 30_000;
const writeIdleMs = 300_000;
/** How long `end` waits for the peer to close its side too. */
const lingerMs = 2_000;

/** Which side of TLS we are: a server has a certificate; a client has a name to ask for. */
export type ConnectionSide =
  | {
      readonly kind: 'server';
      readonly tls: TlsContext | undefined;
      readonly alpn?: string | undefined;
      /** Whether clients are asked for a certificate. */
      readonly askCertificate?: boolean | undefined;
    }
  | { readonly kind: 'client' };

/** Both ends of a connection. */
export interface ConnectionEnds {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

interface Waiting {
  resolve(bytes: Uint8Array | undefined): void;
  reject(fault: ConnectionFault): void;
}

/** The `Connection` of lib/transport.ts. The socket must be connected and, where it serves, opened with `allowHalfOpen`. */
export class SocketConnection implements Connection {
  readonly #side: ConnectionSide;
  readonly #closed = Promise.withResolvers<void>();
  #ends: ConnectionEnds;
  #socket: Socket;
  #tls: TlsInfo | undefined;
  #received: Uint8Array[] = [];
  #receivedOctets = 0;
  /** How many of the chunks in `#received` came before the last write began. */
  #beforeWrite = 0;
  #waiting: Waiting | undefined;
  #peerEnded = false;
  #paused = false;
  #fault: ConnectionFault | undefined;

  /** `ends` where the socket has no addresses of its own, as a Unix socket. */
  constructor(socket: Socket, side: ConnectionSide, ends?: ConnectionEnds) {
    this.#socket = socket;
    this.#side = side;
    this.#ends = ends ?? {
      local: endpointOf(socket.localAddress, socket.localPort),
      remote: endpointOf(socket.remoteAddress, socket.remotePort),
    };
    socket.setNoDelay(true);
    this.#listen(socket);
  }

  get local(): Endpoint {
    return this.#ends.local;
  }

  get remote(): Endpoint {
    return this.#ends.remote;
  }

  get tls(): TlsInfo | undefined {
    return this.#tls;
  }

  /** From here on the connection is that of somebody else: a proxy has said so. */
  speakFor(ends: ConnectionEnds): void {
    this.#ends = ends;
  }

  /** What was read and is not ours is read again by whoever comes next. */
  giveBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#received.unshift(bytes);
    this.#receivedOctets += bytes.length;
  }

  /** Settles when the socket is gone, whoever closed it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  read(idleMs: number): Promise<Uint8Array | undefined> {
    if (this.#waiting !== undefined)
      return Promise.reject(new Error('one read at a time: the last has not ended'));
    const chunk = this.#received.shift();
    if (chunk !== undefined) {
      this.#receivedOctets -= chunk.length;
      if (this.#beforeWrite > 0) this.#beforeWrite--;
      if (this.#paused && this.#receivedOctets < highWater) this.#resume();
      return Promise.resolve(chunk);
    }
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    if (this.#peerEnded) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      // Who keeps the time himself spares us a timer for each read.
      const timer =
        idleMs === Number.POSITIVE_INFINITY
          ? undefined
          : setTimeout(() => {
              this.#fail(new ConnectionFault('timeout', `nothing came for ${seconds(idleMs)}`));
            }, idleMs);
      this.#waiting = {
        resolve: (bytes) => {
          clearTimeout(timer);
          resolve(bytes);
        },
        reject: (fault) => {
          clearTimeout(timer);
          reject(fault);
        },
      };
    });
  }

  async write(bytes: Uint8Array, idleMs: number = writeIdleMs): Promise<void> {
    this.#beforeWrite = this.#received.length;
    if (bytes.length <= writePiece) return this.#writePiece(bytes, idleMs);
    for (let at = 0; at < bytes.length; at += writePiece) {
      await this.#writePiece(bytes.subarray(at, at + writePiece), idleMs);
    }
  }

  async startTls(options: StartTlsOptions = {}): Promise<TlsInfo> {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#tls !== undefined) throw new Error('TLS is already established');
    const clear = this.#socket;
    this.#unlisten(clear);
    clear.pause();
    const unread = this.#received;
    const early = this.#side.kind === 'server' ? this.#beforeWrite : unread.length;
    this.#received = [];
    this.#receivedOctets = 0;
    this.#beforeWrite = 0;
    // RFC 3207 §4.2, RFC 2595 §4: what came in clear before our "go ahead" is dropped, or a man in the middle could put
    // commands in front of the protected session. What came after it to a server is the client's handshake.
    for (const chunk of unread.slice(early).toReversed()) clear.unshift(chunk);
    this.#paused = false;

    const secure = this.#wrap(clear, options);
    this.#socket = secure;
    secure.on('close', () => this.#closed.resolve());
    try {
      await this.#handshake(secure);
    } catch (error) {
      this.#fail(asFault(error, 'tls'));
      throw this.#fault;
    }
    const tls = describeTls(secure, this.#side.kind);
    if (options.requireVerified === true && this.#side.kind === 'client' && tls.verified !== true) {
      const fault = new ConnectionFault(
        'tls',
        `the certificate is not valid: ${tls.verifyError ?? 'unknown'}`,
      );
      this.#fail(fault);
      throw fault;
    }
    this.#tls = tls;
    this.#listen(secure);
    return tls;
  }

  async end(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) return;
    // What still comes is read and thrown away: closing with octets unread would reset the connection, and the peer
    // could lose our last reply.
    this.#received = [];
    this.#receivedOctets = 0;
    socket.removeListener('data', this.#onData);
    socket.resume();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    await this.closed;
    clearTimeout(timer);
  }

  destroy(): void {
    this.#fail(new ConnectionFault('aborted', 'the connection was closed on our side'));
  }

  /** As `destroy`, with the reason that a pending read or write is to fail with. */
  abort(fault: ConnectionFault): void {
    this.#fail(fault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await this.closed;
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Before TLS takes the socket over; an error of the socket below is told again by the one above. */
  #unlisten(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.removeListener('data', this.#onData);
    socket.removeListener('end', this.#onEnd);
    socket.removeListener('error', this.#onError);
    socket.removeListener('close', this.#onClose);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve(chunk);
      return;
    }
    this.#received.push(chunk);
    this.#receivedOctets += chunk.length;
    if (this.#receivedOctets >= highWater && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
  };

  readonly #onEnd = (): void => {
    this.#peerEnded = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(undefined);
  };

  readonly #onError = (error: Error): void => this.#fail(asFault(error, 'reset'));

  readonly #onClose = (): void => {
    this.#fail(new ConnectionFault('reset', 'the connection is closed'));
    this.#closed.resolve();
  };

  #resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  #writePiece(bytes: Uint8Array, idleMs: number): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(new ConnectionFault('timeout', `the peer took nothing for ${seconds(idleMs)}`));
      }, idleMs);
      socket.write(bytes, (error) => {
        clearTimeout(timer);
        if (error === null || error === undefined) resolve();
        else reject(this.#fault ?? asFault(error, 'reset'));
      });
    });
  }

  #wrap(clear: Socket, options: StartTlsOptions): TLSSocket {
    if (this.#side.kind === 'client') {
      const name = options.serverName;
      return tlsConnect({
        socket: clear,
        // RFC 6066 §3: a literal address is no server name.
        ...(name === undefined || parseAddress(name) !== undefined ? {} : { servername: name }),
        ...(name === undefined ? {} : { host: name }),
        // The verdict is asked for after the handshake: opportunistic TLS goes on without it.
        rejectUnauthorized: false,
        minVersion: options.onlyTls13 === true ? 'TLSv1.3' : minTlsVersion,
        ciphers: tlsCiphers,
        ...(options.alpn === undefined ? {} : { ALPNProtocols: [options.alpn] }),
      });
    }
    const { tls: context, alpn, askCertificate } = this.#side;
    if (context === undefined) throw new Error('this listener has no certificate');
    return new TLSSocket(clear, {
      ...context.serverOptions(askCertificate),
      ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
    });
  }

  #handshake(secure: TLSSocket): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new ConnectionFault('timeout', `no TLS handshake within ${seconds(handshakeMs)}`));
      }, handshakeMs);
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        secure.removeListener('secure', onSecure);
        secure.removeListener('close', onClose);
        action();
      };
      const onSecure = (): void => settle(resolve);
      const onClose = (): void =>
        settle(() => {
          reject(
            this.#fault ?? new ConnectionFault('tls', 'the peer closed in the middle of the TLS handshake'),
          );
          this.#closed.resolve();
        });
      secure.on('secure', onSecure);
      secure.on('close', onClose);
      // Stays: a late error after the first must not be without a listener.
      secure.on('error', (error) => settle(() => reject(asFault(error, 'tls'))));
    });
  }

  #fail(fault: ConnectionFault): void {
    if (this.#fault === undefined) {
      this.#fault = fault;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.reject(fault);
    }
    if (!this.#socket.destroyed) this.#socket.destroy();
  }
}

/** An error of the system or of OpenSSL as the fault that a handler sees; `otherwise` is the kind where no code tells more. */
export function asFault(error: unknown, otherwise: ConnectionFault['kind']): ConnectionFault {
  if (error instanceof ConnectionFault) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  // OpenSSL's codes come from the TLS socket alone.
  const sentence = tlsSentence(code);
  return sentence === undefined
    ? new ConnectionFault(kinds[code] ?? otherwise, cause.message, { cause })
    : new ConnectionFault('tls', sentence, { cause });
}

const kinds: Readonly<Record<string, ConnectionFault['kind']>> = {
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
};

/** The endpoint as we write addresses: an IPv4 peer of an IPv6 socket comes as IPv4. */
export function endpointOf(address: string | undefined, port: number | undefined): Endpoint {
  return { address: parseAddress(address ?? '') ?? '::', port: port ?? 0 };
}

function seconds(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 1000)} s` : `${ms} ms`;
}
