// The steps of a message's journey that its receiving server takes: S1 to S3, and S6 for mailboxes here. Told in sentences.
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { JourneyDetail, JourneyStep } from '../../lib/journey.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { TlsInfo } from '../../lib/transport.ts';
import type { SmtpContext, SmtpRole } from './context.ts';
import type { MailVerdicts } from '../../mailauth/verdicts.ts';
import type { Recipient } from './recipients.ts';
import { verdictDetail, verdictText } from './verdict-text.ts';

/** How many recipients a step names; the journey has them all beside its steps. */
const mostNamed = 10;

interface Timing {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The end; now where it isn't given. */
  readonly until?: number;
}

/** S1: the client has connected and said who it is. */
export function connectedStep(
  context: SmtpContext,
  timing: Timing,
  client: string,
  tls: TlsInfo | undefined,
): JourneyStep {
  const from = formatEndpoint(context.remote);
  const secured = tls === undefined ? 'in clear' : `under ${tls.protocol}`;
  const door = doors[context.role];
  return step(context, 'S1', timing, true, `${client} connected from ${from} ${door}${secured}.`, {
    client,
    from,
    tls: tls === undefined ? 'none' : `${tls.protocol} ${tls.cipher}`,
  });
}

const doors: Readonly<Record<SmtpRole, string>> = { mx: '', submission: 'for submission ', lmtp: 'by LMTP ' };

/** S2 for our own users: the password fitted. */
export function loggedInStep(
  context: SmtpContext,
  timing: Timing,
  account: MailAddress,
  mechanism: string,
): JourneyStep {
  const user = formatMailAddress(account);
  return step(context, 'S2', timing, true, `${user} logged in by ${mechanism}; the password fits.`, {
    account: user,
    mechanism,
  });
}

/** S2 where other servers deliver: nobody logs in, but every recipient must be ours, and the sender is looked into. */
export function recipientsCheckedStep(
  context: SmtpContext,
  timing: Timing,
  recipients: readonly Recipient[],
  verdicts: MailVerdicts | undefined,
): JourneyStep {
  const names = nameRecipients(recipients);
  const are = recipients.length === 1 ? 'is an address' : 'are addresses';
  const found = verdicts === undefined ? '' : ` ${verdictText(verdicts)}`;
  const text = `No login is needed to bring mail to our own users: ${names} ${are} of this server.${found}`;
  return step(context, 'S2', timing, true, text, {
    login: 'none',
    recipients: recipients.length,
    ...(verdicts !== undefined && verdictDetail(verdicts)),
  });
}

/** S3: envelope and content were taken, or the store failed to keep them. */
export function takenStep(
  context: SmtpContext,
  timing: Timing,
  taken: {
    readonly reversePath: MailAddress | undefined;
    readonly recipients: readonly Recipient[];
    readonly size: number;
    readonly messageId: string | undefined;
    readonly reply: string;
    readonly outcome: 'kept' | 'refused' | 'not kept';
  },
): JourneyStep {
  const from = taken.reversePath === undefined ? 'the null sender' : formatMailAddress(taken.reversePath);
  const verb = taken.outcome === 'kept' ? 'Took' : taken.outcome === 'refused' ? 'Refused' : 'Could not keep';
  const text = `${verb} ${taken.size} octets from ${from} to ${nameRecipients(taken.recipients)}: ${taken.reply}`;
  return step(context, 'S3', timing, taken.outcome === 'kept', text, {
    reversePath: taken.reversePath === undefined ? '' : from,
    recipients: taken.recipients.slice(0, mostNamed).map((recipient) => formatMailAddress(recipient.address)),
    size: taken.size,
    reply: taken.reply,
    ...(taken.messageId === undefined ? {} : { messageId: taken.messageId }),
  });
}

/** S6: one recipient's copy is in a mailbox. */
export function storedStep(
  context: SmtpContext,
  timing: Timing,
  recipient: MailAddress,
  mailbox: string,
): JourneyStep {
  const owner = formatMailAddress(recipient);
  const text = `Stored in the ${mailbox} of ${owner}, where it waits for its owner.`;
  return step(context, 'S6', timing, true, text, { recipient: owner, mailbox });
}

/** S6 for the many others of a group. */
export function storedElsewhereStep(context: SmtpContext, timing: Timing, mailboxes: number): JourneyStep {
  const text = `Stored in ${mailboxes} more mailboxes.`;
  return step(context, 'S6', timing, true, text, { mailboxes });
}

function nameRecipients(recipients: readonly Recipient[]): string {
  return nameSome(recipients, nameRecipient);
}

/** With those that it stands for, where it does. */
function nameRecipient({ address, destinations }: Recipient): string {
  const name = formatMailAddress(address);
  return destinations.every(({ via }) => via === undefined)
    ? name
    : `${name} (that is ${nameSome(destinations, (each) => formatMailAddress(each.recipient))})`;
}

function nameSome<Each>(list: readonly Each[], name: (each: Each) => string): string {
  const names = list.slice(0, mostNamed).map(name).join(', ');
  return list.length > mostNamed ? `${names} and ${list.length - mostNamed} more` : names;
}

function step(
  context: SmtpContext,
  name: 'S1' | 'S2' | 'S3' | 'S6',
  timing: Timing,
  ok: boolean,
  text: string,
  detail: JourneyDetail,
): JourneyStep {
  const until = timing.until ?? context.clock.now();
  return {
    step: name,
    at: timing.since,
    ms: Math.max(0, until - timing.since),
    ok,
    server: { name: context.hostname, address: formatEndpoint(context.local) },
    text,
    detail,
  };
}
