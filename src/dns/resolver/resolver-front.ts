// The resolver as clients see it: reads a query, asks the cache and the resolver, and sends the answer with what the protocol adds to it
// (RFC 1035 §4.1, RFC 6891, RFC 7873).
import { AddressLimit } from '../../lib/address-limit.ts';
import { AddressBlocks } from '../../lib/address-blocks.ts';
import { concatBytes } from '../../lib/bytes.ts';
import type { Security } from '../dnssec/security.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import { answerKind } from '../protocol/rate-limiter.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { decodeMessage, hasQueryCounts, headerLength } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import { maxMessageLength } from '../wire/writer.ts';
import type { Message, Question } from '../wire/message.ts';
import type { EdnsOption } from '../wire/rdata/opt.ts';
import {
  answerOf,
  bodyOf,
  emptyResponse,
  errorData,
  noAnswer,
  refusal,
  securityOf,
} from './client-answer.ts';
import type { ClientAnswer } from './client-answer.ts';
import { judge, malformed } from './client-question.ts';
import type { Outcome } from './engine.ts';
import type { StepObserver } from './journal.ts';
import { notKept, PacketAnswers, plainUdpSize } from './packet-answers.ts';
import type { PacketCache } from './packet-cache.ts';
import type { Resolver } from './resolver.ts';

/** What fits into UDP without fragments (RFC 9715). */
export const largestUdp = 1232;

export interface ResolverFrontOptions {
  readonly resolver: Resolver;
  /** CIDR blocks of those who may use the resolver. Throws where one is none: the config has checked them. */
  readonly allow: readonly string[];
  /** What answers depend on beside their question: cookies, rate limits. Without them, unless given. */
  readonly protocol?: AnswerProtocol;
  /** Client queries that may wait for an answer at one time; more get SERVFAIL. Three quarters of the resolver's bound, unless given. */
  readonly pending?: number;
  /** Of these, how many of one client: an IPv4 address, or an IPv6 /64. All of them, unless given. */
  readonly pendingPerClient?: number;
  /** Keeps whole answers, for the datagram threads, too, and for as long as the resolver knows them; without it nothing is kept. */
  readonly packets?: PacketCache;
  /** Called for each client query that is resolved, also from the cache; what it returns gets the query's steps. */
  readonly watch?: () => StepObserver;
  /** Told of each question of a client that may ask, once it is answered; then nothing is answered from the packets, which know too little. */
  readonly onAnswered?: (answered: AnsweredQuestion) => void;
}

/** What became of a client's question. */
export interface AnsweredQuestion {
  readonly client: DnsClient;
  readonly question: Question;
  /** `undefined`: it gets no answer, as the operator wants it. */
  readonly rcode: number | undefined;
  readonly ms: number;
  /** The answer was there at once: nobody else was asked. */
  readonly atOnce: boolean;
  /** `undefined` where it is our own word, not that of a zone. */
  readonly security: Security | undefined;
  readonly error: { readonly code: number; readonly text: string } | undefined;
}

/** Whether the front must see every question itself, and none may be answered from the packets. */
export function needsFront(options: Pick<ResolverFrontOptions, 'watch' | 'onAnswered'>): boolean {
  // Whoever watches the journeys wants to see those of the cache, too.
  return options.watch !== undefined || options.onAnswered !== undefined;
}

/** Where responses are put together, one at a time. */
const response = new Uint8Array(maxMessageLength);

export class ResolverFront implements DnsResponder {
  readonly #resolver: Resolver;
  readonly #protocol: AnswerProtocol;
  readonly #mostPending: number;
  readonly #clients: AddressLimit;
  readonly #watch: (() => StepObserver) | undefined;
  readonly #onAnswered: ((answered: AnsweredQuestion) => void) | undefined;
  readonly #packets: PacketCache | undefined;
  readonly #quick: PacketAnswers;
  #pending = 0;
  /** Whose query comes next by `respond`, as `answerInto` has no answer to it. */
  #passedOn: DnsClient | undefined;

  constructor(options: ResolverFrontOptions) {
    const { resolver } = options;
    const { clock, random, limits } = resolver;
    this.#resolver = resolver;
    this.#protocol = options.protocol ?? new AnswerProtocol({ udpSize: largestUdp }, clock, random);
    // A quarter of what the resolver can have at hand is left for our own mail, whatever clients do.
    this.#mostPending = options.pending ?? Math.floor(limits.inFlight * 0.75);
    this.#clients = new AddressLimit({
      total: Number.POSITIVE_INFINITY,
      perAddress: options.pendingPerClient ?? Number.POSITIVE_INFINITY,
    });
    this.#watch = options.watch;
    this.#onAnswered = options.onAnswered;
    this.#packets = options.packets;
    this.#quick = new PacketAnswers({
      memory: needsFront(options) ? undefined : options.packets?.memory,
      protocol: this.#protocol,
      access: new AddressBlocks(options.allow),
      now: () => clock.monotonic(),
    });
  }

  /**
   * Counts a question that comes by HTTPS; whether it is over what its client may ask. `respond` counts those of the other transports, and
   * answers them fittingly.
   */
  isOverLimit(address: string): boolean {
    if (!this.#protocol.limits) return false;
    this.#protocol.fromText('https', address);
    this.#protocol.tick();
    return this.#protocol.isOverLimit(answerKind.positive);
  }

  /** Client queries that wait for an answer. */
  get pending(): number {
    return this.#pending;
  }

  respond(bytes: Uint8Array, client: DnsClient, reply: (response: Uint8Array) => void): void {
    const most = client.transport === 'udp' ? this.#udpSize : maxMessageLength;
    // What a connection's lane has counted and not found isn't counted once more.
    const length =
      this.#passedOn === client
        ? notKept
        : this.answerInto(bytes, 0, bytes.length, client, response, 0, most);
    this.#passedOn = undefined;
    if (length > 0) reply(response.slice(0, length));
    else if (length < 0) this.#respondSlowly(bytes, client, reply);
  }

  /** As `DnsResponder.answerInto`: from the packets. */
  answerInto(
    query: Uint8Array,
    at: number,
    length: number,
    client: DnsClient,
    out: Uint8Array,
    outAt: number,
    limit: number,
  ): number {
    this.#protocol.fromText(client.transport, client.from.address);
    this.#quick.tick();
    const written = this.#quick.answer(query, at, length, out, outAt, limit);
    this.#passedOn = written === notKept ? client : undefined;
    return written;
  }

  /** Asks for what is near its end and was asked for, so that nobody has to wait for it: the resolver knows what to prefetch. */
  renew(): void {
    this.#resolver.hear();
    for (const { name, type, dnssecOk, checkingDisabled } of this.#packets?.takeWanted() ?? []) {
      const question = { name, type, class: rrClass.IN };
      const edns = { udpSize: largestUdp, version: 0, dnssecOk, options: [] };
      const flags = { response: false, recursionDesired: true, recursionAvailable: false, checkingDisabled };
      const query: Message = { ...emptyResponse, ...flags, questions: [question], edns };
      const { generation } = this.#resolver;
      const began = this.#resolver.clock.monotonic();
      this.#resolver.renew(question, { checking: !checkingDisabled, filtered: true }, (resolved) => {
        if (generation !== this.#resolver.generation) return;
        const answer = answerOf(resolved, query);
        this.#keep(query, question, resolved, answer, bodyOf(query, answer), began);
      });
    }
  }

  #respondSlowly(bytes: Uint8Array, client: DnsClient, reply: (response: Uint8Array) => void): void {
    // What a thread has heard of this very question came before it.
    this.#resolver.hear();
    if (!hasQueryCounts(bytes)) {
      reply(encodeMessage({ ...emptyResponse, ...startOf(bytes), rcode: rcode.FORMERR }));
      return;
    }
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) {
      const { header } = decoded.fault;
      if (header === undefined) return;
      reply(encodeMessage({ ...emptyResponse, ...header, response: true, rcode: rcode.FORMERR }));
      return;
    }
    const query = decoded.value;
    const began = this.#resolver.clock.monotonic();
    const send = (answer: ClientAnswer, security?: Security): void => {
      const [question] = query.questions;
      if (question !== undefined) this.#tell(client, question, began, true, answer, security);
      reply(this.#finish(bodyOf(query, answer), query, answer, client));
    };
    const verdict = this.#hasGoodOptions(query, client) ? judge(query) : malformed;
    if (verdict.kind === 'answered') {
      send(verdict.answer);
      return;
    }
    const { question } = verdict;
    if (!query.recursionDesired) {
      // RFC 1034 §4.3.1: without RD nobody else is asked for the client.
      const asker = { checking: !query.checkingDisabled, filtered: true };
      const known = this.#resolver.resolveFromCache(question, asker);
      if (known?.end.kind === 'failure' && known.end.silent === true) return;
      if (known !== undefined) send(answerOf(known, query), securityOf(known));
      else
        send(refusal(extendedError.NOT_AUTHORITATIVE, 'not in the cache, and recursion was not asked for'));
      return;
    }
    const { address } = client.from;
    if (this.#pending >= this.#mostPending || !this.#clients.enter(address)) {
      send({
        ...noAnswer,
        rcode: rcode.SERVFAIL,
        error: { code: extendedError.OTHER, text: 'too many questions at once' },
      });
      return;
    }
    let atOnce = true;
    this.#resolve(query, question, (found) => {
      this.#clients.leave(address);
      this.#tell(client, question, began, atOnce, found?.answer, found?.security);
      if (found !== undefined) reply(this.#finish(found.body, query, found.answer, client));
    });
    atOnce = false;
  }

  #tell(
    client: DnsClient,
    question: Question,
    began: number,
    atOnce: boolean,
    answer: ClientAnswer | undefined,
    security: Security | undefined,
  ): void {
    const ms = this.#resolver.clock.monotonic() - began;
    const { rcode: code, error } = answer ?? { rcode: undefined, error: undefined };
    this.#onAnswered?.({ client, question, rcode: code, ms, atOnce, security, error });
  }

  /** `undefined`: the client gets no answer, as the operator wants it. */
  #resolve(query: Message, question: Question, done: (found: Found | undefined) => void): void {
    this.#pending += 1;
    const onStep = this.#watch?.();
    const { generation } = this.#resolver;
    // The first records of a chain are as old as the question at most.
    const began = this.#resolver.clock.monotonic();
    const options = {
      checking: !query.checkingDisabled,
      filtered: true,
      stale: true,
      ...(onStep !== undefined && { onStep }),
    };
    this.#resolver.resolve(question, options, (resolved) => {
      this.#pending -= 1;
      if (resolved.end.kind === 'failure' && resolved.end.silent === true) {
        done(undefined);
        return;
      }
      const answer = answerOf(resolved, query);
      const body = bodyOf(query, answer);
      // What has expired is given while there is nothing better, which may be soon.
      if (resolved.stale !== true && generation === this.#resolver.generation)
        this.#keep(query, question, resolved, answer, body, began);
      done({ answer, body, security: securityOf(resolved) });
    });
  }

  #keep(
    query: Message,
    question: Question,
    { ttl, security, end }: Outcome,
    answer: ClientAnswer,
    body: Uint8Array,
    began: number,
  ): void {
    const packet = {
      body,
      questionEnd: headerLength + question.name.wire.length + 4,
      authentic: security === 'secure' && end.kind !== 'failure',
      dnssecOk: query.edns?.dnssecOk ?? false,
      checkingDisabled: query.checkingDisabled,
      error: errorData(answer),
    };
    this.#packets?.keep(packet, ttl, began);
  }

  /** The largest answer over UDP to whoever takes it. */
  get #udpSize(): number {
    return Math.max(plainUdpSize, this.#protocol.settings.udpSize);
  }

  /** RFC 7873 §5.2.2 and its likes: options that are known must be whole. */
  #hasGoodOptions({ edns }: Message, client: DnsClient): boolean {
    return edns === undefined || edns.version !== 0 || this.#readOptions(edns.options, client) >= 0;
  }

  /** As `AnswerProtocol.readOptions`. */
  #readOptions(options: readonly EdnsOption[], client: DnsClient): number {
    this.#protocol.fromText(client.transport, client.from.address);
    const octets = optionOctets(options);
    return this.#protocol.readOptions(octets, 0, octets.length);
  }

  /** The whole response: with the OPT record where the query has one (RFC 6891 §6.1.1), and cut down to what the client takes. */
  #finish(body: Uint8Array, query: Message, answer: ClientAnswer, client: DnsClient): Uint8Array {
    const room = client.transport === 'udp' ? Math.min(this.#udpSize, udpLimit(query)) : maxMessageLength;
    let most = 0;
    if (query.edns !== undefined) {
      most = this.#readOptions(query.edns.version === 0 ? query.edns.options : [], client);
      if (most < 0) most = this.#readOptions([], client);
      const error = errorData(answer);
      this.#protocol.explainBy(error, 0, error.length);
    }
    let fitting = body;
    if (body.length + most > room) {
      // RFC 2181 §9: whoever asked comes back over TCP, for all of it.
      fitting = bodyOf(query, { ...noAnswer, rcode: answer.rcode }, true);
    }
    if (most === 0) return fitting;
    response.set(fitting);
    response[11] = 1;
    const dnssecOk = query.edns?.dnssecOk ?? false;
    return response.slice(
      0,
      this.#protocol.writeOpt(response, 0, fitting.length, room, answer.rcode, dnssecOk),
    );
  }
}

/** What a reply repeats of a query that isn't decoded. */
function startOf(bytes: Uint8Array): Pick<Message, 'id' | 'opcode' | 'recursionDesired'> {
  const [high = 0, low = 0, flags = 0] = bytes;
  return { id: (high << 8) | low, opcode: (flags >>> 3) & 15, recursionDesired: (flags & 1) !== 0 };
}

interface Found {
  readonly answer: ClientAnswer;
  readonly body: Uint8Array;
  readonly security: Security | undefined;
}

/** As they stand in an OPT record (RFC 6891 §6.1.2). */
function optionOctets(options: readonly EdnsOption[]): Uint8Array {
  return concatBytes(
    options.flatMap(({ code, bytes }) => [
      Uint8Array.of(code >>> 8, code, bytes.length >>> 8, bytes.length),
      bytes,
    ]),
  );
}

/** RFC 6891 §6.2.3: less than 512 counts as 512. */
function udpLimit({ edns }: Message): number {
  return edns === undefined ? plainUdpSize : Math.max(plainUdpSize, edns.udpSize);
}
