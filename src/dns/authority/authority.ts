// The authoritative DNS server, octets in and octets out: reads a query, refuses what is not ours to answer, and lets
// `answerQuestion` find the rest. It owns the zones being served and swaps them as a whole.
import { unreachable } from '../../lib/result.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import type { ZoneSet } from '../zone/zone-set.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import { maxMessageLength } from '../wire/writer.ts';
import { AnswerCache, hashQuestion } from './answer-cache.ts';
import { answerQuestion } from './answer-question.ts';
import { endOfName, parseQuery, plainVariant, plainVariantOf } from './query.ts';
import type { ParsedQuestion, QueryEdns } from './query.ts';
import { writeAnswer, writeError } from './response-writer.ts';
import type { Reply } from './response-writer.ts';

export interface AuthorityOptions {
  /**
   * The largest UDP answer, whatever the client takes: octets, 512 at least. Default 1232, what
   * fits the least MTU of IPv6, so that no path fragments it (RFC 9715 tells why).
   */
  readonly maxUdpSize?: number;
  /** How many answers are kept whole at most: a power of two, 524 octets each; default 65,536. */
  readonly keptAnswers?: number;
}

type Transport = DnsClient['transport'];

const defaultMaxUdpSize = 1232;
/** Without EDNS (RFC 1035 §4.2.1). */
const plainUdpSize = 512;

export class Authority implements DnsResponder {
  readonly #maxUdpSize: number;
  #zones: ZoneSet;
  #cache: AnswerCache;
  readonly #keptAnswers: number | undefined;

  constructor(zones: ZoneSet, options: AuthorityOptions = {}) {
    this.#zones = zones;
    this.#keptAnswers = options.keptAnswers;
    this.#cache = new AnswerCache(this.#keptAnswers);
    this.#maxUdpSize = Math.max(plainUdpSize, options.maxUdpSize ?? defaultMaxUdpSize);
  }

  get zones(): ZoneSet {
    return this.#zones;
  }

  /** From the next query on all answers come from these zones; an answer never mixes old and new. */
  replaceZones(zones: ZoneSet): void {
    this.#zones = zones;
    this.#cache = new AnswerCache(this.#keptAnswers);
  }

  respond(query: Uint8Array, client: DnsClient, reply: (response: Uint8Array) => void): void {
    const response = this.answer(query, client.transport);
    if (response !== undefined) reply(response);
  }

  /** The response, which nobody else writes to; `undefined` where nothing must be said. */
  answer(query: Uint8Array, transport: Transport): Uint8Array | undefined {
    const nameEnd = query.length < headerLength ? undefined : endOfName(query, headerLength);
    const questionEnd = nameEnd === undefined ? 0 : nameEnd + 4;
    const variant = nameEnd === undefined ? plainVariant.none : plainVariantOf(query, questionEnd);
    if (variant === plainVariant.none) return this.#answerAnew(query, transport)?.bytes;
    const hash = hashQuestion(query, questionEnd);
    const known = this.#cache.find(query, questionEnd, variant, hash);
    if (known !== undefined) return known;
    const reply = this.#answerAnew(query, transport);
    if (reply?.complete === true) this.#cache.keep(reply.bytes, questionEnd, variant, hash);
    return reply?.bytes;
  }

  #answerAnew(query: Uint8Array, transport: Transport): Reply | undefined {
    const parsed = parseQuery(query);
    switch (parsed.kind) {
      case 'ignored':
        return undefined;
      case 'other-opcode':
        return this.#error(query, rcode.NOTIMP, parsed.questionEnd, parsed.edns);
      case 'malformed':
        return this.#error(query, rcode.FORMERR, parsed.questionEnd);
      case 'question': {
        const refusal = refusalOf(parsed);
        return refusal === undefined
          ? this.#answerQuestion(query, parsed, transport)
          : this.#error(query, refusal, parsed.questionEnd, parsed.edns);
      }
      default:
        return unreachable(parsed);
    }
  }

  #answerQuestion(query: Uint8Array, question: ParsedQuestion, transport: Transport): Reply {
    const { answer } = answerQuestion(this.#zones, question.name, question.type, {
      minimalAny: transport === 'udp',
    });
    // RFC 1035 §6.2: nobody is the authority for all classes.
    if (question.class === rrClass.ANY) answer.authoritative = false;
    const reply = writeAnswer(query, question, answer, {
      limit: this.#limit(question, transport),
      ownUdpSize: this.#maxUdpSize,
    });
    // The answer to ANY depends on the transport, so it isn't one that any client can have.
    return question.type === rrType.ANY ? { ...reply, complete: false } : reply;
  }

  #limit(question: ParsedQuestion, transport: Transport): number {
    if (transport === 'tcp') return maxMessageLength;
    if (question.edns === undefined) return plainUdpSize;
    return Math.min(Math.max(question.edns.udpSize, plainUdpSize), this.#maxUdpSize);
  }

  #error(query: Uint8Array, code: number, questionEnd: number, edns?: QueryEdns): Reply {
    const bytes = writeError(query, code, questionEnd, edns, this.#maxUdpSize);
    return { bytes, complete: false };
  }
}

/** Why a question is not looked up at all. */
function refusalOf(question: ParsedQuestion): number | undefined {
  // RFC 6891 §6.1.3
  if (question.edns !== undefined && question.edns.version > 0) return rcode.BADVERS;
  if (question.class !== rrClass.IN && question.class !== rrClass.ANY) return rcode.REFUSED;
  switch (question.type) {
    case rrType.AXFR:
    case rrType.IXFR:
      // todo RFC 5936: zone transfers
      return rcode.REFUSED;
    case rrType.OPT:
    case rrType.TSIG:
      return rcode.FORMERR;
    case rrType.ANY:
      return undefined;
    default:
      // RFC 6895 §3.1: QTYPEs and meta-types, such as the obsolete MAILA and MAILB, that ask for no data.
      return question.type >= 128 && question.type <= 255 ? rcode.NOTIMP : undefined;
  }
}
