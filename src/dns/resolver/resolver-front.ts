// The resolver as clients see it: reads a query, says who may ask what, and writes the answer (RFC 1035 §4.1, RFC 6891, RFC 8914).
import { equalBytes } from '../../lib/bytes.ts';
import { unreachable } from '../../lib/result.ts';
import type { Checked } from '../dnssec/security.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import { opcode, rcode, rrClass } from '../wire/codes.ts';
import { extendedError, extendedErrorOption } from '../wire/edns-option.ts';
import { decodeMessage, hasQueryCounts, headerLength } from '../wire/message-decoder.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Edns, Message, Question } from '../wire/message.ts';
import type { EdnsOption } from '../wire/rdata/opt.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { AccessList } from './access-list.ts';
import { AnswerPackets } from './answer-packets.ts';
import type { Outcome } from './engine.ts';
import type { StepObserver } from './journal.ts';
import type { Resolver } from './resolver.ts';

/** What fits into UDP without fragments (RFC 9715), and what a client without EDNS takes (RFC 1035 §4.2.1). */
const largestUdp = 1232;
const plainUdp = 512;
/** RFC 8482 §4.2: the HINFO that stands for "ANY is not answered". */
const anyRefused: Uint8Array = Uint8Array.from([7, ...new TextEncoder().encode('RFC8482'), 0]);
const anyTtl = 3600;
/** Types that are no data of a name: transfers (RFC 5936), mailbox queries (obsolete), EDNS and signatures of messages. */
const metaTypes: ReadonlySet<number> = new Set([
  0,
  rrType.OPT,
  249,
  rrType.TSIG,
  rrType.IXFR,
  rrType.AXFR,
  253,
  254,
]);

export interface ResolverFrontOptions {
  readonly resolver: Resolver;
  readonly access: AccessList;
  /** Client queries that may wait for an answer at one time; more get SERVFAIL. Three quarters of the resolver's bound, unless given. */
  readonly pending?: number;
  /** Called for each client query that is resolved; what it returns gets the query's steps. */
  readonly watch?: () => StepObserver;
}

export class ResolverFront implements DnsResponder {
  readonly #resolver: Resolver;
  readonly #access: AccessList;
  readonly #mostPending: number;
  readonly #watch: (() => StepObserver) | undefined;
  readonly #packets: AnswerPackets;
  #generation: number;
  #pending = 0;

  constructor(options: ResolverFrontOptions) {
    this.#resolver = options.resolver;
    this.#access = options.access;
    // A quarter of what the resolver can have at hand is left for our own mail, whatever clients do.
    this.#mostPending = options.pending ?? Math.floor(options.resolver.limits.inFlight * 0.75);
    this.#watch = options.watch;
    const { resolver } = options;
    this.#packets = new AnswerPackets(resolver.limits.cacheOctets / 4, resolver.random);
    this.#generation = resolver.generation;
  }

  /** Client queries that wait for an answer. */
  get pending(): number {
    return this.#pending;
  }

  respond(bytes: Uint8Array, client: DnsClient, reply: (response: Uint8Array) => void): void {
    // Whoever watches the journeys wants to see those of the cache, too.
    if (this.#watch === undefined && this.#access.allows(client.from.address)) {
      if (this.#generation !== this.#resolver.generation) this.#forget();
      const kept = this.#packets.find(bytes, client.transport, this.#resolver.clock.monotonic());
      if (kept !== undefined) {
        reply(kept);
        return;
      }
    }
    if (bytes.length >= headerLength && !hasQueryCounts(bytes)) {
      if (((bytes[2] ?? 0) & 0x80) === 0)
        reply(encodeMessage({ ...emptyResponse, ...startOf(bytes), rcode: rcode.FORMERR }));
      return;
    }
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) {
      const { header } = decoded.fault;
      // A response is never answered: two servers would answer each other for ever.
      if (header === undefined || header.response) return;
      reply(encodeMessage({ ...emptyResponse, ...header, response: true, rcode: rcode.FORMERR }));
      return;
    }
    const query = decoded.value;
    if (query.response) return;
    const limit = client.transport === 'tcp' ? undefined : udpLimit(query);
    const send = (answer: Answer): void => reply(encodeMessage(responseTo(query, answer), limit));
    if (!this.#access.allows(client.from.address)) {
      send(refusal(extendedError.PROHIBITED, 'this resolver is not for your address'));
      return;
    }
    const verdict = judge(query);
    if (verdict.kind === 'answered') {
      send(verdict.answer);
      return;
    }
    const { question } = verdict;
    const checking = !query.checkingDisabled;
    if (!query.recursionDesired) {
      // RFC 1034 §4.3.1: without RD nobody else is asked for the client.
      const known = this.#resolver.resolveFromCache(question, checking);
      send(
        known === undefined
          ? refusal(extendedError.NOT_AUTHORITATIVE, 'not in the cache, and recursion was not asked for')
          : answerOf(known, query),
      );
      return;
    }
    if (this.#pending >= this.#mostPending) {
      send({
        ...noAnswer,
        rcode: rcode.SERVFAIL,
        error: { code: extendedError.OTHER, text: 'too many questions at once' },
      });
      return;
    }
    this.#pending += 1;
    const onStep = this.#watch?.();
    // `bytes` is only ours during the call.
    const asked = new Uint8Array(bytes);
    const generation = this.#generation;
    // The first records of a chain are as old as the question at most.
    const began = this.#resolver.clock.monotonic();
    this.#resolver.resolve(question, { checking, ...(onStep !== undefined && { onStep }) }, (resolved) => {
      this.#pending -= 1;
      const whole = encodeMessage(responseTo(query, answerOf(resolved, query)));
      if (resolved.end.kind !== 'failure' && generation === this.#resolver.generation)
        this.#packets.keep(asked, whole, resolved.ttl, began);
      if (limit === undefined || whole.length <= limit) reply(whole);
      else send(answerOf(resolved, query));
    });
  }

  #forget(): void {
    this.#packets.clear();
    this.#generation = this.#resolver.generation;
  }
}

/** What a reply repeats of a query that isn't decoded. */
function startOf(bytes: Uint8Array): Pick<Message, 'id' | 'opcode' | 'recursionDesired'> {
  const [high = 0, low = 0, flags = 0] = bytes;
  return { id: (high << 8) | low, opcode: (flags >>> 3) & 15, recursionDesired: (flags & 1) !== 0 };
}

interface Answer {
  readonly rcode: number;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** AD (RFC 4035 §3.2.3). */
  readonly authentic: boolean;
  readonly error: { readonly code: number; readonly text: string } | undefined;
}

const noAnswer: Answer = {
  rcode: rcode.NOERROR,
  answers: [],
  authorities: [],
  authentic: false,
  error: undefined,
};

const emptyResponse: Message = {
  id: 0,
  response: true,
  opcode: opcode.QUERY,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: false,
  rcode: rcode.NOERROR,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  edns: undefined,
};

function refusal(code: number, text: string): Answer {
  return { ...noAnswer, rcode: rcode.REFUSED, error: { code, text } };
}

type Verdict =
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'answered'; readonly answer: Answer };

/** What can be said without resolving anything. */
function judge(query: Message): Verdict {
  const say = (answer: Partial<Answer>): Verdict => ({
    kind: 'answered',
    answer: { ...noAnswer, ...answer },
  });
  if (query.edns !== undefined && query.edns.version !== 0) return say({ rcode: rcode.BADVERS });
  if (query.opcode !== opcode.QUERY) return say({ rcode: rcode.NOTIMP });
  const [question, ...more] = query.questions;
  // RFC 9619 §4: a query has exactly one question.
  if (question === undefined || more.length > 0) return say({ rcode: rcode.FORMERR });
  if (question.class !== rrClass.IN)
    return { kind: 'answered', answer: refusal(extendedError.NOT_SUPPORTED, 'only class IN is resolved') };
  if (question.type === rrType.ANY) {
    // RFC 8482 §4.2: ANY is a means of attack and of no other use.
    const { name: owner } = question;
    const record = { owner, type: rrType.HINFO, class: rrClass.IN, ttl: anyTtl, rdata: anyRefused };
    return say({ answers: [record] });
  }
  if (metaTypes.has(question.type))
    return { kind: 'answered', answer: refusal(extendedError.NOT_SUPPORTED, 'this type is not resolved') };
  return { kind: 'ask', question };
}

function answerOf(outcome: Outcome, query: Message): Answer {
  const { end, endTtl } = outcome;
  const dnssec = query.edns?.dnssecOk ?? false;
  // RFC 4035 §3.2.1: signatures and proofs are for those who ask for them.
  const aliases = dnssec ? outcome.aliases : outcome.aliases.filter(({ type }) => type !== rrType.RRSIG);
  // RFC 6840 §5.7: AD is for those who say that they understand it, by DO or by AD.
  const authentic = outcome.security === 'secure' && (dnssec || query.authenticData);
  switch (end.kind) {
    case 'records':
      return {
        ...noAnswer,
        authentic,
        answers: [
          ...aliases,
          ...recordsOf({ ...end.rrset, ttl: endTtl }),
          ...(dnssec ? withTtl(end.signatures, endTtl) : []),
        ],
        authorities: dnssec ? joined(withTtl(end.proofs, endTtl), outcome.aliasProofs) : [],
        error: noteOf(end),
      };
    case 'nodata':
    case 'nxdomain':
      return {
        ...noAnswer,
        authentic,
        rcode: end.kind === 'nxdomain' ? rcode.NXDOMAIN : rcode.NOERROR,
        answers: aliases,
        // RFC 2308 §6: the SOA is given on with the TTL that is left.
        authorities: dnssec
          ? joined(withTtl(end.authorities, endTtl), outcome.aliasProofs)
          : withTtl(
              end.authorities.filter(({ type }) => type === rrType.SOA),
              endTtl,
            ),
        error: noteOf(end),
      };
    case 'failure': {
      const error = { code: end.extendedError, text: end.reason };
      return { ...noAnswer, rcode: end.rcode, answers: end.rcode === rcode.YXDOMAIN ? aliases : [], error };
    }
    default:
      return unreachable(end);
  }
}

/** RFC 8914 §2: an extended error may come with an answer, too; here, why it isn't secure. */
function noteOf({ fault }: Checked): Answer['error'] {
  return fault === undefined ? undefined : { code: fault.code, text: fault.reason };
}

/** Both, without what the first has already: one NSEC may prove several steps of a chain. */
function joined(
  records: readonly ResourceRecord[],
  further: readonly ResourceRecord[],
): readonly ResourceRecord[] {
  const all = [...records];
  for (const record of further) {
    const isKnown = all.some(
      ({ type, owner, rdata }) =>
        type === record.type && owner.equals(record.owner) && equalBytes(rdata, record.rdata),
    );
    if (!isKnown) all.push(record);
  }
  return all;
}

function withTtl(records: readonly ResourceRecord[], ttl: number): readonly ResourceRecord[] {
  return records.map((record) => ({ ...record, ttl }));
}

function responseTo(query: Message, answer: Answer): Message {
  return {
    ...emptyResponse,
    id: query.id,
    opcode: query.opcode,
    recursionDesired: query.recursionDesired,
    // RFC 4035 §3.2.2: CD is copied.
    checkingDisabled: query.checkingDisabled,
    authenticData: answer.authentic,
    rcode: answer.rcode,
    questions: query.questions.slice(0, 1),
    answers: answer.answers,
    authorities: answer.authorities,
    edns: query.edns === undefined ? undefined : ednsFor(query.edns, answer),
  };
}

/** RFC 6891 §6.1.1: OPT in the response exactly where it was in the query. */
function ednsFor(asked: Edns, answer: Answer): Edns {
  const options: EdnsOption[] = [];
  if (answer.error !== undefined) {
    const { code, text } = answer.error;
    options.push(extendedErrorOption({ code, text: text.slice(0, 200) }));
  }
  // RFC 3225 §3: DO is copied.
  return { udpSize: largestUdp, version: 0, dnssecOk: asked.dnssecOk, options };
}

/** RFC 6891 §6.2.3: less than 512 counts as 512. */
function udpLimit(query: Message): number {
  if (query.edns === undefined) return plainUdp;
  return Math.min(largestUdp, Math.max(plainUdp, query.edns.udpSize));
}
