// What holds for mail of our own users beside what holds for all (RFC 6409): they send as themselves, in bounds, and with a header that
// is one.
import type { LimitMet } from '../../domains/sending-limits.ts';
import type { SendingVerdict } from '../../domains/senders.ts';
import { durationInWords } from '../../lib/duration-words.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import type { Reply } from '../wire/reply.ts';
import { authorsOf } from './authors.ts';
import { envelopeFields, readyAfter } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { tell } from './move.ts';
import type { Move } from './move.ts';
import type { LoggedIn, ReadyPhase } from './phase.ts';
import { reply } from './replies.ts';

/** Begins a message, where the account may have the reverse-path and has not sent too much. */
export function beginSubmission(
  phase: ReadyPhase,
  login: LoggedIn,
  reversePath: MailAddress | undefined,
  utf8: boolean,
  begin: () => Move,
): Move {
  const next = (verdict: SendingVerdict | undefined): Move => {
    const refusal = refusalOf(verdict, utf8);
    return refusal === undefined ? begin() : tell(refusal, phase, noteOf(verdict, login));
  };
  return { kind: 'asked', question: { ask: 'beginning', account: login.account, reversePath, next } };
}

/** Goes on with a message whose header is in order, and of authors that the account may send as. */
export function considerSubmission(candidate: Candidate, login: LoggedIn, go: () => Move): Move {
  const { phase, content } = candidate;
  const { utf8, recipients } = phase.transaction;
  const authors = authorsOf(content, utf8);
  if (!authors.ok) {
    return tell(reply('unfitHeader', { reason: authors.fault }), readyAfter(phase), {
      level: 'info',
      event: 'submission refused',
      fields: { reason: authors.fault, ...envelopeFields(phase.transaction) },
    });
  }
  const next = (verdict: SendingVerdict | undefined): Move => {
    const refusal = refusalOf(verdict, utf8);
    return refusal === undefined ? go() : tell(refusal, readyAfter(phase), noteOf(verdict, login));
  };
  return {
    kind: 'asked',
    question: {
      ask: 'sending',
      account: login.account,
      authors: authors.value,
      recipients: recipients.count,
      next,
    },
  };
}

function refusalOf(verdict: SendingVerdict | undefined, utf8: boolean): Reply | undefined {
  if (verdict === undefined) return reply('cannotCheckSender');
  switch (verdict.kind) {
    case 'allowed':
      return undefined;
    case 'not-yours': {
      const address = formatMailAddress(verdict.address);
      const shown = utf8 || /^[ -~]*$/.test(address) ? address : 'This address';
      return reply('notYourAddress', { address: shown });
    }
    case 'limited':
      return reply('sentTooMuch', limitWords(verdict.met));
    default:
      return unreachable(verdict);
  }
}

function limitWords({
  what,
  most,
  span,
  retryAfterMs,
}: LimitMet): Readonly<Record<'most' | 'what' | 'span' | 'wait', string>> {
  const within = span === 'hour' ? 'an hour' : `a ${span}`;
  return { most: String(most), what, span: within, wait: durationInWords(retryAfterMs) };
}

function noteOf(verdict: SendingVerdict | undefined, { account }: LoggedIn): Parameters<typeof tell>[2] {
  if (verdict === undefined || verdict.kind === 'allowed') return undefined;
  const from = formatMailAddress(account.address);
  return verdict.kind === 'limited'
    ? { level: 'warn', event: 'sending limit met', fields: { account: from, ...limitWords(verdict.met) } }
    : {
        level: 'info',
        event: 'sender refused',
        fields: { account: from, address: formatMailAddress(verdict.address) },
      };
}
