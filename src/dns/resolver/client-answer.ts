// How the resolver's answer to a client is written: from what became of its question to the message but for its OPT record (RFC 1035 §4.1,
// RFC 4035 §3.2, RFC 8914).
import { equalBytes } from '../../lib/bytes.ts';
import { unreachable } from '../../lib/result.ts';
import type { Checked, Security } from '../dnssec/security.ts';
import { opcode, rcode } from '../wire/codes.ts';
import { extendedError, extendedErrorOption } from '../wire/edns-option.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Message } from '../wire/message.ts';
import { recordsOf } from '../wire/record.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { CachedAnswer } from './answer-cache.ts';
import type { Outcome } from './engine.ts';

/** Octets of an extended error's text. */
const longestErrorText = 200;
const noError = new Uint8Array(0);

/** RFC 8914 §4.7 to §4.13, and code 25: what failed was validation. */
const bogusCodes: ReadonlySet<number> = new Set([
  extendedError.DNSSEC_BOGUS,
  extendedError.SIGNATURE_EXPIRED,
  extendedError.SIGNATURE_NOT_YET_VALID,
  extendedError.DNSKEY_MISSING,
  extendedError.RRSIGS_MISSING,
  extendedError.NO_ZONE_KEY_BIT_SET,
  extendedError.NSEC_MISSING,
  extendedError.SIGNATURE_EXPIRED_BEFORE_VALID,
]);

/** What is said to a client. */
export interface ClientAnswer {
  readonly rcode: number;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** AD (RFC 4035 §3.2.3). */
  readonly authentic: boolean;
  /** AA: said of the resolver's own accord. */
  readonly authoritative: boolean;
  readonly error: { readonly code: number; readonly text: string } | undefined;
}

/** Success without a record. */
export const noAnswer: ClientAnswer = {
  rcode: rcode.NOERROR,
  authoritative: false,
  answers: [],
  authorities: [],
  authentic: false,
  error: undefined,
};

/** What every response begins with. */
export const emptyResponse: Message = {
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

/** A refusal with its reason (RFC 8914 §2). */
export function refusal(code: number, text: string): ClientAnswer {
  return { ...noAnswer, rcode: rcode.REFUSED, error: { code, text } };
}

/** What is said of an outcome to whoever sent that query. */
export function answerOf(outcome: Outcome, query: Message): ClientAnswer {
  const { end, endTtl } = outcome;
  const dnssec = query.edns?.dnssecOk ?? false;
  // RFC 4035 §3.2.1: signatures and proofs are for those who ask for them.
  const aliases = dnssec ? outcome.aliases : outcome.aliases.filter(({ type }) => type !== rrType.RRSIG);
  // RFC 6840 §5.7: AD is for those who say that they understand it, by DO or by AD.
  const authentic = outcome.security === 'secure' && (dnssec || query.authenticData);
  const authoritative = outcome.authoritative ?? false;
  switch (end.kind) {
    case 'records':
      return {
        ...noAnswer,
        authentic,
        authoritative,
        answers: [
          ...aliases,
          ...recordsOf({ ...end.rrset, ttl: endTtl }),
          ...(dnssec ? withTtl(end.signatures, endTtl) : []),
        ],
        authorities: dnssec ? joined(withTtl(end.proofs, endTtl), outcome.aliasProofs) : [],
        error: noteOf(outcome, end, end.kind),
      };
    case 'nodata':
    case 'nxdomain':
      return {
        ...noAnswer,
        authentic,
        authoritative,
        rcode: end.kind === 'nxdomain' ? rcode.NXDOMAIN : rcode.NOERROR,
        answers: aliases,
        // RFC 2308 §6: the SOA is given on with the TTL that is left.
        authorities: dnssec
          ? joined(withTtl(end.authorities, endTtl), outcome.aliasProofs)
          : withTtl(
              end.authorities.filter(({ type }) => type === rrType.SOA),
              endTtl,
            ),
        error: noteOf(outcome, end, end.kind),
      };
    case 'failure': {
      const error = { code: end.extendedError, text: end.reason };
      return { ...noAnswer, rcode: end.rcode, answers: end.rcode === rcode.YXDOMAIN ? aliases : [], error };
    }
    default:
      return unreachable(end);
  }
}

/** The response but for its OPT record. */
export function bodyOf(query: Message, answer: ClientAnswer, truncated: boolean = false): Uint8Array {
  return encodeMessage({
    ...emptyResponse,
    id: query.id,
    opcode: query.opcode,
    truncated,
    recursionDesired: query.recursionDesired,
    // RFC 4035 §3.2.2: CD is copied.
    checkingDisabled: query.checkingDisabled,
    authoritative: answer.authoritative,
    authenticData: answer.authentic,
    // The upper bits stand in the OPT record.
    rcode: query.edns === undefined ? answer.rcode : answer.rcode & 15,
    questions: query.questions.slice(0, 1),
    answers: answer.answers,
    authorities: answer.authorities,
  });
}

/** What an extended error option has to say (RFC 8914 §2). */
export function errorData({ error }: ClientAnswer): Uint8Array {
  if (error === undefined) return noError;
  return extendedErrorOption({ code: error.code, text: error.text.slice(0, longestErrorText) }).bytes;
}

/** Of a failure nothing is said, but that validation made it one. */
export function securityOf({ end, security }: Outcome): Security | undefined {
  if (end.kind !== 'failure') return security;
  return bogusCodes.has(end.extendedError) ? 'bogus' : undefined;
}

/** RFC 8914 §2: an extended error may come with an answer, too; here, that it has expired, or why it isn't secure. */
function noteOf({ stale }: Outcome, { fault }: Checked, kind: CachedAnswer['kind']): ClientAnswer['error'] {
  if (stale === true) {
    const code = kind === 'nxdomain' ? extendedError.STALE_NXDOMAIN_ANSWER : extendedError.STALE_ANSWER;
    return { code, text: 'no server could be asked, and this is the last that was known' };
  }
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
