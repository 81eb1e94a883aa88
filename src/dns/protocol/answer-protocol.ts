// What an answer depends on beside the question and the zones: who asks, how, with which EDNS options, and how much of late. One for each
// thread, told of the client before each query; the answering path calls it where a query has options, or a limit is set.
//
//   protocol.tick()                                             // once a batch
//   protocol.from('udp', addresses, addressAt, addressLength)   // before each query
//   most = protocol.readOptions(query, at, end)                 // at = end: an OPT record without options, or none
//   … write header, question and sections, leaving `most` octets free …
//   end = protocol.writeOpt(out, outAt, end, limit, rcode, dnssecOk)
//   if (protocol.limited) switch (protocol.verdict(kind, about)) …
//
// A hot path: makes no object.
import type { AddressBlocks } from '../../lib/address-blocks.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { DnsClient } from '../responder.ts';
import { parseIpv4, parseIpv6 } from '../wire/ip-address.ts';
import { EdnsAnswer } from './edns-answer.ts';
import type { EdnsSettings } from './edns-answer.ts';
import { RateLimiter, rateVerdict } from './rate-limiter.ts';
import type { RateLimiterSettings } from './rate-limiter.ts';
import { cookieState } from './server-cookies.ts';

/** Plain data, so that a worker can be given it. */
export interface ProtocolSettings extends EdnsSettings {
  /** What CHAOS TXT version.server tells; `undefined`: nothing. */
  readonly version?: string | undefined;
  readonly rateLimit?: RateLimiterSettings;
  /** Also those are limited whose address is no forgery: for a resolver, whose every answer may cost it and others much. */
  readonly limitAll?: boolean;
}

const noLimit: RateLimiterSettings = { perSecond: 0, slip: 0, exempt: [] };

export class AnswerProtocol {
  readonly settings: ProtocolSettings;
  readonly #edns: EdnsAnswer;
  readonly #limiter: RateLimiter;
  #transport: DnsClient['transport'] = 'udp';
  #addresses: Uint8Array = new Uint8Array(16);
  #addressAt = 0;
  #addressLength = 4;
  #lastAddress = '';
  #lastOctets: Uint8Array = this.#addresses;

  constructor(settings: ProtocolSettings, clock: Clock, random: Random) {
    this.settings = settings;
    this.#edns = new EdnsAnswer(settings, clock);
    this.#limiter = new RateLimiter(settings.rateLimit ?? noLimit, clock, random);
  }

  /** Takes the time for rate limiting: once for each batch of datagrams. */
  tick(): void {
    if (this.#limiter.active) this.#limiter.tick();
  }

  /** Whether the client's address is in one of the ranges. */
  isIn(ranges: AddressBlocks): boolean {
    return ranges.include(this.#addresses, this.#addressAt, this.#addressLength);
  }

  /** Whose query comes next; the address is 4 or 16 octets of `addresses`, which must stay as they are until its answer is made. */
  from(
    transport: DnsClient['transport'],
    addresses: Uint8Array,
    addressAt: number,
    addressLength: number,
  ): void {
    this.#transport = transport;
    this.#addresses = addresses;
    this.#addressAt = addressAt;
    this.#addressLength = addressLength;
  }

  /** As `from`, for a client whose address is text. */
  fromText(transport: DnsClient['transport'], address: string): void {
    // Mostly the same one again: a connection's.
    if (address !== this.#lastAddress) {
      this.#lastAddress = address;
      this.#lastOctets = parseIpv4(address) ?? parseIpv6(address) ?? new Uint8Array(4);
    }
    this.from(transport, this.#lastOctets, 0, this.#lastOctets.length);
  }

  get transport(): DnsClient['transport'] {
    return this.#transport;
  }

  /**
   * Reads the options that lie in `query` from `at` to `end`. Gives the most octets that the answer's OPT record takes, or -1
   * where the options are malformed (FORMERR). Must come before `writeOpt`, for a query without options too.
   */
  readOptions(query: Uint8Array, at: number, end: number): number {
    return this.#edns.read(
      query,
      at,
      end,
      this.#transport,
      this.#addresses,
      this.#addressAt,
      this.#addressLength,
    );
  }

  /** Says in the answer being made why, by a code of `extendedError`. After `readOptions`. */
  explain(code: number): void {
    this.#edns.explain(code);
  }

  /** As {@link EdnsAnswer.explainBy}. After `readOptions`. */
  explainBy(data: Uint8Array, at: number, length: number): void {
    this.#edns.explainBy(data, at, length);
  }

  /** As {@link EdnsAnswer.write}. */
  writeOpt(
    out: Uint8Array,
    from: number,
    at: number,
    limit: number,
    rcode: number,
    dnssecOk: boolean,
  ): number {
    return this.#edns.write(out, from, at, limit, rcode, dnssecOk);
  }

  /** Whether there is a limit at all. */
  get limits(): boolean {
    return this.#limiter.active;
  }

  /** Whether somebody else may have sent the query in the client's name. After `readOptions`. */
  get mayBeForged(): boolean {
    return this.#transport === 'udp' && this.#edns.cookie !== cookieState.right;
  }

  /** Whether answers to the client must be counted by `verdict`. Without EDNS in the query, `readOptions` must have been called all the same. */
  get limited(): boolean {
    if (!this.#limiter.active) return false;
    return this.mayBeForged || (this.settings.limitAll === true && this.#transport !== 'https');
  }

  /** Counts an answer, as {@link RateLimiter.check}. */
  verdict(kind: number, about: number): number {
    return this.limited
      ? this.#limiter.check(this.#addresses, this.#addressAt, this.#addressLength, kind, about)
      : rateVerdict.send;
  }

  /** Counts a question of the client's; whether it is over the limit. For transports that have a way of their own to say so. */
  isOverLimit(kind: number): boolean {
    const length = this.#addressLength;
    return this.#limiter.check(this.#addresses, this.#addressAt, length, kind, 0) !== rateVerdict.send;
  }

  /** Whether the query has a cookie that is one, ours or not. */
  get hasCookie(): boolean {
    return this.#edns.cookie !== cookieState.absent;
  }
}
