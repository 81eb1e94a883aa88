// Sockets as the floors above `net` see them: a connection that is read by pulling (so that a slow reader
// slows its peer, and memory stays bounded), datagrams, and the network that makes both. `net` implements them;
// tests hand in their own.
import type { Endpoint } from './endpoint.ts';

export interface TlsInfo {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** The IANA or OpenSSL name: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /** The name asked for by the client (SNI), where it gave one. */
  readonly serverName?: string;
  /** Client side only: whether the peer's certificate was verified for the name, and if not, why. */
  readonly verified?: boolean;
  readonly verifyError?: string;
  /** Server side only: what ties a login to this very connection; `undefined` where the connection has no such value. */
  readonly channelBinding?: (type: ChannelBindingType) => Uint8Array | undefined;
  /** Server side only: the certificate that the client showed, where it was asked for one. */
  readonly clientCertificate?: ClientCertificate;
}

/** RFC 9266 and RFC 5929 §4. */
export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point';

export interface ClientCertificate {
  /** SHA-256 over the certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The mail addresses of its subjectAltName (rfc822Name), as they stand there. */
  readonly addresses: readonly string[];
  /** Whether its chain leads to an authority that the config names, today. */
  readonly trusted: boolean;
}

export interface Connection extends AsyncDisposable {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Set once TLS is established. */
  readonly tls: TlsInfo | undefined;
  /**
   * The next bytes, or `undefined` at the peer's end of stream.
   * Throws `ConnectionFault` on timeout (`idleMs` without a byte; `Infinity`: never), reset, or abort. One read at a time.
   */
  read(idleMs: number): Promise<Uint8Array | undefined>;
  /** Resolves once the bytes are with the system and its buffer has room again; throws `ConnectionFault`. */
  write(bytes: Uint8Array, idleMs?: number): Promise<void>;
  /** Server or client handshake on the same socket. Bytes received in clear and not yet read are dropped. */
  startTls(options?: StartTlsOptions): Promise<TlsInfo>;
  /** Sends what is written, closes our side, and waits shortly for the peer. Never throws. */
  end(): Promise<void>;
  /** Closes at once. Never throws. */
  destroy(): void;
}

export interface StartTlsOptions {
  /** Client side: the name for SNI and verification. */
  readonly serverName?: string;
  /** Client side: `false` accepts any certificate (opportunistic TLS) and reports the verdict in `TlsInfo`. */
  readonly requireVerified?: boolean;
  /** Client side: the protocol offered by ALPN, `dot` for DNS (RFC 7858 §3.1); servers that don't know ALPN are taken all the same. */
  readonly alpn?: string;
  /** Client side: TLS 1.2 is not enough (RFC 9103 §7.1). */
  readonly onlyTls13?: boolean;
}

export class ConnectionFault extends Error {
  /** `proxy`: a proxy of ours doesn't say whose connection it is. */
  readonly kind: 'timeout' | 'reset' | 'refused' | 'unreachable' | 'tls' | 'aborted' | 'proxy';
  constructor(kind: ConnectionFault['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionFault';
    this.kind = kind;
  }
}

export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** TLS at once (RFC 8314 §3). */
  readonly tls?: StartTlsOptions;
}

/** Sends datagrams to one server from a port of its own, and hears only that server. */
export interface DatagramFlow extends Disposable {
  send(bytes: Uint8Array): void;
}

/** Outgoing traffic. The address map of the config (`network.map`) is applied inside. */
export interface Network {
  connect(to: Endpoint, options: ConnectOptions): Promise<Connection>;
  /**
   * Opens a socket on a random port, connected to `to`. `onDatagram` gets what `to` sends, `onError` what the system says
   * (port unreachable); neither is called after disposal.
   */
  openFlow(
    to: Endpoint,
    onDatagram: (bytes: Uint8Array) => void,
    onError: (error: Error) => void,
  ): DatagramFlow;
  /** The sockaddr that `to` is really at, for who opens sockets by the system's own calls; absent where there are none of these. */
  socketName?(to: Endpoint): Uint8Array;
}

/** What a listener does with each connection it accepts; the listener closes the connection when it returns or throws. */
export type ConnectionHandler = (connection: Connection, signal: AbortSignal) => Promise<void>;

/**
 * What a listener does with each datagram. `bytes` is only valid during the call. Replies by calling `reply`, now or later,
 * once or never; the reply leaves from the address that was asked.
 */
export type DatagramHandler = (bytes: Uint8Array, from: Endpoint, reply: (bytes: Uint8Array) => void) => void;
