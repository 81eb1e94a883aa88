// The authoritative DNS server, octets in and octets out: reads a query, refuses what is not ours to answer, and lets
// `answerQuestion` find the rest. It owns the zones being served and swaps them as a whole. What is unusual and right is answered, not
// dropped, as RFC 8906 asks.
import { emptyBytes } from '../../lib/bytes.ts';
import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { unreachable } from '../../lib/result.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import type { SharedZones } from '../zone/shared-zones.ts';
import type { ZoneFinder } from '../zone/zone-finder.ts';
import { rcode, rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import { maxMessageLength } from '../wire/writer.ts';
import type { Outcome } from './answer.ts';
import { AnswerProtocol } from '../protocol/answer-protocol.ts';
import { answerQuestion } from './answer-question.ts';
import { chaosText } from './chaos.ts';
import { HotPath, notPlain } from './hot-path.ts';
import { endOfName, parseQuery } from './query.ts';
import type { ParsedQuestion, QueryEdns } from './query.ts';
import { answerKind, hashName, rateVerdict } from '../protocol/rate-limiter.ts';
import { writeAnswer, writeBare, writeText } from './response-writer.ts';

export interface AuthorityOptions {
  /** EDNS, cookies, limits; the default has the largest UDP answer that no path fragments, and nothing else. */
  readonly protocol?: AnswerProtocol;
  /** As `AnswerOptions.minimalResponses`; default false. */
  readonly minimalResponses?: boolean;
}

/** `ZoneSet` on the main thread, `SharedZones` on others. */
export interface AnswerableZones extends ZoneFinder {
  readonly reader: SharedZones;
}

type Transport = DnsClient['transport'];

/** What fits the least MTU of IPv6, so that no path fragments it (RFC 9715 tells why). */
export const defaultUdpSize = 1232;
/** Without EDNS (RFC 1035 §4.2.1). */
const plainUdpSize = 512;

/** Where answers are made before they are copied to an array of their own: answering is synchronous. */
const scratch = new Uint8Array(maxMessageLength);

/** Where nobody says who asks. */
const nobody = '0.0.0.0';

export class Authority implements DnsResponder {
  readonly #protocol: AnswerProtocol;
  readonly #maxUdpSize: number;
  readonly #minimalResponses: boolean;
  #zones: AnswerableZones;
  #hot: HotPath;

  constructor(zones: AnswerableZones, options: AuthorityOptions = {}) {
    this.#zones = zones;
    this.#minimalResponses = options.minimalResponses ?? false;
    this.#protocol =
      options.protocol ?? new AnswerProtocol({ udpSize: defaultUdpSize }, systemClock, systemRandom);
    this.#maxUdpSize = Math.max(plainUdpSize, this.#protocol.settings.udpSize);
    this.#hot = new HotPath(zones.reader, this.#protocol, this.#minimalResponses);
  }

  get zones(): AnswerableZones {
    return this.#zones;
  }

  /** From the next query on all answers come from these zones; an answer never mixes old and new. */
  replaceZones(zones: AnswerableZones): void {
    this.#zones = zones;
    this.#hot = new HotPath(zones.reader, this.#protocol, this.#minimalResponses);
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
    this.#protocol.fromText(client.transport, client.from.address);
    const most = client.transport === 'udp' ? Math.min(limit, this.#maxUdpSize) : limit;
    const answered = this.#hot.answer(query, at, length, out, outAt, most);
    return answered === notPlain ? -1 : answered;
  }

  /**
   * Answers the query that lies in `query` from `at`, `length` octets of it, into `out` from `outAt`, on a thread that has no desk. `AnswerProtocol.from`
   * must have told of the client. What isn't plain is answered all the same, only not without objects. Gives the answer's length, which
   * is at most `limit` (512 at least) and what the client takes; 0 where nothing must be said; -1 where it is the desk's: another opcode, a
   * transfer, a query signed by TSIG (then `out` may have been scribbled on). Doesn't throw on input; never writes to `query`, which
   * may be of one arena with `out`, but not overlap it.
   */
  answerHere(
    query: Uint8Array,
    at: number,
    length: number,
    out: Uint8Array,
    outAt: number,
    limit: number,
  ): number {
    const answered = this.#hot.answer(query, at, length, out, outAt, limit);
    if (answered !== notPlain) return answered;
    const octets = query.slice(at, at + length);
    if (isOthersWork(octets)) return -1;
    const response = this.#answerAnew(octets, this.#protocol.transport);
    if (response === undefined || response.length > limit) return 0;
    out.set(response, outAt);
    return response.length;
  }

  /** The response to the client at that address, which nobody else writes to; `undefined` where nothing must be said. */
  answer(query: Uint8Array, transport: Transport, address: string = nobody): Uint8Array | undefined {
    this.#protocol.fromText(transport, address);
    const limit = transport === 'udp' ? this.#maxUdpSize : maxMessageLength;
    const answered = this.#hot.answer(query, 0, query.length, scratch, 0, limit);
    if (answered === notPlain) return this.#answerAnew(query, transport);
    return answered === 0 ? undefined : scratch.slice(0, answered);
  }

  #answerAnew(query: Uint8Array, transport: Transport): Uint8Array | undefined {
    const protocol = this.#protocol;
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
      dnssecOk: question.edns?.dnssecOk === true,
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

/** Another opcode, a transfer, or a query with more behind its question than an OPT record: a TSIG, most likely. */
function isOthersWork(query: Uint8Array): boolean {
  if (((query[2] ?? 0) & 0x78) !== 0) return true;
  const nameEnd = endOfName(query, headerLength);
  if (nameEnd === undefined) return false;
  const type = ((query[nameEnd] ?? 0) << 8) | (query[nameEnd + 1] ?? 0);
  if (type === rrType.AXFR || type === rrType.IXFR) return true;
  const additionals = ((query[10] ?? 0) << 8) | (query[11] ?? 0);
  const isOpt = query[nameEnd + 4] === 0 && query[nameEnd + 5] === 0 && query[nameEnd + 6] === rrType.OPT;
  return additionals > 1 || (additionals === 1 && !isOpt);
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
