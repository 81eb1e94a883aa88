// DNS over HTTPS (RFC 8484): what is asked in a request is asked of the responder, and its answer goes into the response, with the time
// that caches on the way may keep it.
import { systemClock } from '../../lib/clock.ts';
import type { Clock } from '../../lib/clock.ts';
import { utf8ToBytes } from '../../lib/bytes.ts';
import type { HttpHandler, HttpRequest } from '../../net/http-request.ts';
import type { DnsResponder } from '../responder.ts';
import { dnsMessageType, DohRequestDecoder } from './doh-request.ts';
import type { DohVerdict } from './doh-request.ts';
import { freshnessOf } from './freshness.ts';

export interface DohOptions {
  /** Sites whose scripts may ask (CORS), like `https://app.example`; `*` for all. Browsers themselves need no leave. */
  readonly allowOrigins?: readonly string[];
  /** Whether a client's questions are over its limit: then it is told to wait. */
  readonly overLimit?: (address: string) => boolean;
  /** A query that the responder hasn't answered after so long gets no other answer than that: default 20,000 ms. */
  readonly answerMs?: number;
  readonly clock?: Clock;
}

export function dohHandler(responder: DnsResponder, options: DohOptions = {}): HttpHandler {
  const handler = new DohHandler(responder, options);
  return (request) => handler.take(request);
}

class DohHandler {
  readonly #responder: DnsResponder;
  readonly #origins: ReadonlySet<string>;
  readonly #overLimit: (address: string) => boolean;
  readonly #answerMs: number;
  readonly #clock: Clock;

  constructor(responder: DnsResponder, options: DohOptions) {
    this.#responder = responder;
    this.#origins = new Set(options.allowOrigins);
    this.#overLimit = options.overLimit ?? ((): boolean => false);
    this.#answerMs = options.answerMs ?? 20_000;
    this.#clock = options.clock ?? systemClock;
  }

  take(request: HttpRequest): void {
    const { method, target } = request;
    const decoder = new DohRequestDecoder({
      method,
      target,
      contentType: request.header('content-type'),
      contentLength: request.header('content-length'),
    });
    let { verdict } = decoder;
    if (verdict !== undefined) {
      this.#settle(request, verdict);
      return;
    }
    request.readBody((bytes) => {
      if (verdict !== undefined) return;
      verdict = bytes === undefined ? decoder.end() : decoder.push(bytes);
      if (verdict !== undefined) this.#settle(request, verdict);
    });
  }

  #settle(request: HttpRequest, verdict: DohVerdict): void {
    switch (verdict.kind) {
      case 'query':
        this.#ask(request, verdict.query);
        return;
      case 'preflight':
        request.respond(204, { ...this.#corsOf(request), ...preflightHeaders }, new Uint8Array(0));
        return;
      case 'refused': {
        const allow = verdict.status === 405 ? { allow: allowed } : undefined;
        this.#say(request, verdict.status, verdict.text, allow);
      }
    }
  }

  #ask(request: HttpRequest, query: Uint8Array): void {
    if (this.#overLimit(request.remote.address)) {
      this.#say(request, 429, 'Too many queries come from your network; wait a second.', {
        'retry-after': '1',
      });
      return;
    }
    const timer = this.#clock.after(this.#answerMs, () => {
      this.#say(request, 504, 'There was no answer to this query in time.');
    });
    this.#responder.respond(query, { from: request.remote, transport: 'https' }, (response) => {
      timer.cancel();
      if (!(response instanceof Uint8Array)) {
        // Only zone transfers have several messages, and no responder that is asked by HTTPS makes them.
        throw new Error('an answer of several messages over HTTPS');
      }
      const headers = {
        ...this.#corsOf(request),
        'content-type': dnsMessageType,
        // RFC 8484 §5.1
        'cache-control': `max-age=${freshnessOf(response)}`,
      };
      request.respond(200, headers, response);
    });
  }

  #say(request: HttpRequest, status: number, text: string, headers?: Readonly<Record<string, string>>): void {
    const plain = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
    request.respond(status, { ...this.#corsOf(request), ...plain, ...headers }, utf8ToBytes(`${text}\n`));
  }

  #corsOf(request: HttpRequest): Readonly<Record<string, string>> {
    if (this.#origins.size === 0) return {};
    if (this.#origins.has('*')) return { 'access-control-allow-origin': '*' };
    const origin = request.header('origin');
    return origin !== undefined && this.#origins.has(origin)
      ? { 'access-control-allow-origin': origin, vary: 'origin' }
      : { vary: 'origin' };
  }
}

const allowed = 'GET, POST, OPTIONS';

/** A query's content type is none that scripts may send unasked. */
const preflightHeaders = {
  allow: allowed,
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'content-type',
  'access-control-max-age': '86400',
};
