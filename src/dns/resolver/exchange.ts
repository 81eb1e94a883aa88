// One question to one server and what came of it. Everything that makes a forged answer unlikely to be taken is checked here (RFC 5452
// §9.1): id, question with its random case ("0x20"), cookies (RFC 7873), and how many wrong answers came; the port is the upstream's. Equal
// questions to one server in flight are asked once, so that guessing is not helped by asking often (RFC 5452 §5).
import { equalBytes } from '../../lib/bytes.ts';
import type { Clock } from '../../lib/clock.ts';
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { Random } from '../../lib/random.ts';
import { unreachable } from '../../lib/result.ts';
import { opcode, rcode, rrClass } from '../wire/codes.ts';
import { ednsOption } from '../wire/edns-option.ts';
import { decodeMessage, headerLength } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { DomainName } from '../wire/name.ts';
import { Counts } from './counts.ts';
import type { Sought } from './engine.ts';
import { mixCase } from './mix-case.ts';
import { formatServer } from './server-address.ts';
import { cookieOption, readCookie } from './upstream-cookie.ts';
import type { CookieReading, UpstreamCookie } from './upstream-cookie.ts';
import type { UpstreamFigures } from './upstream-figures.ts';
import { mostWrongReplies, upstreamUdpSize } from './upstream.ts';
import type { Upstream, UpstreamEvent, UpstreamTransport } from './upstream.ts';

/** Octets. */
const paddedBlock = 128;

const mostRemembered = 512;
/** Whoever it was asked for comes right behind it. */
const rememberedMs = 1000;

export interface ExchangeRequest {
  readonly to: Endpoint;
  readonly transport: UpstreamTransport;
  /** For TLS: what the server's certificate must be valid for. */
  readonly certificateName?: string | undefined;
  readonly name: DomainName;
  readonly type: number;
  readonly edns: boolean;
  /** DO (RFC 3225); only with `edns`. */
  readonly dnssecOk: boolean;
  /** RD: for questions to another resolver. */
  readonly recursionDesired: boolean;
  /** CD: a resolver is to leave it to us what is bogus (RFC 6840 §5.9). */
  readonly checkingDisabled?: boolean;
  readonly mixCase: boolean;
  /** Only with `edns`. */
  readonly cookie?: UpstreamCookie | undefined;
  readonly timeoutMs: number;
}

export type ExchangeOutcome =
  | {
      readonly kind: 'reply';
      readonly message: Message;
      /** Of the server, where it sent one. */
      readonly serverCookie?: Uint8Array | undefined;
      readonly ms: number;
    }
  /** The right id and question, but not in the case that it was asked in: a server that loses case, or a forger. */
  | { readonly kind: 'case-lost'; readonly message: Message; readonly ms: number }
  /** It came by UDP without a cookie, from a server that sends them: it has ceased to, or it is a forger. */
  | { readonly kind: 'cookie-lost'; readonly ms: number }
  | { readonly kind: 'timeout'; readonly ms: number }
  | { readonly kind: 'forged'; readonly ms: number }
  | { readonly kind: 'malformed'; readonly reason: string; readonly ms: number }
  | {
      readonly kind: 'unreachable';
      readonly scope: 'server' | 'family';
      readonly reason: string;
      readonly ms: number;
    };

/** A reply that somebody else has brought: the query as it was sent, and how long it took. */
export interface BroughtReply {
  readonly query: Uint8Array;
  readonly reply: Uint8Array;
  readonly ms: number;
}

interface Remembered extends BroughtReply {
  readonly address: string;
  /** By the monotonic clock. */
  readonly until: number;
}

/** `joined`: the question was under way already, and whoever asked it first notes what it says of the server. */
export type ExchangeListener = (outcome: ExchangeOutcome, joined: boolean) => void;

export class Exchanges {
  readonly #upstream: Upstream;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #figures: UpstreamFigures | undefined;
  readonly #inFlight = new Map<string, ExchangeListener[]>();
  readonly #perServer = new Counts();
  readonly #texts = new WeakMap<Endpoint, string>();
  /** By question: they wait for whoever asks it next, not for long. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: {
    readonly upstream: Upstream;
    readonly clock: Clock;
    readonly random: Random;
    /** Counts what came of each question. */
    readonly figures?: UpstreamFigures;
  }) {
    this.#upstream = options.upstream;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#figures = options.figures;
  }

  /** Questions that wait for this server's answer. */
  inFlight(server: Endpoint): number {
    return this.#perServer.of(this.#textOf(server));
  }

  /** Keeps what was asked of that server, and replied, for the next who asks the same: it is judged then, as if it had come just now. */
  remember({ name, type }: Sought, address: string, brought: BroughtReply): void {
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
    const until = this.#clock.monotonic() + rememberedMs;
    this.#remembered.set(`${name.key} ${type}`, { ...brought, address, until });
  }

  /** The server, by its address, whose reply to the question is there already. */
  brought({ name, type }: Sought): string | undefined {
    if (this.#remembered.size === 0) return undefined;
    return this.#remembered.get(`${name.key} ${type}`)?.address;
  }

  /** Asks, and calls `done` exactly once, maybe at once. */
  ask(request: ExchangeRequest, done: ExchangeListener): void {
    const { to, transport, certificateName = '', name, type } = request;
    const server = this.#textOf(to);
    const key = `${name.key} ${type} ${wayOf(request)} ${transport} ${server} ${certificateName}`;
    const waiting = this.#inFlight.get(key);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    const known = this.#remembered.size === 0 ? undefined : this.#broughtFor(request, server);
    if (known !== undefined) {
      this.#figures?.note(server, transport, known);
      done(known, false);
      return;
    }
    const all = [done];
    this.#inFlight.set(key, all);
    this.#perServer.add(server, 1);
    this.#start(request, (outcome) => {
      this.#inFlight.delete(key);
      this.#perServer.add(server, -1);
      this.#figures?.note(server, transport, outcome);
      for (const each of all) each(outcome, each !== done);
    });
  }

  #broughtFor(
    { transport, name, type, edns, cookie }: ExchangeRequest,
    server: string,
  ): ExchangeOutcome | undefined {
    const question = `${name.key} ${type}`;
    const brought = this.#remembered.get(question);
    if (transport !== 'udp' || brought === undefined || formatServer(brought.address) !== server)
      return undefined;
    this.#remembered.delete(question);
    if (brought.until <= this.#clock.monotonic()) return undefined;
    // It was asked with EDNS, and may mean just that.
    if (!edns) return undefined;
    const { query, reply, ms } = brought;
    const id = ((query[0] ?? 0) << 8) | (query[1] ?? 0);
    const sent = DomainName.unchecked(query.slice(headerLength, headerLength + name.wire.length));
    return judge(reply, { id, name: sent, plain: name, type, cookie }, ms);
  }

  /** Of one object, made once. */
  #textOf(server: Endpoint): string {
    let text = this.#texts.get(server);
    if (text === undefined) {
      text = formatEndpoint(server);
      this.#texts.set(server, text);
    }
    return text;
  }

  #start(request: ExchangeRequest, done: (outcome: ExchangeOutcome) => void): void {
    const name = request.mixCase ? mixCase(request.name, this.#random) : request.name;
    // RFC 5452 §9.2: the whole range of ids, from an unpredictable source.
    const id = this.#random.below(0x1_0000);
    const bytes = encodeMessage(padded(queryOf(request, name, id), request.transport));
    const began = this.#clock.monotonic();
    let wrong = 0;
    let poor: ExchangeOutcome | undefined;
    let ended = false;
    let stop: (() => void) | undefined;
    const end = (outcome: ExchangeOutcome): void => {
      if (ended) return;
      ended = true;
      timer.cancel();
      stop?.();
      done(outcome);
    };
    const timer = this.#clock.after(request.timeoutMs, () => {
      end(poor ?? { kind: 'timeout', ms: this.#clock.monotonic() - began });
    });
    const hear = (event: UpstreamEvent): void => {
      if (ended) return;
      const ms = this.#clock.monotonic() - began;
      if (event.kind === 'unreachable') {
        end({ ...event, ms });
        return;
      }
      const { type, cookie } = request;
      const outcome = judge(event.bytes, { id, name, plain: request.name, type, cookie }, ms);
      if (outcome !== undefined && (request.transport !== 'udp' || repeatsQuestion(outcome))) {
        end(outcome);
        return;
      }
      poor ??= outcome;
      // A connection is shared: what isn't ours is another question's.
      if (request.transport !== 'udp') return;
      wrong += 1;
      if (wrong >= mostWrongReplies) end({ kind: 'forged', ms });
    };
    const { to, transport, certificateName, timeoutMs } = request;
    stop = this.#upstream.ask({ to, transport, certificateName, bytes, timeoutMs }, hear);
    if (ended) stop();
  }
}

/** All that a question's flags and EDNS depend on, as one number. */
function wayOf(request: ExchangeRequest): number {
  const { edns, dnssecOk, mixCase: mixed, recursionDesired, checkingDisabled = false } = request;
  return (
    (edns ? 1 : 0) |
    (dnssecOk ? 2 : 0) |
    (mixed ? 4 : 0) |
    (recursionDesired ? 8 : 0) |
    (checkingDisabled ? 16 : 0)
  );
}

function queryOf(request: ExchangeRequest, name: DomainName, id: number): Message {
  return {
    id,
    response: false,
    opcode: opcode.QUERY,
    authoritative: false,
    truncated: false,
    recursionDesired: request.recursionDesired,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: request.checkingDisabled ?? false,
    rcode: rcode.NOERROR,
    questions: [{ name, type: request.type, class: rrClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: request.edns
      ? {
          udpSize: upstreamUdpSize,
          version: 0,
          dnssecOk: request.dnssecOk,
          options: request.cookie === undefined ? [] : [cookieOption(request.cookie)],
        }
      : undefined,
  };
}

/**
 * Whether it shows that its sender has read the question. What doesn't may come from somebody who guessed id and port alone: it must not end the wait
 * for the true answer ("TuDoor"), and counts only where nothing better comes.
 */
function repeatsQuestion(outcome: ExchangeOutcome): boolean {
  return outcome.kind !== 'malformed' && (outcome.kind !== 'reply' || outcome.message.questions.length > 0);
}

/** RFC 8467 §4.1: over TLS, questions come in whole blocks, so that their length tells nothing (RFC 7830). */
function padded(query: Message, transport: UpstreamTransport): Message {
  if (transport !== 'tls' || query.edns === undefined) return query;
  const withPadding = (octets: number): Message => ({
    ...query,
    edns: query.edns && {
      ...query.edns,
      options: [...query.edns.options, { code: ednsOption.PADDING, bytes: new Uint8Array(octets) }],
    },
  });
  const { length } = encodeMessage(withPadding(0));
  return withPadding((paddedBlock - (length % paddedBlock)) % paddedBlock);
}

/** What a message says about the question, or `undefined` when it isn't an answer to it: it is ignored, and the wait goes on. */
function judge(
  bytes: Uint8Array,
  asked: {
    readonly id: number;
    /** As it was sent. */
    readonly name: DomainName;
    /** As it was before its case was mixed. */
    readonly plain: DomainName;
    readonly type: number;
    readonly cookie: UpstreamCookie | undefined;
  },
  ms: number,
): ExchangeOutcome | undefined {
  // The id before anything else: what was not sent by the server we asked isn't worth decoding.
  if (bytes.length < headerLength || (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) !== asked.id)
    return undefined;
  const { name, plain } = asked;
  const keptCase =
    name === plain || equalBytes(bytes.subarray(headerLength, headerLength + name.wire.length), name.wire);
  const decoded = decodeMessage(keptCase && name !== plain ? inPlainCase(bytes, plain) : bytes);
  if (!decoded.ok) {
    if (decoded.fault.header?.response !== true) return undefined;
    return { kind: 'malformed', reason: decoded.fault.reason, ms };
  }
  const message = decoded.value;
  if (!message.response || message.opcode !== opcode.QUERY) return undefined;
  const [question, ...more] = message.questions;
  if (question === undefined) {
    // A server that can't read the question can't repeat it.
    const repeatsNothing =
      message.rcode === rcode.FORMERR || message.rcode === rcode.NOTIMP || message.rcode === rcode.SERVFAIL;
    return repeatsNothing ? { kind: 'reply', message, ms } : undefined;
  }
  if (more.length > 0 || question.type !== asked.type || question.class !== rrClass.IN) return undefined;
  if (!question.name.equals(asked.name)) return undefined;
  if (!keptCase) return { kind: 'case-lost', message, ms };
  const reading: CookieReading =
    asked.cookie === undefined ? { kind: 'none' } : readCookie(message.edns, asked.cookie);
  switch (reading.kind) {
    case 'foreign':
      return undefined;
    case 'lost':
      return { kind: 'cookie-lost', ms };
    case 'none':
      return { kind: 'reply', message, ms };
    case 'cookie':
      return { kind: 'reply', message, serverCookie: reading.server, ms };
    default:
      return unreachable(reading);
  }
}

/**
 * The message with the question's name in plain case again: names in the answer that point to it come out as they were asked for, not in
 * our random case.
 */
function inPlainCase(bytes: Uint8Array, plain: DomainName): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy.set(plain.wire, headerLength);
  return copy;
}
