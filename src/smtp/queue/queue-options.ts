// What a queue is made of, and the numbers that bound it.
import type { Lookup } from '../../dns/lookup.ts';
import type { Route } from '../../domains/directory.ts';
import type { Clock } from '../../lib/clock.ts';
import type { JourneyObserver } from '../../lib/journey.ts';
import type { Log } from '../../lib/log.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Random } from '../../lib/random.ts';
import type { QueueStore } from './queue-store.ts';
import type { RelayTransport } from './relay-transport.ts';

export interface QueueOptions {
  readonly store: QueueStore;
  readonly lookup: Lookup;
  readonly transport: RelayTransport;
  /** Where a bounce goes: `Directory.route`. One to an address of ours that doesn't exist is dropped. */
  readonly route: (recipient: MailAddress) => Promise<Route>;
  readonly clock: Clock;
  readonly random: Random;
  /** Our name: in bounces, and to know ourselves among MX targets. */
  readonly hostname: string;
  /** Whether mail sent to this IP address would come back to us. */
  readonly isOwnAddress: (address: string) => boolean;
  readonly log: Log;
  /** Is told S4 and S5 as they happen, and the steps of bounces. */
  readonly onStep?: JourneyObserver;
  readonly limits?: Partial<QueueLimits>;
}

export interface QueueLimits {
  /** Attempts at once, over all destinations. */
  readonly attempts: number;
  /** Attempts at once to one destination domain. */
  readonly attemptsPerDestination: number;
  /** Recipients of one transaction; RFC 5321 §4.5.3.1.8 lets every server take 100. */
  readonly recipientsPerTransaction: number;
  /** Server addresses tried in one attempt. */
  readonly addressesPerAttempt: number;
  /** Waits before the second, third, ... attempt, in milliseconds; the last one stays. */
  readonly retryAfterMs: readonly number[];
  /** How much of a wait is left to chance: 0.1 is from 10 % less to 10 % more. */
  readonly retryJitter: number;
  /** A message older than this is given up; RFC 5321 §4.5.4.1 wants 4 to 5 days at least. */
  readonly giveUpAfterMs: number;
  /** A sender who asked to hear of delays does after this (RFC 3461 §4.1). */
  readonly delayReportAfterMs: number;
  /** How long a destination where nobody answered is left alone. */
  readonly restMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

export const defaultQueueLimits: QueueLimits = {
  attempts: 100,
  attemptsPerDestination: 4,
  recipientsPerTransaction: 100,
  addressesPerAttempt: 8,
  retryAfterMs: [1 * minute, 5 * minute, 15 * minute, 30 * minute, 1 * hour, 2 * hour, 4 * hour],
  retryJitter: 0.1,
  giveUpAfterMs: 5 * 24 * hour,
  delayReportAfterMs: 4 * hour,
  restMs: 1 * minute,
};
