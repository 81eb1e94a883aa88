// The port to the queue: what waits to be relayed, one entry a recipient.
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { AcceptedMessage, AccountId, ContentId, Envelope } from '../../mailbox/message.ts';
import type { ReportTerms } from '../../mailbox/terms.ts';

declare const queueIdBrand: unique symbol;
export type QueueId = number & { readonly [queueIdBrand]: true };

export interface QueueEntry {
  readonly id: QueueId;
  readonly message: JourneyId;
  readonly envelope: Envelope;
  readonly recipient: MailAddress;
  readonly report?: ReportTerms;
  /** Its sender was told that it is late. */
  readonly delayReported?: true;
  readonly content: ContentId;
  /** Octets. */
  readonly size: number;
  /** Times in milliseconds since the epoch. */
  readonly queuedAt: number;
  readonly nextAttemptAt: number;
  readonly attempts: number;
  /** What the last attempt ended with, as a sentence or a reply. */
  readonly lastReply: string | undefined;
  /** Set by `signpost queue cancel` and the like: not attempted. */
  readonly held: boolean;
}

export type Settlement =
  /** Taken by the next server: the entry goes. */
  | { readonly kind: 'relayed'; readonly id: QueueId }
  | {
      readonly kind: 'deferred';
      readonly id: QueueId;
      readonly nextAttemptAt: number;
      readonly reply: string;
      /** A report that it is late is in `notices`. */
      readonly delayReported?: true;
    }
  /** Its time has come, and it was for one of us: the entry moves into a mailbox; where that is gone, it is due again. */
  | {
      readonly kind: 'delivered';
      readonly id: QueueId;
      /** Milliseconds since the epoch. */
      readonly at: number;
      readonly account: AccountId;
      readonly mailbox: string;
    }
  /** Given up: the entry goes, the bounce is in `notices`. */
  | { readonly kind: 'failed'; readonly id: QueueId; readonly reply: string };

export interface QueueStore {
  /**
   * Entries that are due at `now` and not held, the longest due first, whose domain is not in `except`. Of a domain that has
   * more than `limit`, those that `dueEntriesOf` gives.
   */
  dueEntries(now: number, limit: number, except: ReadonlySet<string>): Promise<readonly QueueEntry[]>;
  /** The due entries of one destination domain: of the highest priority first, of these the longest due (RFC 6710 §4.3). */
  dueEntriesOf(domain: string, now: number, limit: number): Promise<readonly QueueEntry[]>;
  /** When the next entry that is not held falls due; `undefined` for an empty queue. */
  nextDue(): Promise<number | undefined>;
  /**
   * Ends attempts: entries go or wait, steps are added to the journeys, and bounces are accepted, all in one transaction.
   */
  settle(
    settlements: readonly Settlement[],
    journey: readonly { readonly message: JourneyId; readonly steps: readonly JourneyStep[] }[],
    notices: readonly AcceptedMessage[],
  ): Promise<void>;
  readContent(content: ContentId): AsyncIterable<Uint8Array>;
  /** Called after a commit that put entries into the queue or made some due; returns how to stop. */
  watchQueue(changed: () => void): () => void;

  /** For the operator: by next attempt. */
  listQueue(limit: number): Promise<readonly QueueEntry[]>;
  findQueueEntry(id: QueueId): Promise<QueueEntry | undefined>;
  /** Makes entries due now; all of them where no id is given. Gives how many. */
  retry(id?: QueueId): Promise<number>;
  /** Removes an entry without a bounce. False where there is none. */
  cancel(id: QueueId): Promise<boolean>;
}
