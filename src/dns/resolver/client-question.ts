// What clients may ask of the resolver, and what is said at once to all else (RFC 9619, RFC 8482, RFC 6891 §6.1.3).
import { opcode, rcode, rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import type { Message, Question } from '../wire/message.ts';
import { rrType } from '../wire/rr-type.ts';
import { noAnswer, refusal } from './client-answer.ts';
import type { ClientAnswer } from './client-answer.ts';

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

/** What becomes of a query: it is resolved, or answered at once. */
export type Verdict =
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'answered'; readonly answer: ClientAnswer };

export const malformed: Verdict = {
  kind: 'answered',
  answer: { ...noAnswer, rcode: rcode.FORMERR },
};

/** What can be said without resolving anything. */
export function judge(query: Message): Verdict {
  const say = (answer: Partial<ClientAnswer>): Verdict => ({
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
