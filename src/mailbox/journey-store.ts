// The port to the journeys of messages: `accept` and `settle` write them, `signpost journey` reads them.
import type { JourneyId, JourneyStep } from '../lib/journey.ts';
import type { MailAddress } from '../lib/mail-address.ts';

export interface MessageJourney {
  readonly id: JourneyId;
  readonly receivedAt: number;
  readonly reversePath: MailAddress | undefined;
  readonly recipients: readonly MailAddress[];
  /** Octets of content. */
  readonly size: number;
  readonly steps: readonly JourneyStep[];
}

export interface JourneyStore {
  readJourney(id: JourneyId): Promise<MessageJourney | undefined>;
  /** The newest first. */
  listJourneys(limit: number): Promise<readonly MessageJourney[]>;
}
