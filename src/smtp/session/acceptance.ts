// The end of the content: whether it may be taken, by what stands in the way of any message and by what its checks say.
import { unreachable } from '../../lib/result.ts';
import { reportRow } from '../../mailauth/dmarc/report-store.ts';
import type { ReportRow } from '../../mailauth/dmarc/report-store.ts';
import type { DmarcPolicy, MailVerdicts } from '../../mailauth/verdicts.ts';
import type { AccountId } from '../../mailbox/message.ts';
import { fieldsNamed, headerOctets, scanHeader } from '../../message/header.ts';
import type { DataFault } from '../wire/data-decoder.ts';
import type { Reply } from '../wire/reply.ts';
import { copiesOf, envelopeFields, readyAfter, replyText, stepsBefore, takenFacts } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import type { SmtpContext } from './context.ts';
import { judge } from './mail-checks.ts';
import { refuseMember } from './members-only.ts';
import { tell } from './move.ts';
import type { Move } from './move.ts';
import type { ContentPhase, Transaction } from './phase.ts';
import { placeMessage } from './placement.ts';
import { reply } from './replies.ts';
import { considerSubmission } from './submission.ts';
import { takenStep } from './steps.ts';

/** The content as it was sent, without the dots that were stuffed. */
export type Content =
  | {
      readonly kind: 'whole';
      readonly octets: readonly Uint8Array[];
      readonly size: number;
      /** Whether an octet above 127 is in it. */
      readonly eightBit: boolean;
    }
  /** Its end was reached, but it can't be taken. `no-memory`: ours was used up. */
  | { readonly kind: 'refused'; readonly fault: DataFault | 'too-big' | 'no-memory' };

/** RFC 5321 §6.3: servers that count `Received` fields use a large threshold, normally at least 100. */
const mostReceived = 100;

/** What follows the content's end, whatever it is, is the next command. */
export function takeContent(context: SmtpContext, phase: ContentPhase, content: Content): Move {
  if (content.kind === 'refused') return tell(refuse(context, content.fault), readyAfter(phase));
  const { octets, size, eightBit } = content;
  const front = headerOctets(octets);
  const header = scanHeader(front);
  const hops = fieldsNamed(header, 'Received').length;
  if (hops >= mostReceived) {
    return tell(reply('loop', { count: String(hops) }), readyAfter(phase), {
      level: 'warn',
      event: 'mail loop refused',
      fields: envelopeFields(phase.transaction),
    });
  }
  const taken = { octets, size, front, header };
  const { check } = phase.transaction;
  if (check === undefined || context.checks === undefined) {
    const candidate = { context, phase, content: taken, eightBit, verdicts: undefined, report: undefined };
    const place = (): Move => placeMessage(candidate, new Set());
    const { login } = phase.peer;
    return context.role === 'submission' && login !== undefined
      ? considerSubmission(candidate, login, place)
      : place();
  }
  const { policy } = context.checks;
  const next = (verdicts: MailVerdicts): Move => {
    const judgement = judge(policy, verdicts);
    const report = reportOf(context, phase.transaction, verdicts, judgement.applied);
    // What stands in the field is what is done, not what was asked for.
    const seen = { ...verdicts, dmarc: { ...verdicts.dmarc, disposition: judgement.applied } };
    const candidate = { context, phase, content: taken, eightBit, verdicts: seen, report };
    const refusal = judgement.kind === 'refuse' ? judgement.reply : refuseMember(phase.transaction, verdicts);
    if (refusal !== undefined) return refuseUnproven(candidate, refusal);
    return judgement.applied === 'quarantine'
      ? quarantine(candidate, policy.quarantineMailbox)
      : placeMessage(candidate, new Set());
  };
  return { kind: 'asked', question: { ask: 'verdicts', check, next } };
}

function refuseUnproven(candidate: Candidate, answer: Reply): Move {
  const { context, phase, content, verdicts, report } = candidate;
  const { id } = phase.transaction;
  const facts = takenFacts(candidate);
  const step = takenStep(
    context,
    { since: phase.transaction.startedAt },
    { ...facts, size: content.size, reply: replyText(answer), outcome: 'refused' },
  );
  const told = tell(answer, readyAfter(phase), {
    level: 'info',
    event: 'message refused by its checks',
    fields: {
      id,
      domain: verdicts?.dmarc.authorDomain ?? '',
      reason: verdicts?.dmarc.reason ?? '',
      ...envelopeFields(phase.transaction),
    },
  });
  return {
    ...told,
    journey: { id, steps: [...stepsBefore(candidate), step] },
    ...(report !== undefined && { report }),
  };
}

/** Into the mailbox for such messages, in accounts that have one; else it is marked, and goes where it would have gone. */
function quarantine(candidate: Candidate, mailbox: string): Move {
  const accounts = copiesOf(candidate.phase.transaction).flatMap((copy) =>
    copy.kind === 'mailbox' ? [copy.account] : [],
  );
  const next = (having: ReadonlySet<AccountId> | undefined): Move =>
    having === undefined
      ? tell(reply('cannotStore'), readyAfter(candidate.phase))
      : placeMessage(candidate, having, mailbox);
  return { kind: 'asked', question: { ask: 'mailbox', name: mailbox, accounts, next } };
}

function refuse(context: SmtpContext, fault: (Content & { kind: 'refused' })['fault']): Reply {
  switch (fault) {
    case 'bare-cr':
    case 'bare-lf':
      return reply('bareLineEnd');
    case 'nul':
      return reply('nulInContent');
    case 'long-line':
      return reply('longLine');
    case 'too-big':
      return reply('tooBig', { limit: String(context.maxMessageSize) });
    case 'no-memory':
      return reply('busy');
    default:
      return unreachable(fault);
  }
}

function reportOf(
  context: SmtpContext,
  { reversePath }: Transaction,
  verdicts: MailVerdicts,
  applied: DmarcPolicy,
): ReportRow | undefined {
  return reportRow(context.remote.address, reversePath?.domain ?? '', verdicts, applied);
}
