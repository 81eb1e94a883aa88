// What a delivery status notification says to a person: which report it is, what happened to each recipient, and what to do.
import { formatMailAddress } from '../lib/mail-address.ts';
import { formatDate } from './date.ts';
import type { Dsn, DsnAction, DsnRecipient } from './dsn.ts';
import { wrap } from './wrap-text.ts';

/** In the order in which a person wants to know. */
const actions: readonly DsnAction[] = ['failed', 'delayed', 'relayed', 'expanded', 'delivered'];

const subjects: Readonly<Record<DsnAction, string>> = {
  failed: 'Your message could not be delivered',
  delayed: 'Your message is late',
  relayed: 'Your message was passed on',
  expanded: 'Your message was passed on to a list',
  delivered: 'Your message was delivered',
};

/** What stands before the addresses, behind "Your message of such a day". */
const openings: Readonly<Record<DsnAction, string>> = {
  failed: 'could not be delivered to',
  delayed: 'has not yet been delivered to',
  relayed: 'was handed to a server that will not tell what becomes of it, for',
  expanded: 'was passed on to all who stand behind',
  delivered: 'was delivered to',
};

const closings: Readonly<Record<DsnAction, string>> = {
  failed: 'It will not be tried again.',
  delayed: 'It will be tried again: you need not do anything.',
  relayed: 'This is the last report about it.',
  expanded: 'This is the last report about it.',
  delivered: 'You asked for this report when you sent it.',
};

export function subjectOf({ recipients }: Dsn): string {
  const worst = actions.find((action) => recipients.some((each) => each.action === action));
  return subjects[worst ?? 'failed'];
}

/** Lines, without their ends. */
export function explain(dsn: Dsn): readonly string[] {
  const parts = actions.flatMap((action) => {
    const recipients = dsn.recipients.filter((each) => each.action === action);
    return recipients.length === 0 ? [] : [{ action, recipients }];
  });
  return parts.flatMap(({ action, recipients }, index) => {
    const whom = recipients.length === 1 ? 'this address' : 'these addresses';
    const which = `Your message of ${formatDate(dsn.arrivedAt)} ${openings[action]} ${whom}:`;
    const opening = index === 0 ? `This is the mail server ${dsn.hostname}. ${which}` : which;
    const attached = dsn.original === undefined ? 'The header of your message' : 'Your message';
    const closing = `${closings[action]} ${attached} is attached below.`;
    const last = index === parts.length - 1;
    return [
      ...wrap(opening, ''),
      '',
      ...recipients.flatMap((each) => [...paragraph(each), '']),
      ...wrap(last ? closing : closings[action], ''),
      ...(last ? [] : ['']),
    ];
  });
}

function paragraph({ recipient, text, reply, action, status, willRetryUntil }: DsnRecipient): string[] {
  const until = willRetryUntil === undefined ? [] : [`It is tried until ${formatDate(willRetryUntil)}.`];
  const todo = action === 'failed' ? [advice(status)] : until;
  return [
    `<${formatMailAddress(recipient)}>:`,
    ...wrap(text, '  '),
    ...(reply === undefined ? [] : wrap(reply, '    ')),
    ...todo.flatMap((each) => wrap(each, '  ')),
  ];
}

/** What the sender can do about it, by the subject of the status code (RFC 3463 §3). */
function advice(status: string): string {
  const [, subject = '', detail = ''] = status.split('.');
  switch (`${subject}.${detail}`) {
    case '1.2':
    case '1.10':
    case '4.4':
      return 'Check the part of the address after the @: no mail can be sent there as it is written.';
    case '2.2':
      return 'Send the message again later, or reach the recipient in another way: the mailbox has no room.';
    case '2.3':
    case '3.4':
      return 'Send a smaller message: in parts, or with a link instead of an attachment.';
    case '6.7':
      return 'Ask the recipient for an address without special letters: the server does not know them.';
    default:
  }
  switch (subject) {
    case '1':
      return 'Check the address for typing errors, or ask the recipient for the right one.';
    case '4':
    case '3':
      return 'Send the message again later: the fault may be gone. If it stays, tell the postmaster of that domain.';
    case '7':
      return "Ask the recipient's postmaster why the message was refused: this report tells them the reason.";
    default:
      return "If you don't see why, show this report to your postmaster.";
  }
}
