// A message whose content has come, with what is known of it: what journeys, logs and refusals tell of it alike.
import type { JourneyStep } from '../../lib/journey.ts';
import type { LogFields } from '../../lib/log.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { distinctDestinations } from '../../domains/destinations.ts';
import type { ReportRow } from '../../mailauth/dmarc/report-store.ts';
import type { MailEnvelope, MailVerdicts } from '../../mailauth/verdicts.ts';
import type { Destination } from '../../mailbox/message.ts';
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

/** Where its copies go: aliases and groups are what they stand for, and nobody gets two. */
export function copiesOf({ recipients }: Transaction): readonly Destination[] {
  return distinctDestinations(recipients.toArray().flatMap(destinationsOf));
}

/** What was asked for of a recipient goes with each copy, but for a group's: of those its owner hears (RFC 3461 §7.2.7). */
function destinationsOf({ destinations, report }: Recipient): readonly Destination[] {
  if (report === undefined) return destinations;
  return destinations.map((each) =>
    each.kind === 'relay' && each.owner !== undefined ? each : { ...each, report },
  );
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
