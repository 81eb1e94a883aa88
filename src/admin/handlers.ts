// What the admin API does, over the ports to what is kept. Runs in the server, and in a command where no server runs.
import type { DomainStore, MailDomain } from '../domains/domain-store.ts';
import { parseJourneyId } from '../lib/journey.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { Random } from '../lib/random.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { Account, AccountStore } from '../login/account-store.ts';
import { makeCredentials } from '../login/password.ts';
import type { JourneyStore, MessageJourney } from '../mailbox/journey-store.ts';
import { StoreFault } from '../mailbox/message.ts';
import type { QueueEntry, QueueId, QueueStore } from '../smtp/queue/queue-store.ts';
import { parseMailAddress } from '../smtp/wire/path.ts';
import type { NameQuestion, NameReport } from '../dns/client/name-report.ts';
import type { QueryLog } from '../dns/resolver/query-log.ts';
import { parseQuestion, resolutionView } from './resolution-view.ts';
import { resolverHandlers } from './resolver-handlers.ts';
import type { ResolverPort } from './resolver-handlers.ts';
import { trustHandlers } from './trust-handlers.ts';
import type { TrustPort } from './trust-handlers.ts';
import { secondaryHandlers } from './secondary-handlers.ts';
import type { SecondaryPort } from './secondary-handlers.ts';
import { zoneContentHandlers } from './zone-content-handlers.ts';
import { zoneHandlers } from './zone-handlers.ts';
import type { AdminZones } from './zone-handlers.ts';
import type { Admin, AdminCalls, AdminFault, CallName, StatusView } from './api.ts';

export interface AdminStores {
  readonly domains: DomainStore;
  readonly accounts: AccountStore;
  readonly queue: QueueStore;
  readonly journeys: JourneyStore;
}

export interface AdminPorts {
  /** `undefined` where the server has no mail role, and so no store. */
  readonly stores: AdminStores | undefined;
  readonly random: Random;
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
  /** Runs with the stores, and makes what they throw a fault. */
  const stored = async <Output>(
    run: (stores: AdminStores) => Promise<Result<Output, AdminFault>>,
  ): Promise<Result<Output, AdminFault>> => {
    if (ports.stores === undefined) {
      return refuse(
        'unavailable',
        'this server has no listener for mail, and so keeps no domains, accounts or queue',
      );
    }
    try {
      return await run(ports.stores);
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
      return refuse('unavailable', error.message);
    }
  };
  const noServer = refuse('unavailable', 'no server is running');
  return {
    ...secondaryHandlers(ports.secondary),
    ...resolverHandlers(ports.resolver, ports.queries),
    ...trustHandlers(ports.trust),
    ...zoneHandlers(ports.zones),
    ...zoneContentHandlers(ports.zones),
    status: async () => (ports.server === undefined ? noServer : ok(ports.server.status())),
    reload: async () => (ports.server === undefined ? noServer : ok({ faults: await ports.server.reload() })),
    listDomains: () =>
      stored(async (stores) => {
        const domains = await stores.domains.listDomains();
        const accounts = await stores.accounts.listAccounts();
        return ok(domains.map((domain) => domainView(domain, accounts)));
      }),
    showDomain: ({ name }) => stored((stores) => showDomain(stores, name)),
    addDomain: ({ name }) =>
      stored(async (stores) => {
        const parsed = parseDomain(name);
        if (!parsed.ok) return parsed;
        const added = await stores.domains.addDomain(parsed.value);
        return added.ok ? ok(domainView(added.value, [])) : refuse('conflict', added.fault);
      }),
    removeDomain: ({ name }) =>
      stored(async (stores) => {
        const parsed = parseDomain(name);
        if (!parsed.ok) return parsed;
        const removed = await stores.domains.removeDomain(parsed.value);
        return removed.ok ? ok({}) : refuse('conflict', removed.fault);
      }),
    listAccounts: ({ domain }) =>
      stored(async (stores) => {
        const wanted = domain === undefined ? undefined : parseDomain(domain);
        if (wanted !== undefined && !wanted.ok) return wanted;
        const accounts = await stores.accounts.listAccounts();
        return ok(
          accounts
            .filter((account) => wanted === undefined || account.address.domain === wanted.value)
            .map(accountView),
        );
      }),
    addAccount: ({ address, password }) =>
      stored(async (stores) => {
        const parsed = parseAddress(address);
        if (!parsed.ok) return parsed;
        const credentials = await makeCredentials(password, ports.random);
        if (!credentials.ok) return refuse('invalid', credentials.fault);
        const added = await stores.accounts.addAccount(parsed.value, credentials.value);
        return added.ok ? ok(accountView(added.value)) : refuse('conflict', added.fault);
      }),
    setPassword: ({ address, password }) =>
      stored(async (stores) => {
        const account = await findAccount(stores, address);
        if (!account.ok) return account;
        const credentials = await makeCredentials(password, ports.random);
        if (!credentials.ok) return refuse('invalid', credentials.fault);
        await stores.accounts.setCredentials(account.value.id, credentials.value);
        return ok({});
      }),
    removeAccount: ({ address }) =>
      stored(async (stores) => {
        const account = await findAccount(stores, address);
        if (!account.ok) return account;
        await stores.accounts.removeAccount(account.value.id);
        return ok({});
      }),
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

async function showDomain(stores: AdminStores, name: string): Answer<'showDomain'> {
  const parsed = parseDomain(name);
  if (!parsed.ok) return parsed;
  const domain = await stores.domains.findDomain(parsed.value);
  if (domain === undefined) {
    return refuse(
      'not-found',
      `we don't take mail for ${parsed.value}: 'signpost domain add' would change that`,
    );
  }
  return ok(domainView(domain, await stores.accounts.listAccounts()));
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

async function findAccount(stores: AdminStores, text: string): Promise<Result<Account, AdminFault>> {
  const address = parseAddress(text);
  if (!address.ok) return address;
  const account = await stores.accounts.findAccount(address.value);
  return account === undefined
    ? refuse(
        'not-found',
        `there is no account ${formatMailAddress(address.value)}: 'signpost account list' shows them`,
      )
    : ok(account);
}

function parseAddress(text: string): Result<MailAddress, AdminFault> {
  const address = parseMailAddress(text);
  return address.ok ? address : refuse('invalid', `'${text}' is not a mail address: ${address.fault}`);
}

/** The form that the stores keep: lower case, A-labels. */
function parseDomain(text: string): Result<string, AdminFault> {
  const address = parseMailAddress(`postmaster@${text.replace(/\.$/, '')}`);
  return address.ok && !address.value.domain.startsWith('[')
    ? ok(address.value.domain)
    : refuse('invalid', `'${text}' is not a domain name, like example.com`);
}

function noEntry(id: number): Result<never, AdminFault> {
  return refuse('not-found', `the queue has no entry ${id}: 'signpost queue list' shows what waits`);
}

function refuse(
  kind: AdminFault['kind'],
  message: string,
): { readonly ok: false; readonly fault: AdminFault } {
  return fault({ kind, message });
}

function domainView(domain: MailDomain, accounts: readonly Account[]): AdminCalls['showDomain']['output'] {
  const own = accounts.filter(({ address }) => address.domain === domain.name);
  return {
    name: domain.name,
    createdAt: time(domain.createdAt),
    accounts: own.map(({ address }) => formatMailAddress(address)),
  };
}

function accountView({ address, createdAt }: Account): AdminCalls['addAccount']['output'] {
  return { address: formatMailAddress(address), createdAt: time(createdAt) };
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

function time(ms: number): string {
  return new Date(ms).toISOString();
}
