// The bounce: what the sender of a message gets when recipients of it have failed for good (RFC 5321 §6.1).
import { latin1ToBytes } from '../../lib/bytes.ts';
import { destinationsOf } from '../../domains/destinations.ts';
import type { Route } from '../../domains/directory.ts';
import type { Clock } from '../../lib/clock.ts';
import { newJourneyId } from '../../lib/journey.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Random } from '../../lib/random.ts';
import type { AcceptedMessage, Destination } from '../../mailbox/message.ts';
import { formatDsn } from '../../message/dsn.ts';
import type { DsnRecipient } from '../../message/dsn.ts';
import { encodeParsedMessage } from '../../message/kept-message.ts';
import { parseMessage } from '../../message/message-parser.ts';
import { readHeaderBlock } from './header-block.ts';
import type { QueueEntry, QueueStore } from './queue-store.ts';

export interface BounceNeeds {
  readonly store: Pick<QueueStore, 'readContent'>;
  readonly route: (recipient: MailAddress) => Promise<Route>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hostname: string;
}

/**
 * The notice to accept, or `undefined` where none may be sent: never for a message from `<>`, which is itself a notice
 * (RFC 5321 §6.1), nor to an address of ours that nobody has. `entry` is any of the message's entries.
 * Throws what the store throws.
 */
export async function makeBounce(
  entry: QueueEntry,
  failures: readonly DsnRecipient[],
  needs: BounceNeeds,
): Promise<AcceptedMessage | undefined> {
  const to = entry.envelope.reversePath;
  if (to === undefined) return undefined;
  const destinations = destinationsOf(to, await needs.route(to));
  if (destinations.length === 0) return undefined;
  const now = needs.clock.now();
  const id = newJourneyId(now, needs.random);
  const dsn = formatDsn({
    id,
    date: now,
    hostname: needs.hostname,
    to,
    arrivedAt: entry.queuedAt,
    recipients: failures,
    originalHeader: await readHeaderBlock(needs.store.readContent(entry.content)),
    utf8: entry.envelope.utf8,
  });
  // RFC 5321 §4.4: final delivery puts the reverse-path in front; a message on its way must not have it.
  const delivered = destinations.some(({ kind }) => kind === 'mailbox');
  const content = delivered ? [latin1ToBytes('Return-Path: <>\r\n'), dsn.content] : [dsn.content];
  return {
    id,
    receivedAt: now,
    envelope: { reversePath: undefined, eightBit: dsn.eightBit, utf8: dsn.utf8 },
    content,
    parsed: delivered ? encodeParsedMessage(parseMessage(content)) : undefined,
    destinations,
    journey: bounceSteps(now, entry, destinations, needs.hostname),
  };
}

function bounceSteps(
  now: number,
  entry: QueueEntry,
  destinations: readonly Destination[],
  hostname: string,
): JourneyStep[] {
  const text = `${hostname} wrote this report, because message ${entry.message} could not be delivered.`;
  const written: JourneyStep = { step: 'S3', at: now, ms: 0, ok: true, text, detail: { of: entry.message } };
  const stored = destinations.flatMap((to): JourneyStep[] => {
    if (to.kind === 'relay') return [];
    const where = `Stored in the mailbox ${to.mailbox} of ${formatMailAddress(to.recipient)}.`;
    return [{ step: 'S6', at: now, ms: 0, ok: true, text: where }];
  });
  return [written, ...stored];
}
