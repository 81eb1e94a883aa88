// From what became of the recipients to what the store shall write: who goes, who waits till when, who is given up, and
// the bounce.
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { AcceptedMessage } from '../../mailbox/message.ts';
import type { DsnRecipient } from '../../message/dsn.ts';
import type { RecipientResult } from './attempt.ts';
import { nextAttemptAt } from './back-off.ts';
import { makeBounce } from './bounce.ts';
import type { BounceNeeds } from './bounce.ts';
import type { QueueLimits } from './queue-options.ts';
import type { QueueEntry, Settlement } from './queue-store.ts';
import type { Verdict } from './relay-transport.ts';

/** The arguments of one `QueueStore.settle`. */
export interface SettlementPlan {
  readonly settlements: readonly Settlement[];
  readonly journey: readonly { readonly message: JourneyId; readonly steps: readonly JourneyStep[] }[];
  readonly notices: readonly AcceptedMessage[];
}

export interface SettledEntry {
  readonly entry: QueueEntry;
  readonly result: RecipientResult;
}

/** All entries are of one message; at least one. Throws what the store throws. */
export async function planSettlement(
  settled: readonly SettledEntry[],
  steps: readonly JourneyStep[],
  limits: QueueLimits,
  needs: BounceNeeds,
): Promise<SettlementPlan> {
  const now = needs.clock.now();
  const settlements: Settlement[] = [];
  const failures: DsnRecipient[] = [];
  for (const { entry, result } of settled) {
    const { verdict } = result;
    if (verdict.kind === 'taken') {
      settlements.push({ kind: 'relayed', id: entry.id });
      continue;
    }
    const reply = verdict.reply ?? `${verdict.status} ${verdict.text}`;
    const next =
      verdict.kind === 'deferred'
        ? nextAttemptAt({ queuedAt: entry.queuedAt, attempts: entry.attempts + 1 }, now, limits, needs.random)
        : undefined;
    if (next !== undefined) {
      settlements.push({ kind: 'deferred', id: entry.id, nextAttemptAt: next, reply });
      continue;
    }
    settlements.push({ kind: 'failed', id: entry.id, reply });
    failures.push(failureOf(result, limits));
  }
  const first = settled[0];
  const notice =
    first === undefined || failures.length === 0 ? undefined : await makeBounce(first.entry, failures, needs);
  return {
    settlements,
    journey:
      first === undefined
        ? []
        : [{ message: first.entry.message, steps: journeyOf(steps, failures, notice, now) }],
    notices: notice === undefined ? [] : [notice],
  };
}

function failureOf({ recipient, verdict, remote }: RecipientResult, limits: QueueLimits): DsnRecipient {
  const text =
    verdict.kind === 'refused' ? verdict.text : `${givenUpText(limits)} The last attempt: ${verdict.text}`;
  return { recipient, status: permanentStatus(verdict), remote, reply: verdict.reply, text };
}

/** RFC 3464 §2.3.4: a failed recipient has a permanent status; RFC 3463 §3.5 has X.4.7 for a message that is too old. */
function permanentStatus(verdict: Verdict): string {
  if (verdict.kind === 'refused') return verdict.status;
  return verdict.status === '4.4.1' || verdict.status === '4.0.0'
    ? '5.4.7'
    : verdict.status.replace(/^4/, '5');
}

function givenUpText(limits: QueueLimits): string {
  const days = Math.round(limits.giveUpAfterMs / 86_400_000);
  return days >= 1
    ? `It was tried for ${days === 1 ? 'a day' : `${days} days`} and is now given up.`
    : 'It was tried for as long as this server tries, and is now given up.';
}

/** A failure is the end of a recipient's journey: it says where the bounce went. */
function journeyOf(
  steps: readonly JourneyStep[],
  failures: readonly DsnRecipient[],
  notice: AcceptedMessage | undefined,
  now: number,
): JourneyStep[] {
  if (failures.length === 0) return [...steps];
  const whom = failures.map((each) => formatMailAddress(each.recipient)).join(', ');
  const report = notice === undefined ? 'nobody can be told' : `its sender is told by message ${notice.id}`;
  return [...steps, { step: 'S5', at: now, ms: 0, ok: false, text: `Given up for ${whom}: ${report}.` }];
}
