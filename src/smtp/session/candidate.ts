// A message whose content has come, with what is known of it: what journeys, logs and refusals tell of it alike.
import type { JourneyStep } from '../../lib/journey.ts';
import type { LogFields } from '../../lib/log.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { ReportRow } from '../../mailauth/dmarc/report-store.ts';
import type { MailEnvelope, MailVerdicts } from '../../mailauth/verdicts.ts';
import type { Reply } from '../wire/reply.ts';
import type { SmtpContext } from './context.ts';
import { messageIdOf } from './own-fields.ts';
import type { TakenContent } from './own-fields.ts';
import type { ContentPhase, ReadyPhase, Transaction } from './phase.ts';
import type { Recipient } from './recipients.ts';
import { recipientsCheckedStep } from './steps.ts';

/** A message that nothing stands against but what is still to be asked. */
export interface Candidate {
  readonly context: SmtpContext;
  readonly phase: ContentPhase;
  readonly content: TakenContent;
  readonly eightBit: boolean;
  readonly verdicts: MailVerdicts | undefined;
  readonly report: ReportRow | undefined;
}

/** Recipients named in a line of the log. */
const mostLogged = 10;

/** S1 and S2: what came before the content. */
export function stepsBefore({ context, phase, verdicts }: Candidate): readonly JourneyStep[] {
  const { recipients, recipientsSince, startedAt } = phase.transaction;
  const checked =
    phase.peer.login?.step ??
    recipientsCheckedStep(context, { since: recipientsSince ?? startedAt }, recipients.toArray(), verdicts);
  return [phase.hello.step, checked];
}

export function takenFacts({ context, phase, content }: Candidate): {
  readonly reversePath: Transaction['reversePath'];
  readonly recipients: readonly Recipient[];
  readonly messageId: string | undefined;
} {
  const { reversePath, recipients } = phase.transaction;
  const messageId = messageIdOf(context, phase, content.front, content.header);
  return { reversePath, recipients: recipients.toArray(), messageId };
}

export function mailEnvelope(context: SmtpContext, { hello, transaction }: ContentPhase): MailEnvelope {
  return { ip: context.remote.address, helo: hello.client.text, mailFrom: transaction.reversePath };
}

export function readyAfter({ peer, hello }: ContentPhase): ReadyPhase {
  return { kind: 'ready', peer, hello };
}

/** For the log. */
export function envelopeFields({ reversePath, recipients }: Transaction): LogFields {
  return {
    reversePath: reversePath === undefined ? '<>' : formatMailAddress(reversePath),
    recipients: recipients.count,
    to: recipients
      .toArray()
      .slice(0, mostLogged)
      .map((recipient) => formatMailAddress(recipient.address)),
  };
}

/** As the peer reads it. */
export function replyText(answer: Reply): string {
  return `${answer.code} ${answer.enhancedCode ?? ''} ${answer.lines.join(' ')}`;
}
