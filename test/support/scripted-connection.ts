// A connection whose far side is the test itself: what the server sends is kept, and the test knows when the server waits.
import type { Endpoint } from '../../src/lib/endpoint.ts';
import { concatBytes } from '../../src/lib/bytes.ts';
import { ConnectionFault } from '../../src/lib/transport.ts';
import type { Connection, TlsInfo } from '../../src/lib/transport.ts';

const tlsInfo: TlsInfo = { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };

interface Reader {
  resolve(bytes: Uint8Array | undefined): void;
  reject(fault: ConnectionFault): void;
}

export class ScriptedConnection implements Connection {
  readonly local: Endpoint = { address: '192.0.2.1', port: 110 };
  readonly remote: Endpoint;
  tls: TlsInfo | undefined;
  /** How often `startTls` was called. */
  handshakes = 0;
  closed = false;
  /** How long the server waits at most by its last read. */
  waitMs = 0;
  #incoming: Uint8Array[] = [];
  #ended = false;
  #reader: Reader | undefined;
  #sent: Uint8Array[] = [];
  #sentOctets = 0;
  #onIdle: (() => void)[] = [];
  readonly #room: number;

  /** `room`: octets that may be sent in all; then the peer "stalls" and writes fail as by a time-out. */
  constructor(remoteAddress: string, tls: boolean, room: number = Number.POSITIVE_INFINITY) {
    this.remote = { address: remoteAddress, port: 40_000 };
    this.tls = tls ? tlsInfo : undefined;
    this.#room = room;
  }

  /** The client sends. */
  feed(bytes: Uint8Array): void {
    if (this.#reader === undefined) this.#incoming.push(bytes);
    else this.#take()?.resolve(bytes);
  }

  /** The client closes its side. */
  feedEnd(): void {
    this.#ended = true;
    this.#take()?.resolve(undefined);
  }

  /** The client is gone, or was silent for too long. */
  fail(kind: ConnectionFault['kind']): void {
    this.#take()?.reject(new ConnectionFault(kind, kind));
  }

  /** Resolves when the server has read everything and waits for more, or has closed. */
  idle(): Promise<void> {
    if (this.closed || (this.#reader !== undefined && this.#incoming.length === 0)) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** All that the server has sent since the last call. */
  takeSent(): Uint8Array {
    const sent = concatBytes(this.#sent);
    this.#sent = [];
    return sent;
  }

  read(idleMs: number): Promise<Uint8Array | undefined> {
    this.waitMs = idleMs;
    if (this.#reader !== undefined) throw new Error('two reads at a time');
    const chunk = this.#incoming.shift();
    if (chunk !== undefined || this.#ended) return Promise.resolve(chunk);
    const reading = new Promise<Uint8Array | undefined>((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
    this.#tellIdle();
    return reading;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.closed) return Promise.reject(new ConnectionFault('aborted', 'closed'));
    this.#sentOctets += bytes.length;
    if (this.#sentOctets > this.#room) return Promise.reject(new ConnectionFault('timeout', 'stalled'));
    this.#sent.push(bytes.slice());
    return Promise.resolve();
  }

  startTls(): Promise<TlsInfo> {
    this.#incoming = [];
    this.handshakes++;
    this.tls = tlsInfo;
    return Promise.resolve(tlsInfo);
  }

  end(): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  destroy(): void {
    this.closed = true;
    this.#take()?.reject(new ConnectionFault('aborted', 'closed'));
    this.#tellIdle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  #take(): Reader | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }

  #tellIdle(): void {
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}
