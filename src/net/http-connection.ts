// One TLS connection that speaks HTTP/2 (RFC 9113) or HTTP/1.1 (RFC 9112): gives its requests to a handler, and is held by no client longer
// than one that asks something needs it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performServerHandshake } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Endpoint } from '../lib/endpoint.ts';
import { http1Exchange, http2Exchange } from './http-exchange.ts';
import type { Exchange } from './http-exchange.ts';
import type { HttpHandler, HttpRequest } from './http-request.ts';

export interface HttpTimes {
  /** A connection without an open request is closed after so long: milliseconds. */
  readonly idleMs: number;
  /** A request must be whole after so long, and its answer taken so long after it was given: milliseconds. */
  readonly requestMs: number;
}

/** Requests of one connection at a time: RFC 9113 §6.5.2 recommends no less. */
const mostStreams = 100;
/** Octets of answers that a client may leave untaken before more of its requests are refused. */
const mostWaitingOctets = 131_072;
const lingerMs = 2_000;
/** Of a request's headers: the longest question there can be has some 400 octets in a path. */
export const mostHeaderOctets = 16_384;
export const mostHeaders = 64;

const http2Options = {
  maxHeaderListPairs: mostHeaders,
  maxSettings: 16,
  maxOutstandingPings: 4,
  // In MB, the least there is: what Node and nghttp2 hold for a connection.
  maxSessionMemory: 1,
  settings: {
    enablePush: false,
    maxConcurrentStreams: mostStreams,
    maxHeaderListSize: mostHeaderOctets,
    // What a client may send of a body before it is read.
    initialWindowSize: 16_384,
  },
} as const;

export class HttpConnection {
  readonly remote: Endpoint;
  readonly #socket: TLSSocket;
  readonly #handler: HttpHandler;
  readonly #times: HttpTimes;
  readonly #onError: (error: unknown) => void;
  #session: ServerHttp2Session | undefined;
  /** Requests that aren't answered to the end. */
  #open = 0;
  #waitingOctets = 0;
  /** When its last request was answered, or it began: by the monotonic clock. */
  lastUse: number = performance.now();
  #idleTimer: NodeJS.Timeout | undefined;
  #draining = false;

  /** `onError`: the handler threw. */
  constructor(
    socket: TLSSocket,
    remote: Endpoint,
    handler: HttpHandler,
    times: HttpTimes,
    onError: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.remote = remote;
    this.#handler = handler;
    this.#times = times;
    this.#onError = onError;
    socket.once('close', () => clearTimeout(this.#idleTimer));
    this.#watchIdle(times.idleMs);
  }

  get idle(): boolean {
    return this.#open === 0;
  }

  /** The client has agreed on HTTP/2. */
  serveHttp2(): void {
    // Node's TLS servers say so of their sockets after the handshake; a session waits for it, and would wait for ever.
    Object.assign(this.#socket, { secureConnecting: false });
    const session = performServerHandshake(this.#socket, http2Options);
    this.#session = session;
    session.on('error', () => this.#socket.destroy());
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      this.#begin(http2Exchange(stream, headers));
    });
  }

  /** One of its requests, where it speaks HTTP/1.1. */
  serveHttp1(request: IncomingMessage, response: ServerResponse): void {
    this.#begin(http1Exchange(request, response, this.#draining));
  }

  /** Takes no more requests, and closes once those it has are answered. */
  drain(): void {
    this.#draining = true;
    this.#session?.close();
    if (this.#open === 0) this.#socket.end();
  }

  #begin(exchange: Exchange): void {
    this.#open += 1;
    let timer: NodeJS.Timeout | undefined;
    const limitTime = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => exchange.abort(), this.#times.requestMs);
    };
    limitTime();
    let answered: number | undefined;
    exchange.onClose(() => {
      clearTimeout(timer);
      this.#open -= 1;
      this.#waitingOctets -= answered ?? 0;
      this.lastUse = performance.now();
      if (this.#draining && this.#open === 0) this.#socket.end();
    });
    const respond: HttpRequest['respond'] = (status, headers, body) => {
      if (answered !== undefined) return;
      answered = body.length;
      this.#waitingOctets += answered;
      limitTime();
      exchange.respond(status, headers, body);
    };
    if (this.#waitingOctets > mostWaitingOctets) {
      respond(503, {}, new Uint8Array(0));
      return;
    }
    try {
      this.#handler({
        remote: this.remote,
        method: exchange.method,
        target: exchange.target,
        header: (name) => exchange.header(name),
        readBody: (take) => {
          exchange.readBody((bytes) => {
            // From now on the answer takes the time, which is the handler's to limit.
            if (bytes === undefined && answered === undefined) clearTimeout(timer);
            take(bytes);
          });
        },
        respond,
      });
    } catch (error) {
      this.#onError(error);
      exchange.abort();
    }
  }

  #watchIdle(ms: number): void {
    const { idleMs } = this.#times;
    this.#idleTimer = setTimeout(() => {
      const left = this.#open > 0 ? idleMs : this.lastUse + idleMs - performance.now();
      if (left > 0) this.#watchIdle(left);
      else this.close();
    }, ms);
    this.#idleTimer.unref();
  }

  /** Where nothing is asked any more. */
  close(): void {
    this.#session?.close();
    this.#socket.end(() => this.#socket.destroy());
    // Whoever doesn't read what was sent last isn't waited for.
    setTimeout(() => this.#socket.destroy(), lingerMs).unref();
  }
}
