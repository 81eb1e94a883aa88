// The EDNS side of an answer (RFC 6891): reads the options of a query's OPT record, and writes the answer's OPT record with what
// they ask for: NSID (RFC 5001), a cookie (RFC 7873), TCP keepalive (RFC 7828), padding (RFC 7830), and why a query was refused (RFC 8914).
//
// A hot path: one for each thread, used query by query, and makes no object. A query without options costs a few stores:
//
//   most = edns.read(query, at, end, 'udp', addresses, addressAt, addressLength)   // the options' octets; at = end for none
//   … write the answer's sections, at most `limit - most` octets; or FORMERR where `most` is -1 …
//   end = edns.write(out, from, at, limit, rcode, dnssecOk)
import type { Clock } from '../../lib/clock.ts';
import { utf8ToBytes } from '../../lib/bytes.ts';
import type { DnsClient } from '../responder.ts';
import { ednsOption } from '../wire/edns-option.ts';
import { rrType } from '../wire/rr-type.ts';
import { cookieState, ServerCookies, wholeCookieLength } from './server-cookies.ts';

export interface EdnsSettings {
  /** The largest UDP message that we take and send: octets. */
  readonly udpSize: number;
  /** What NSID tells, at most {@link longestIdentity} octets of it; `undefined`: nothing. */
  readonly identity?: string | undefined;
  /** 16 octets each, the first makes cookies; empty: cookies are an unknown option. */
  readonly cookieSecrets?: readonly Uint8Array[];
  /** How long a connection may be idle, told by TCP keepalive: seconds; default 10. */
  readonly idleSeconds?: number;
}

/** An OPT record without options (RFC 6891 §6.1.2). */
export const optLength = 11;
/** So that header, question and OPT record always fit 512 octets. */
const longestIdentity = 128;
/** Octets that the padded answers of a server come in (RFC 8467 §4.1). */
const paddingBlock = 468;
const optionHeader = 4;

export class EdnsAnswer {
  readonly #udpSize: number;
  readonly #identity: Uint8Array | undefined;
  readonly #cookies: ServerCookies | undefined;
  /** In units of 100 ms (RFC 7828 §3.1). */
  readonly #keepalive: number;
  #wantsIdentity = false;
  #wantsKeepalive = false;
  #wantsPadding = false;
  #cookie: number = cookieState.absent;
  #extendedError = -1;
  /** The data of the extended error, where it has a text: so many octets of `#error`. */
  #error: Uint8Array = new Uint8Array(0);
  #errorAt = 0;
  #errorLength = 0;

  /** `clock` tells the time of cookies. */
  constructor(settings: EdnsSettings, clock: Clock) {
    const { udpSize, identity, cookieSecrets = [], idleSeconds = 10 } = settings;
    this.#udpSize = udpSize;
    this.#identity = identity === undefined ? undefined : utf8ToBytes(identity).subarray(0, longestIdentity);
    this.#cookies = cookieSecrets.length === 0 ? undefined : new ServerCookies(cookieSecrets, clock);
    this.#keepalive = Math.min(0xffff, Math.max(0, Math.round(idleSeconds * 10)));
  }

  /** What the last query's cookie came to: a {@link cookieState}. */
  get cookie(): number {
    return this.#cookie;
  }

  /** Says in the answer being made why, by a code of `extendedError` (RFC 8914 §4). Until the next `read`. */
  explain(code: number): void {
    this.#extendedError = code;
  }

  /** As `explain`, by an extended error's data (RFC 8914 §2), `length` octets of `data` from `at` on, which must stay as they are; 0: says nothing. */
  explainBy(data: Uint8Array, at: number, length: number): void {
    this.#error = data;
    this.#errorAt = at;
    this.#errorLength = length;
  }

  /**
   * Reads the options that lie in `query` from `at` to `end`, of a client whose address is 4 or 16 octets of `addresses`. Unknown ones are
   * ignored (RFC 6891 §6.1.2). Gives the most octets that the answer's OPT record takes, or -1 where the options are malformed.
   */
  read(
    query: Uint8Array,
    at: number,
    end: number,
    transport: DnsClient['transport'],
    addresses: Uint8Array,
    addressAt: number,
    addressLength: number,
  ): number {
    this.#wantsIdentity = false;
    this.#wantsKeepalive = false;
    this.#wantsPadding = false;
    this.#cookie = cookieState.absent;
    this.#extendedError = -1;
    this.#errorLength = 0;
    if (at === end) return optLength;
    let most = optLength;
    while (at + optionHeader <= end) {
      const code = u16(query, at);
      const length = u16(query, at + 2);
      at += optionHeader;
      if (at + length > end) return -1;
      switch (code) {
        case ednsOption.NSID:
          if (this.#identity === undefined || this.#wantsIdentity) break;
          this.#wantsIdentity = true;
          most += optionHeader + this.#identity.length;
          break;
        case ednsOption.COOKIE:
          // RFC 7873 §5.2: only the first counts.
          if (this.#cookies === undefined || this.#cookie !== cookieState.absent) break;
          this.#cookie = this.#cookies.read(query, at, length, addresses, addressAt, addressLength);
          if (this.#cookie < 0) {
            this.#cookie = cookieState.absent;
            return -1;
          }
          most += optionHeader + wholeCookieLength;
          break;
        case ednsOption.KEEPALIVE:
          // RFC 7828 §3.2.1: meaningless over UDP; a client gives no time.
          // HTTP has its own ways to keep a connection.
          if (transport === 'udp' || transport === 'https') break;
          if (length !== 0) return -1;
          if (this.#wantsKeepalive) break;
          this.#wantsKeepalive = true;
          most += optionHeader + 2;
          break;
        case ednsOption.PADDING:
          // RFC 7830 §6: padding what is sent in clear hides nothing, and would amplify.
          this.#wantsPadding = transport === 'tls' || transport === 'https';
          break;
        default:
          break;
      }
      at += length;
    }
    return at === end ? most : -1;
  }

  /**
   * Writes the OPT record at `at` of `out`, to the message that starts at `from` and may have `limit` octets; gives where it ends. The caller
   * counts it in ARCOUNT, and puts the lower four bits of `rcode` into the header. There is room where the caller kept free what `read` said.
   */
  write(out: Uint8Array, from: number, at: number, limit: number, rcode: number, dnssecOk: boolean): number {
    const end = from + limit;
    out[at] = 0;
    put16(out, at + 1, rrType.OPT);
    put16(out, at + 3, this.#udpSize);
    out[at + 5] = rcode >>> 4;
    // RFC 6891 §6.1.3: our version is 0. DO as it came (RFC 3225 §3), unknown flags are not repeated (RFC 6891 §6.1.4).
    out[at + 6] = 0;
    out[at + 7] = dnssecOk ? 0x80 : 0;
    out[at + 8] = 0;
    const data = at + optLength;
    let next = data;
    if (this.#cookie !== cookieState.absent && this.#cookies !== undefined) {
      next = putHeader(out, next, ednsOption.COOKIE, wholeCookieLength);
      this.#cookies.write(out, next);
      next += wholeCookieLength;
    }
    if (this.#wantsIdentity && this.#identity !== undefined) {
      next = putHeader(out, next, ednsOption.NSID, this.#identity.length);
      out.set(this.#identity, next);
      next += this.#identity.length;
    }
    if (this.#wantsKeepalive) {
      next = putHeader(out, next, ednsOption.KEEPALIVE, 2);
      put16(out, next, this.#keepalive);
      next += 2;
    }
    if (this.#extendedError >= 0 && next + optionHeader + 2 <= end) {
      next = putHeader(out, next, ednsOption.EDE, 2);
      put16(out, next, this.#extendedError);
      next += 2;
    }
    if (this.#errorLength > 0 && next + optionHeader + this.#errorLength <= end) {
      next = putHeader(out, next, ednsOption.EDE, this.#errorLength);
      for (let i = 0; i < this.#errorLength; i++) out[next + i] = this.#error[this.#errorAt + i] ?? 0;
      next += this.#errorLength;
    }
    // RFC 7830 §3: the last option, so that all the others are counted.
    if (this.#wantsPadding && next + optionHeader <= end) {
      const octets = next + optionHeader - from;
      const padded = Math.min(limit, Math.ceil(octets / paddingBlock) * paddingBlock);
      next = putHeader(out, next, ednsOption.PADDING, padded - octets);
      out.fill(0, next, next + padded - octets);
      next += padded - octets;
    }
    put16(out, at + 9, next - data);
    return next;
  }
}

function putHeader(out: Uint8Array, at: number, code: number, length: number): number {
  put16(out, at, code);
  put16(out, at + 2, length);
  return at + optionHeader;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
