// The reports that are due at once: that a message is in the mailboxes of those whose sender asked to hear of it (RFC 3461 §5.2.3).
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { AcceptedMessage, Destination } from '../../mailbox/message.ts';
import { wantsReport } from '../../mailbox/terms.ts';
import type { DsnRecipient } from '../../message/dsn.ts';
import { makeReport } from '../queue/report.ts';
import type { ReportNeeds } from '../queue/report.ts';

/** To be accepted together with the message, which they say is delivered. Throws what the store throws. */
export async function deliveryReports(
  message: AcceptedMessage,
  needs: ReportNeeds,
): Promise<readonly AcceptedMessage[]> {
  const reached = Map.groupBy(
    message.destinations.filter(({ kind, report }) => kind === 'mailbox' && wantsReport(report, 'success')),
    // Who stands behind an alias or a group is their own business.
    ({ recipient, via }) => formatMailAddress(via ?? recipient),
  );
  const delivered = Array.from(reached.values(), deliveredTo).flat();
  if (delivered.length === 0) return [];
  const { id, envelope, receivedAt, content } = message;
  const mail = {
    id,
    envelope,
    receivedAt,
    size: content.reduce((octets, chunk) => octets + chunk.length, 0),
    content: async function* () {
      yield* content;
    },
  };
  const report = await makeReport(mail, delivered, needs);
  return report === undefined ? [] : [report];
}

/** RFC 3461 §5.2.7: what a list was expanded to is told in one. */
function deliveredTo(copies: readonly Destination[]): readonly DsnRecipient[] {
  const [first, another] = copies;
  if (first === undefined) return [];
  const original = first.report?.originalRecipient;
  const expanded = another !== undefined;
  return [
    {
      recipient: first.via ?? first.recipient,
      action: expanded ? 'expanded' : 'delivered',
      ...(original !== undefined && { originalRecipient: original }),
      status: '2.1.5',
      remote: undefined,
      reply: undefined,
      text: expanded ? 'It was put into the mailboxes of all.' : 'It was put into the mailbox.',
    },
  ];
}
