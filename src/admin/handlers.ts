// What the admin API does, over the ports to what is kept. Runs in the server, and in a command where no server runs.
import { parseJourneyId } from '../lib/journey.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { Random } from '../lib/random.ts';
import { ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { MessageJourney } from '../mailbox/journey-store.ts';
import type { QueueEntry, QueueId } from '../smtp/queue/queue-store.ts';
import type { NameQuestion, NameReport } from '../dns/client/name-report.ts';
import type { QueryLog } from '../dns/resolver/query-log.ts';
import { listHandlers } from './list-handlers.ts';
import { accountHandlers, domainHandlers } from './people-handlers.ts';
import { parseQuestion, resolutionView } from './resolution-view.ts';
import { resolverHandlers } from './resolver-handlers.ts';
import type { ResolverPort } from './resolver-handlers.ts';
import { trustHandlers } from './trust-handlers.ts';
import type { TrustPort } from './trust-handlers.ts';
import { secondaryHandlers } from './secondary-handlers.ts';
import type { SecondaryPort } from './secondary-handlers.ts';
import { refuse, storedIn, time } from './stored.ts';
import type { AdminStores } from './stored.ts';
import { zoneContentHandlers } from './zone-content-handlers.ts';
import { zoneHandlers } from './zone-handlers.ts';
import type { AdminZones } from './zone-handlers.ts';
import type { Admin, AdminCalls, AdminFault, CallName, StatusView } from './api.ts';

export interface AdminPorts {
  /** `undefined` where the server has no mail role, and so no store. */
  readonly stores: AdminStores | undefined;
  readonly random: Random;
  /** What parts a name from its tag (`addresses.separator`). */
  readonly separator: string | undefined;
  /** `undefined` where no server runs; then a command resolves by itself. */
  readonly resolve: ((question: NameQuestion) => Promise<Result<NameReport>>) | undefined;
  /** `undefined` where there are none. */
  readonly zones: AdminZones | undefined;
  /** `undefined` where no server runs. */
  readonly server: { status(): StatusView; reload(): Promise<readonly string[]> } | undefined;
  /** The zones that are taken from primaries; absent where no server runs, or one without an authority. */
  readonly secondary?: SecondaryPort | undefined;
  /** Absent where no server runs. */
  readonly resolver?: ResolverPort | undefined;
  /** Absent where no questions are logged. */
  readonly queries?: Pick<QueryLog, 'latest'> | undefined;
  /** Absent where no server runs. */
  readonly trust?: TrustPort | undefined;
}

const usualLimit = 100;

type Answer<Name extends CallName> = Promise<Result<AdminCalls[Name]['output'], AdminFault>>;

export function adminHandlers(ports: AdminPorts): Admin {
  const stored = storedIn(ports.stores);
  const noServer = refuse('unavailable', 'no server is running');
  return {
    ...domainHandlers(stored),
    ...accountHandlers(stored, ports.random),
    ...listHandlers(stored, ports.separator),
    ...secondaryHandlers(ports.secondary),
    ...resolverHandlers(ports.resolver, ports.queries),
    ...trustHandlers(ports.trust),
    ...zoneHandlers(ports.zones),
    ...zoneContentHandlers(ports.zones),
    status: async () => (ports.server === undefined ? noServer : ok(ports.server.status())),
    reload: async () => (ports.server === undefined ? noServer : ok({ faults: await ports.server.reload() })),
    listQueue: ({ limit }) =>
      stored(async ({ queue }) => ok((await queue.listQueue(limit ?? usualLimit)).map(queueView))),
    showQueue: ({ id }) =>
      stored(async ({ queue }) => {
        const entry = await queue.findQueueEntry(id as QueueId);
        return entry === undefined ? noEntry(id) : ok(queueView(entry));
      }),
    retryQueue: ({ id }) =>
      stored(async ({ queue }) => {
        const retried = await queue.retry(id as QueueId | undefined);
        return id !== undefined && retried === 0 ? noEntry(id) : ok({ retried });
      }),
    cancelQueue: ({ id }) =>
      stored(async ({ queue }) => ((await queue.cancel(id as QueueId)) ? ok({}) : noEntry(id))),
    listJourneys: ({ limit }) =>
      stored(async ({ journeys }) => ok((await journeys.listJourneys(limit ?? usualLimit)).map(journeyView))),
    showJourney: ({ id }) => stored((stores) => showJourney(stores, id)),
    resolveName: async ({ name, type, dnssec }) => {
      const question = parseQuestion(name, type, dnssec ?? false);
      if (!question.ok) return refuse('invalid', question.fault);
      if (ports.resolve === undefined) return noServer;
      const report = await ports.resolve(question.value);
      return report.ok ? ok(resolutionView(report.value)) : refuse('unavailable', report.fault);
    },
  };
}

async function showJourney(stores: AdminStores, text: string): Answer<'showJourney'> {
  const id = parseJourneyId(text);
  if (id === undefined) {
    return refuse('invalid', `'${text}' is not the id of a journey: those have 16 letters and digits`);
  }
  const journey = await stores.journeys.readJourney(id);
  return journey === undefined
    ? refuse('not-found', `there is no journey ${id}; those of old messages are forgotten`)
    : ok(journeyView(journey));
}

function noEntry(id: number): Result<never, AdminFault> {
  return refuse('not-found', `the queue has no entry ${id}: 'signpost queue list' shows what waits`);
}

function queueView(entry: QueueEntry): AdminCalls['showQueue']['output'] {
  return {
    id: entry.id,
    journey: entry.message,
    from: formatReversePath(entry.envelope.reversePath),
    to: formatMailAddress(entry.recipient),
    size: entry.size,
    queuedAt: time(entry.queuedAt),
    nextAttemptAt: time(entry.nextAttemptAt),
    attempts: entry.attempts,
    lastReply: entry.lastReply ?? null,
    held: entry.held,
  };
}

function journeyView(journey: MessageJourney): AdminCalls['showJourney']['output'] {
  return {
    id: journey.id,
    receivedAt: time(journey.receivedAt),
    from: formatReversePath(journey.reversePath),
    to: journey.recipients.map(formatMailAddress),
    size: journey.size,
    steps: journey.steps,
  };
}

function formatReversePath(path: MailAddress | undefined): string {
  return path === undefined ? '<>' : formatMailAddress(path);
}
