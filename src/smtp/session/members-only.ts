// Groups that take mail from their members only, where the member is one elsewhere: it is believed by its MAIL FROM at RCPT, and once the
// message is there, SPF, DKIM or DMARC must have proved that its domain sent it.
import type { MailVerdicts } from '../../mailauth/verdicts.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { Reply } from '../wire/reply.ts';
import type { Transaction } from './phase.ts';
import { reply } from './replies.ts';

/** Why the message can't go to a group that it is for; `undefined` where nothing stands against it. */
export function refuseMember(transaction: Transaction, verdicts: MailVerdicts): Reply | undefined {
  const group = transaction.recipients.toArray().find(({ membersOnly }) => membersOnly === true);
  const domain = transaction.reversePath?.domain;
  if (group === undefined || domain === undefined || isProven(domain, verdicts)) return undefined;
  if (verdicts.temporary) return reply('cannotCheckSender');
  const name = formatMailAddress(group.address);
  return reply('unprovenMember', { recipient: /^[ -~]*$/.test(name) ? name : 'this group', domain });
}

/** Whether the domain itself sent the message, or let somebody send it. */
function isProven(domain: string, { spf, dkim, dmarc }: MailVerdicts): boolean {
  return (
    (spf.result === 'pass' && spf.identity === 'mailfrom') ||
    (dmarc.result === 'pass' && dmarc.authorDomain === domain) ||
    dkim.some((each) => each.result === 'pass' && each.domain.toLowerCase() === domain)
  );
}
