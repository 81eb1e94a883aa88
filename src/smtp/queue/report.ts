// The report that the sender of a message gets of what became of it (RFC 3461 §6, RFC 5321 §6.1), as a message to accept.
import { concatBytes, latin1ToBytes } from '../../lib/bytes.ts';
import { destinationsOf } from '../../domains/destinations.ts';
import type { Route } from '../../domains/directory.ts';
import type { Clock } from '../../lib/clock.ts';
import { newJourneyId } from '../../lib/journey.ts';
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Random } from '../../lib/random.ts';
import type { AcceptedMessage, Destination, Envelope } from '../../mailbox/message.ts';
import { formatDsn } from '../../message/dsn.ts';
import type { DsnRecipient } from '../../message/dsn.ts';
import { encodeParsedMessage } from '../../message/kept-message.ts';
import { parseMessage } from '../../message/message-parser.ts';
import { withoutReturnPath } from '../../message/return-path.ts';
import { readHeaderBlock } from './header-block.ts';

/** Octets. A report gives back no message that is larger than this, but its header only. */
const largestReturned = 256 * 1024;

/** The message that is reported on. */
export interface ReportedMail {
  readonly id: JourneyId;
  readonly envelope: Envelope;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Octets. */
  readonly size: number;
  /** From its beginning, each time. */
  content(): AsyncIterable<Uint8Array>;
}

export interface ReportNeeds {
  /** Where a report goes: `Directory.route`. */
  readonly route: (recipient: MailAddress) => Promise<Route>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostname: string;
}

/**
 * The report, or `undefined` where none may be sent: never on a message from `<>`, which is itself a report
 * (RFC 5321 §6.1), nor to an address of ours that nobody has. Throws what the store throws.
 */
export async function makeReport(
  mail: ReportedMail,
  recipients: readonly DsnRecipient[],
  needs: ReportNeeds,
): Promise<AcceptedMessage | undefined> {
  const { reversePath: to, utf8, terms = {} } = mail.envelope;
  if (to === undefined || recipients.length === 0) return undefined;
  const destinations = destinationsOf(to, await needs.route(to));
  if (destinations.length === 0) return undefined;
  const now = needs.clock.now();
  const id = newJourneyId(now, needs.random);
  const original = givesBackAll(mail, recipients) ? concatBytes(await contentOf(mail)) : undefined;
  const dsn = formatDsn({
    id,
    date: now,
    hostname: needs.hostname,
    to,
    arrivedAt: mail.receivedAt,
    recipients,
    ...(terms.envelopeId !== undefined && { envelopeId: terms.envelopeId }),
    originalHeader: await readHeaderBlock(withoutReturnPath(mail.content())),
    ...(original !== undefined && { original }),
    utf8,
  });
  // RFC 5321 §4.4: final delivery puts the reverse-path in front; a message on its way must not have it.
  const delivered = destinations.some(({ kind }) => kind === 'mailbox');
  const content = delivered ? [latin1ToBytes('Return-Path: <>\r\n'), dsn.content] : [dsn.content];
  return {
    id,
    receivedAt: now,
    envelope: {
      reversePath: undefined,
      eightBit: dsn.eightBit,
      utf8: dsn.utf8,
      // RFC 8689 §4.3: what may not cross in clear is not told in clear.
      ...(terms.requireTls !== undefined && { terms: { requireTls: true } }),
    },
    content,
    parsed: delivered ? encodeParsedMessage(parseMessage(content)) : undefined,
    destinations,
    journey: reportSteps(now, mail.id, recipients, destinations, needs.hostname),
  };
}

/** RFC 3461 §4.3: RET counts for failures; whatever it says, other reports have the header only. RFC 8689 §4.3: so has what requires TLS. */
function givesBackAll({ envelope, size }: ReportedMail, recipients: readonly DsnRecipient[]): boolean {
  const { terms = {}, binary } = envelope;
  return (
    terms.returns === 'full' &&
    terms.requireTls === undefined &&
    binary === undefined &&
    size <= largestReturned &&
    recipients.some((each) => each.action === 'failed')
  );
}

async function contentOf(mail: ReportedMail): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of withoutReturnPath(mail.content())) chunks.push(chunk);
  return chunks;
}

function reportSteps(
  now: number,
  of: JourneyId,
  recipients: readonly DsnRecipient[],
  destinations: readonly Destination[],
  hostname: string,
): JourneyStep[] {
  const why = recipients.some((each) => each.action === 'failed')
    ? `because message ${of} could not be delivered`
    : `of what became of message ${of}`;
  const text = `${hostname} wrote this report, ${why}.`;
  const written: JourneyStep = { step: 'S3', at: now, ms: 0, ok: true, text, detail: { of } };
  const stored = destinations.flatMap((to): JourneyStep[] => {
    if (to.kind === 'relay') return [];
    const where = `Stored in the mailbox ${to.mailbox} of ${formatMailAddress(to.recipient)}.`;
    return [{ step: 'S6', at: now, ms: 0, ok: true, text: where }];
  });
  return [written, ...stored];
}
