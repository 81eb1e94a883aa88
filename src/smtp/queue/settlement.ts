// From what became of the recipients to what the store shall write: who goes, who waits till when, who is given up, and
// the report of it to the sender.
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import { inbox } from '../../mailbox/mail-store.ts';
import type { AcceptedMessage } from '../../mailbox/message.ts';
import { wantsReport } from '../../mailbox/terms.ts';
import type { DsnRecipient } from '../../message/dsn.ts';
import type { RecipientResult } from './attempt.ts';
import { endOfTrying, nextAttemptAt } from './back-off.ts';
import { isLate, isPastReturn, overdueText } from './deadline.ts';
import { makeReport } from './report.ts';
import type { ReportNeeds } from './report.ts';
import type { QueueLimits } from './queue-options.ts';
import type { QueueEntry, QueueStore, Settlement } from './queue-store.ts';
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

export interface SettlementNeeds extends ReportNeeds {
  readonly store: Pick<QueueStore, 'readContent'>;
}

interface Settled {
  readonly settlement: Settlement;
  /** What the sender is told of it. */
  readonly report?: DsnRecipient;
}

/** All entries are of one message; at least one. Throws what the store throws. */
export async function planSettlement(
  settled: readonly SettledEntry[],
  steps: readonly JourneyStep[],
  limits: QueueLimits,
  needs: SettlementNeeds,
): Promise<SettlementPlan> {
  const now = needs.clock.now();
  const each = settled.map(({ entry, result }) => settleOne(entry, result, now, limits, needs));
  const first = settled[0]?.entry;
  const reports = each.flatMap(({ report }) => report ?? []);
  const notice = first === undefined ? undefined : await makeReport(mailOf(first, needs), reports, needs);
  const ends = first === undefined ? [] : endSteps(settled, each, notice, now);
  return {
    settlements: each.map(({ settlement }) => settlement),
    journey: first === undefined ? [] : [{ message: first.message, steps: [...steps, ...ends] }],
    notices: notice === undefined ? [] : [notice],
  };
}

function settleOne(
  entry: QueueEntry,
  result: RecipientResult,
  now: number,
  limits: QueueLimits,
  needs: SettlementNeeds,
): Settled {
  const { id } = entry;
  const { verdict } = result;
  switch (verdict.kind) {
    case 'taken':
      return { settlement: { kind: 'relayed', id }, ...reportRelayed(entry, result) };
    case 'delivered': {
      const settlement = {
        kind: 'delivered',
        id,
        at: now,
        account: verdict.account,
        mailbox: inbox,
      } as const;
      return wantsReport(entry.report, 'success')
        ? { settlement, report: reported(entry, result, 'delivered') }
        : { settlement };
    }
    case 'refused':
      return fail(entry, result, verdict.text);
    case 'deferred': {
      if (isPastReturn(entry.envelope, now)) {
        return fail(entry, { ...result, verdict: { ...verdict, status: '5.4.7' } }, overdueText(verdict));
      }
      const attempts = entry.attempts + 1;
      const next = nextAttemptAt({ ...entry, attempts }, now, limits, needs.random);
      if (next === undefined) {
        return fail(entry, result, `${givenUpText(limits)} The last attempt: ${verdict.text}`);
      }
      const reply = replyOf(verdict);
      const deferred = { kind: 'deferred', id, nextAttemptAt: next, reply } as const;
      if (!isToldOfDelay(entry, now, limits)) return { settlement: deferred };
      const willRetryUntil = endOfTrying(entry, limits);
      return {
        settlement: { ...deferred, delayReported: true },
        report: { ...reported(entry, result, 'delayed'), willRetryUntil },
      };
    }
    default:
      return unreachable(verdict);
  }
}

/** RFC 3461 §5.2.2: where the next server won't report, that it went there is the last that is known. RFC 2852 §4: so for its time. */
function reportRelayed(entry: QueueEntry, result: RecipientResult): { readonly report?: DsnRecipient } {
  const { deliverBy } = entry.envelope.terms ?? {};
  const promises = result.verdict.kind === 'taken' ? result.verdict.promises : undefined;
  const unreported = promises?.reports !== true && wantsReport(entry.report, 'success');
  const untimed = deliverBy !== undefined && promises?.deadline !== true;
  const followed = (untimed || deliverBy?.trace === true) && entry.report?.notify !== 'none';
  return unreported || followed ? { report: reported(entry, result, 'relayed') } : {};
}

/** Once: after some hours where it was asked for (RFC 3461 §4.1), or when its time is over (RFC 2852 §4). */
function isToldOfDelay(entry: QueueEntry, now: number, limits: QueueLimits): boolean {
  if (entry.delayReported === true) return false;
  const begun = Math.max(entry.queuedAt, entry.envelope.terms?.releaseAt ?? 0);
  if (now - begun >= limits.delayReportAfterMs && wantsReport(entry.report, 'delay')) return true;
  const notify = entry.report?.notify;
  return isLate(entry.envelope, now) && (notify === undefined || wantsReport(entry.report, 'delay'));
}

function fail(entry: QueueEntry, result: RecipientResult, text: string): Settled {
  const { verdict } = result;
  const status = permanentStatus(verdict);
  const settlement = { kind: 'failed', id: entry.id, reply: replyOf(verdict) } as const;
  return wantsReport(entry.report, 'failure')
    ? { settlement, report: { ...reported(entry, result, 'failed'), status, text } }
    : { settlement };
}

function reported(
  { report }: QueueEntry,
  { recipient: { localPart, domain }, verdict, remote }: RecipientResult,
  action: DsnRecipient['action'],
): DsnRecipient {
  const { status, text, reply } = verdict;
  const original = report?.originalRecipient;
  return {
    recipient: { localPart, domain },
    action,
    ...(original !== undefined && { originalRecipient: original }),
    status,
    remote,
    reply,
    text,
  };
}

/** RFC 3464 §2.3.4: a failed recipient has a permanent status; RFC 3463 §3.5 has X.4.7 for a message that is too old. */
function permanentStatus({ kind, status }: Verdict): string {
  if (kind === 'refused') return status;
  return status === '4.4.1' || status === '4.0.0' ? '5.4.7' : status.replace(/^4/, '5');
}

function replyOf({ reply, status, text }: Verdict): string {
  return reply ?? `${status} ${text}`;
}

function givenUpText(limits: QueueLimits): string {
  const days = Math.round(limits.giveUpAfterMs / 86_400_000);
  return days >= 1
    ? `It was tried for ${days === 1 ? 'a day' : `${days} days`} and is now given up.`
    : 'It was tried for as long as this server tries, and is now given up.';
}

function mailOf(entry: QueueEntry, { store }: SettlementNeeds): Parameters<typeof makeReport>[0] {
  const { message: id, envelope, queuedAt: receivedAt, size, content } = entry;
  return { id, envelope, receivedAt, size, content: () => store.readContent(content) };
}

/** A failure is the end of a recipient's journey, and so is a mailbox here: it says so, and where the report went. */
function endSteps(
  settled: readonly SettledEntry[],
  each: readonly Settled[],
  notice: AcceptedMessage | undefined,
  now: number,
): readonly JourneyStep[] {
  const of = (kind: Settlement['kind']): readonly (readonly [string, Settled])[] =>
    settled.flatMap(({ entry }, index): (readonly [string, Settled])[] => {
      const one = each[index];
      return one?.settlement.kind === kind ? [[formatMailAddress(entry.recipient), one]] : [];
    });
  const stored = of('delivered').map(([whom]): JourneyStep => ({
    step: 'S6',
    at: now,
    ms: 0,
    ok: true,
    text: `Stored in the ${inbox} of ${whom}, where it waits for its owner.`,
    detail: { recipient: whom, mailbox: inbox },
  }));
  const failed = of('failed');
  if (failed.length === 0) return stored;
  const told = notice !== undefined && failed.some(([, { report }]) => report !== undefined);
  const report = told ? `its sender is told by message ${notice.id}` : 'nobody can be told';
  const whom = failed.map(([name]) => name).join(', ');
  return [...stored, { step: 'S5', at: now, ms: 0, ok: false, text: `Given up for ${whom}: ${report}.` }];
}
