// When a deferred message is tried again (RFC 5321 §4.5.4.1), and when it is given up.
import type { Random } from '../../lib/random.ts';
import type { Envelope } from '../../mailbox/message.ts';
import type { QueueLimits } from './queue-options.ts';

interface Tried {
  readonly queuedAt: number;
  readonly envelope?: Envelope;
}

/** When an entry is given up: counted from when it could go first, and not beyond the time by which it must have arrived. */
export function endOfTrying({ queuedAt, envelope }: Tried, limits: QueueLimits): number {
  const { releaseAt = 0, deliverBy } = envelope?.terms ?? {};
  const end = Math.max(queuedAt, releaseAt) + limits.giveUpAfterMs;
  return deliverBy?.mode === 'return' ? Math.min(end, deliverBy.at) : end;
}

/**
 * The time of the next attempt, milliseconds since the epoch, or `undefined` when the message is to be given up.
 * `attempts` counts those made, the one that has just failed included. The last attempt falls on the end of the message's life, so
 * that a server that comes back late still gets it.
 */
export function nextAttemptAt(
  entry: Tried & { readonly attempts: number },
  now: number,
  limits: QueueLimits,
  random: Random,
): number | undefined {
  const end = endOfTrying(entry, limits);
  if (now >= end) return undefined;
  const { retryAfterMs, retryJitter } = limits;
  const wait = retryAfterMs[Math.min(entry.attempts, retryAfterMs.length) - 1] ?? retryAfterMs[0] ?? 60_000;
  // Spread, so that messages which failed together don't come back together.
  const spread = 1 + retryJitter * (random.below(2001) / 1000 - 1);
  return Math.min(end, now + Math.max(1000, Math.round(wait * spread)));
}
