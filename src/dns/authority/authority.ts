// The authoritative DNS server, octets in and octets out: reads a query, refuses what is not ours to answer, and lets
// `answerQuestion` find the rest. It owns the zones being served and swaps them as a whole. What is unusual and right is answered, not
// dropped, as RFC 8906 asks.
import { emptyBytes } from '../../lib/bytes.ts';
import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { unreachable } from '../../lib/result.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import type { ZoneSet } from '../zone/zone-set.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import { maxMessageLength } from '../wire/writer.ts';
import type { Outcome } from './answer.ts';
import { AnswerProtocol } from './answer-protocol.ts';
import { answerQuestion } from './answer-question.ts';
import { chaosText } from './chaos.ts';
import { endOfName, parseQuery, plainVariant, plainVariantOf } from './query.ts';
import type { ParsedQuestion, QueryEdns } from './query.ts';
import { answerKind, hashName, rateVerdict } from './rate-limiter.ts';
import { writeAnswer, writeBare, writeText } from './response-writer.ts';

export interface AuthorityOptions {
  /** EDNS, cookies, limits; the default has the largest UDP answer that no path fragments, and nothing else. */
  readonly protocol?: AnswerProtocol;
  /** As `AnswerOptions.minimalResponses`; default false. */
  readonly minimalResponses?: boolean;
}

type Transport = DnsClient['transport'];

/** What fits the least MTU of IPv6, so that no path fragments it (RFC 9715 tells why). */
export const defaultUdpSize = 1232;
/** Without EDNS (RFC 1035 §4.2.1). */
const plainUdpSize = 512;

/** Where nobody says who asks. */
const nobody = '0.0.0.0';

export class Authority implements DnsResponder {
  readonly #protocol: AnswerProtocol;
  readonly #maxUdpSize: number;
  readonly #minimalResponses: boolean;
  #zones: ZoneSet;

  constructor(zones: ZoneSet, options: AuthorityOptions = {}) {
    this.#zones = zones;
    this.#minimalResponses = options.minimalResponses ?? false;
    this.#protocol =
      options.protocol ?? new AnswerProtocol({ udpSize: defaultUdpSize }, systemClock, systemRandom);
    this.#maxUdpSize = Math.max(plainUdpSize, this.#protocol.settings.udpSize);
  }

  get zones(): ZoneSet {
    return this.#zones;
  }

  /** From the next query on all answers come from these zones; an answer never mixes old and new. */
  replaceZones(zones: ZoneSet): void {
    this.#zones = zones;
  }

  respond(query: Uint8Array, client: DnsClient, reply: (response: Uint8Array) => void): void {
    this.#protocol.tick();
    const response = this.answer(query, client.transport, client.from.address);
    if (response !== undefined) reply(response);
  }

  /** As `DnsResponder.answerInto`: plain questions are answered at once, the others may be the desk's. */
  answerInto(
    query: Uint8Array,
    at: number,
    length: number,
    client: DnsClient,
    out: Uint8Array,
    outAt: number,
    limit: number,
  ): number {
    const octets = query.subarray(at, at + length);
    const nameEnd = length < headerLength ? undefined : endOfName(octets, headerLength);
    if (nameEnd === undefined || plainVariantOf(octets, nameEnd + 4) === plainVariant.none) return -1;
    // AXFR and IXFR
    if (octets[nameEnd] === 0 && (octets[nameEnd + 1] === 251 || octets[nameEnd + 1] === 252)) return -1;
    const response = this.answer(octets, client.transport, client.from.address);
    if (response === undefined) return 0;
    if (response.length > limit) return -1;
    out.set(response, outAt);
    return response.length;
  }

  /** The response to the client at that address, which nobody else writes to; `undefined` where nothing must be said. */
  answer(query: Uint8Array, transport: Transport, address: string = nobody): Uint8Array | undefined {
    return this.#answerAnew(query, transport, address);
  }

  #answerAnew(query: Uint8Array, transport: Transport, address: string): Uint8Array | undefined {
    const protocol = this.#protocol;
    protocol.fromText(transport, address);
    const parsed = parseQuery(query);
    if (parsed.kind === 'ignored') return undefined;
    const edns = parsed.kind === 'malformed' ? undefined : parsed.edns;
    const readable = edns !== undefined && edns.version === 0;
    const optLength = readable
      ? protocol.readOptions(query, edns.optionsAt, edns.optionsEnd)
      : noOptions(protocol);
    if (optLength < 0) {
      noOptions(protocol);
      const questionEnd = 'questionEnd' in parsed ? parsed.questionEnd : headerLength;
      return this.#refuse(query, rcode.FORMERR, questionEnd, edns);
    }
    switch (parsed.kind) {
      case 'other-opcode':
        protocol.explain(extendedError.NOT_SUPPORTED);
        return this.#refuse(query, rcode.NOTIMP, parsed.questionEnd, parsed.edns);
      case 'malformed':
        return this.#refuse(query, rcode.FORMERR, parsed.questionEnd, undefined);
      case 'no-question': {
        // RFC 7873 §5.4
        const code = protocol.hasCookie ? rcode.NOERROR : rcode.FORMERR;
        return this.#refuse(query, versionFault(parsed.edns) ?? code, headerLength, parsed.edns);
      }
      case 'question': {
        const refusal = versionFault(parsed.edns) ?? refusalOf(parsed, protocol);
        if (refusal !== undefined) return this.#refuse(query, refusal, parsed.questionEnd, parsed.edns);
        return parsed.class === rrClass.CH
          ? this.#answerChaos(query, parsed)
          : this.#answerQuestion(query, parsed, transport, optLength);
      }
      default:
        return unreachable(parsed);
    }
  }

  #answerQuestion(
    query: Uint8Array,
    question: ParsedQuestion,
    transport: Transport,
    optLength: number,
  ): Uint8Array | undefined {
    const { answer, outcome, about } = answerQuestion(this.#zones, question.name, question.type, {
      minimalAny: transport === 'udp',
      minimalResponses: this.#minimalResponses,
    });
    // RFC 1035 §6.2: nobody is the authority for all classes.
    if (question.class === rrClass.ANY) answer.authoritative = false;
    if (outcome === 'refused' || outcome === 'withheld') {
      this.#protocol.explain(
        outcome === 'refused' ? extendedError.NOT_AUTHORITATIVE : extendedError.NOT_READY,
      );
      return this.#refuse(query, answer.rcode, question.questionEnd, question.edns);
    }
    return this.#limited(
      query,
      question.questionEnd,
      question.edns,
      kindOf(outcome),
      about === undefined ? 0 : hashName(about.wire),
      () => {
        const limit = this.#limit(question, transport);
        return writeAnswer(query, question, answer, this.#protocol, { limit, optLength });
      },
    );
  }

  #answerChaos(query: Uint8Array, question: ParsedQuestion): Uint8Array | undefined {
    const text = chaosText(question.name, question.type, this.#protocol.settings);
    if (text === undefined) return this.#refuse(query, rcode.REFUSED, question.questionEnd, question.edns);
    const about = hashName(question.name.wire);
    return this.#limited(query, question.questionEnd, question.edns, answerKind.positive, about, () =>
      writeText(query, question, text, this.#protocol),
    );
  }

  #limit(question: ParsedQuestion, transport: Transport): number {
    if (transport !== 'udp') return maxMessageLength;
    if (question.edns === undefined) return plainUdpSize;
    return Math.min(Math.max(question.edns.udpSize, plainUdpSize), this.#maxUdpSize);
  }

  #refuse(
    query: Uint8Array,
    code: number,
    questionEnd: number,
    edns: QueryEdns | undefined,
  ): Uint8Array | undefined {
    return this.#limited(query, questionEnd, edns, answerKind.error, 0, () =>
      writeBare(query, { rcode: code, questionEnd, edns }, this.#protocol),
    );
  }

  /** Makes the reply if the client's network may have one more of its kind. */
  #limited(
    query: Uint8Array,
    questionEnd: number,
    edns: QueryEdns | undefined,
    kind: number,
    about: number,
    make: () => Uint8Array,
  ): Uint8Array | undefined {
    const verdict = this.#protocol.verdict(kind, about);
    if (verdict === rateVerdict.send) return make();
    if (verdict === rateVerdict.drop) return undefined;
    // RFC 7873 §5.2.3: who sends a cookie is told ours, and comes back with it; others come back over TCP.
    const slip = this.#protocol.hasCookie
      ? { rcode: rcode.BADCOOKIE }
      : { rcode: rcode.NOERROR, truncated: true };
    return writeBare(query, { ...slip, questionEnd, edns }, this.#protocol);
  }
}

/** As for a query without options. */
function noOptions(protocol: AnswerProtocol): number {
  return protocol.readOptions(emptyBytes, 0, 0);
}

/** RFC 6891 §6.1.3 */
function versionFault(edns: QueryEdns | undefined): number | undefined {
  return edns !== undefined && edns.version > 0 ? rcode.BADVERS : undefined;
}

function kindOf(outcome: Outcome): number {
  switch (outcome) {
    case 'nodata':
      return answerKind.nodata;
    case 'nxdomain':
      return answerKind.nxdomain;
    case 'referral':
      return answerKind.referral;
    case 'refused':
    case 'withheld':
      return answerKind.error;
    case 'answer':
    case 'alias':
    case 'left-zones':
    case 'chain-ended':
    case 'name-too-long':
      return answerKind.positive;
    default:
      return unreachable(outcome);
  }
}

/** Why a question is not looked up at all. */
function refusalOf(question: ParsedQuestion, protocol: AnswerProtocol): number | undefined {
  switch (question.class) {
    case rrClass.IN:
    case rrClass.CH:
    case rrClass.ANY:
      break;
    default:
      protocol.explain(extendedError.NOT_AUTHORITATIVE);
      return rcode.REFUSED;
  }
  switch (question.type) {
    case rrType.AXFR:
    case rrType.IXFR:
      // todo RFC 5936: zone transfers
      protocol.explain(extendedError.PROHIBITED);
      return rcode.REFUSED;
    case rrType.OPT:
    case rrType.TSIG:
      return rcode.FORMERR;
    case rrType.ANY:
      return undefined;
    default:
      // RFC 6895 §3.1: QTYPEs and meta-types, such as the obsolete MAILA and MAILB, that ask for no data.
      if (question.type < 128 || question.type > 255) return undefined;
      protocol.explain(extendedError.NOT_SUPPORTED);
      return rcode.NOTIMP;
  }
}
