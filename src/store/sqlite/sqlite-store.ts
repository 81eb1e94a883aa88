// The store in one SQLite database: every port to durable things that the floors below have.
//
// Promises: what was accepted survives the end of the process and of power (WAL, synchronous=FULL, an answer only after
// the commit); all writes of a request happen or none; one that fails (`StoreFault`) harms no other, and the store goes on.
// Memory: a group of at most 8 MiB is copied for writing (or one larger message), 256 KiB for reading a content.
import { systemClock } from '../../lib/clock.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { AddressList, AddressListStore, GroupChange } from '../../domains/address-list.ts';
import type { DomainStore, MailDomain } from '../../domains/domain-store.ts';
import type { Account, AccountSettings, AccountStore, Credentials } from '../../login/account-store.ts';
import type { JourneyStore, MessageJourney } from '../../mailbox/journey-store.ts';
import type { Mailbox, MailboxEntry, MailStore } from '../../mailbox/mail-store.ts';
import { canonicalMailboxName } from '../../mailbox/mailbox-name.ts';
import { dayOf } from '../../mailauth/dmarc/report-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { AcceptedMessage, AccountId, ContentId, Intake, MailboxId, Uid } from '../../mailbox/message.ts';
import type { KeptMessage } from '../../message/kept-message.ts';
import type { QueueEntry, QueueId, QueueStore, Settlement } from '../../smtp/queue/queue-store.ts';
import { ownFolder } from './folder.ts';
import type { OwnedFolder } from './folder.ts';
import { GroupWriter } from './group-writer.ts';
import { messageToWrite, octetsToWrite } from './message-to-write.ts';
import { PeopleCache } from './people-cache.ts';
import { QueueReader } from './queue-reader.ts';
import { Reader } from './reader.ts';
import { SqliteReportStore } from './report-store.ts';
import type { ReportOptions } from './report-store.ts';
import { Watchers } from './watchers.ts';
import type { WriteRequest, WriteValue } from './write-request.ts';
import { SqliteZoneStore } from './zone-store.ts';

const day = 86_400_000;

export interface SqliteStoreOptions {
  readonly clock?: Clock;
  /** How long to wait for another process that has the folder; a command waits a little, a server doesn't. Default 0. */
  readonly lockWaitMs?: number;
  /** A quota: the database grows to no more than this, then `StoreFault` is `full`. Default: the disk's end. */
  readonly maxOctets?: number;
  /** How long journeys are kept after their message was received. Default: 30 days. */
  readonly keepJourneysMs?: number;
  /** Bounds of what is counted for domains that ask for reports. Default: 10,000 rows for each domain and day, 7 days. */
  readonly reports?: Partial<ReportOptions>;
}

/**
 * Opens the store in `folder`, making it where there is none. Throws `StoreFault` with a sentence for the operator: another
 * process has it, it can't be written, it was written by a newer version.
 */
export async function openSqliteStore(
  folder: string,
  options: SqliteStoreOptions = {},
): Promise<SqliteStore> {
  const clock = options.clock ?? systemClock;
  const owned = await ownFolder(folder, options.lockWaitMs ?? 0, clock);
  const mailboxWatchers = new Watchers<number>();
  const queueWatchers = new Watchers<'queue'>();
  let writer: GroupWriter | undefined;
  let people: PeopleCache | undefined;
  try {
    const data = { path: owned.database, maxOctets: options.maxOctets };
    writer = await GroupWriter.open(data, (changes) => {
      for (const mailbox of changes.mailboxes) mailboxWatchers.notify(mailbox);
      if (changes.queue) queueWatchers.notify('queue');
      if (changes.people) people?.clear();
    });
    const reader = new Reader(owned.database);
    people = new PeopleCache(reader);
    const keepJourneysMs = options.keepJourneysMs ?? 30 * day;
    return new SqliteStore({
      owned,
      writer,
      reader,
      people,
      clock,
      mailboxWatchers,
      queueWatchers,
      keepJourneysMs,
      reports: { mostRows: 10_000, keepDays: 7, onDropped: undefined, ...options.reports },
    });
  } catch (error) {
    await writer?.close();
    owned[Symbol.dispose]();
    throw error;
  }
}

interface Parts {
  readonly owned: OwnedFolder;
  readonly writer: GroupWriter;
  readonly reader: Reader;
  readonly people: PeopleCache;
  readonly clock: Clock;
  readonly mailboxWatchers: Watchers<number>;
  readonly queueWatchers: Watchers<'queue'>;
  readonly keepJourneysMs: number;
  readonly reports: ReportOptions;
}

export class SqliteStore
  implements
    Intake,
    MailStore,
    QueueStore,
    AccountStore,
    DomainStore,
    AddressListStore,
    JourneyStore,
    AsyncDisposable
{
  readonly zones: SqliteZoneStore;
  readonly reports: SqliteReportStore;
  readonly #owned: OwnedFolder;
  readonly #writer: GroupWriter;
  readonly #reader: Reader;
  readonly #people: PeopleCache;
  readonly #queueReader: QueueReader;
  readonly #clock: Clock;
  readonly #mailboxWatchers: Watchers<number>;
  readonly #queueWatchers: Watchers<'queue'>;
  readonly #keepJourneysMs: number;
  #tidying: Timer;
  #closed: Promise<void> | undefined;

  /** By `openSqliteStore` only. */
  constructor(parts: Parts) {
    this.#owned = parts.owned;
    this.#writer = parts.writer;
    this.#reader = parts.reader;
    this.#people = parts.people;
    this.#queueReader = new QueueReader(parts.reader);
    this.#clock = parts.clock;
    this.#mailboxWatchers = parts.mailboxWatchers;
    this.#queueWatchers = parts.queueWatchers;
    this.#keepJourneysMs = parts.keepJourneysMs;
    this.zones = new SqliteZoneStore(parts.writer, parts.reader);
    this.reports = new SqliteReportStore(parts.writer, parts.reader, parts.clock, parts.reports);
    this.#tidying = this.#clock.after(0, () => this.#tidy());
  }

  /** Refuses what comes from now on, finishes what waits, and gives the folder back. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#tidying.cancel();
    void this.reports.flush();
    this.#reader.close();
    this.#people.clear();
    await this.#writer.close();
    this.#owned[Symbol.dispose]();
  }

  #tidy(): void {
    this.zones.sweep();
    this.reports.tidy(dayOf(this.#clock.now()));
    this.#writer.forget(this.#clock.now() - this.#keepJourneysMs);
    this.#tidying = this.#clock.after(day / 24, () => this.#tidy());
  }

  // Intake

  async accept(message: AcceptedMessage, reports: readonly AcceptedMessage[] = []): Promise<void> {
    if (reports.length > 0) return await this.settle([], [], [message, ...reports]);
    await this.#writer.submit({ kind: 'accept', message: messageToWrite(message) }, octetsToWrite(message));
  }

  // MailStore

  async findMailbox(account: AccountId, name: string): Promise<Mailbox | undefined> {
    return this.#reader.findMailbox(account, canonicalMailboxName(name));
  }

  async listMailboxes(account: AccountId): Promise<readonly Mailbox[]> {
    return this.#reader.listMailboxes(account);
  }

  listEntries(mailbox: MailboxId): Promise<readonly MailboxEntry[]> {
    return this.#reader.listEntries(mailbox);
  }

  readContent(content: ContentId): AsyncIterable<Uint8Array> {
    return this.#reader.readContent(content);
  }

  async readParsed(content: ContentId): Promise<KeptMessage | undefined> {
    return this.#reader.readParsed(content);
  }

  async expunge(mailbox: MailboxId, uids: readonly Uid[]): Promise<void> {
    if (uids.length > 0) await this.#writer.submit({ kind: 'expunge', mailbox, uids });
  }

  watch(mailbox: MailboxId, changed: () => void): () => void {
    return this.#mailboxWatchers.add(mailbox, changed);
  }

  // QueueStore

  async dueEntries(now: number, limit: number, except: ReadonlySet<string>): Promise<readonly QueueEntry[]> {
    return this.#queueReader.due(now, limit, except);
  }

  async dueEntriesOf(domain: string, now: number, limit: number): Promise<readonly QueueEntry[]> {
    return this.#queueReader.dueOf(domain, now, limit);
  }

  async nextDue(): Promise<number | undefined> {
    return this.#reader.nextDue();
  }

  async settle(
    settlements: readonly Settlement[],
    journey: readonly { readonly message: JourneyId; readonly steps: readonly JourneyStep[] }[],
    notices: readonly AcceptedMessage[],
  ): Promise<void> {
    await this.#writer.submit(
      {
        kind: 'settle',
        settlements,
        journey: journey.map(({ message, steps }) => ({ message, steps: JSON.stringify(steps) })),
        notices: notices.map(messageToWrite),
      },
      notices.flatMap(octetsToWrite),
    );
  }

  watchQueue(changed: () => void): () => void {
    return this.#queueWatchers.add('queue', changed);
  }

  async listQueue(limit: number): Promise<readonly QueueEntry[]> {
    return this.#queueReader.list(limit);
  }

  async findQueueEntry(id: QueueId): Promise<QueueEntry | undefined> {
    return this.#queueReader.find(id);
  }

  async retry(id?: QueueId): Promise<number> {
    return countOf(await this.#writer.submit({ kind: 'retry', id, now: this.#clock.now() }));
  }

  async cancel(id: QueueId): Promise<boolean> {
    return countOf(await this.#writer.submit({ kind: 'cancel', id })) > 0;
  }

  // AccountStore

  async findAccount(address: MailAddress): Promise<Account | undefined> {
    return this.#people.findAccount(address);
  }

  async listAccounts(): Promise<readonly Account[]> {
    return this.#reader.listAccounts();
  }

  async oldestAccountOf(domain?: string): Promise<Account | undefined> {
    return this.#reader.oldestAccountOf(domain);
  }

  async addAccount(address: MailAddress, credentials: Credentials): Promise<Result<Account>> {
    const now = this.#clock.now();
    const value = await this.#writer.submit({ kind: 'addAccount', address, credentials, now });
    if (value.kind === 'refused') return fault(value.reason);
    const account = this.#reader.findAccount(address);
    return account === undefined ? fault(`${formatMailAddress(address)} was removed again`) : ok(account);
  }

  async setCredentials(id: AccountId, credentials: Credentials): Promise<void> {
    await this.#writer.submit({ kind: 'setCredentials', id, credentials });
  }

  async setAccountSettings(id: AccountId, settings: AccountSettings): Promise<void> {
    await this.#writer.submit({ kind: 'setAccountSettings', id, settings: JSON.stringify(settings) });
  }

  async removeAccount(id: AccountId): Promise<void> {
    await this.#writer.submit({ kind: 'removeAccount', id });
  }

  // DomainStore

  async findDomain(name: string): Promise<MailDomain | undefined> {
    return this.#people.findDomain(name);
  }

  async listDomains(): Promise<readonly MailDomain[]> {
    return this.#reader.listDomains();
  }

  async addDomain(name: string, aliasOf?: string): Promise<Result<MailDomain>> {
    if (!isDomainName(name)) return fault(`'${name}' is not a domain name in lower case, like example.com`);
    const now = this.#clock.now();
    const value = await this.#writer.submit({ kind: 'addDomain', name, aliasOf, now });
    return value.kind === 'refused'
      ? fault(value.reason)
      : ok({ name, createdAt: now, aliasOf, catchAll: undefined });
  }

  async setCatchAll(name: string, target: MailAddress | undefined): Promise<Result<MailDomain>> {
    const value = await this.#writer.submit({ kind: 'setCatchAll', name, target });
    if (value.kind === 'refused') return fault(value.reason);
    const domain = this.#reader.findDomain(name);
    return domain === undefined ? fault(`${name} was removed again`) : ok(domain);
  }

  async removeDomain(name: string): Promise<Result<undefined>> {
    const value = await this.#writer.submit({ kind: 'removeDomain', name });
    return value.kind === 'refused' ? fault(value.reason) : ok(undefined);
  }

  // AddressListStore

  async findList(address: MailAddress): Promise<AddressList | undefined> {
    return this.#people.findList(address);
  }

  async listLists(): Promise<readonly AddressList[]> {
    return this.#reader.listLists();
  }

  async addTargets(
    list: AddressList['kind'],
    address: MailAddress,
    targets: readonly MailAddress[],
  ): Promise<Result<AddressList>> {
    const now = this.#clock.now();
    return this.#listAfter(address, { kind: 'addTargets', list, address, targets, now });
  }

  async removeTargets(address: MailAddress, targets: readonly MailAddress[]): Promise<Result<AddressList>> {
    return this.#listAfter(address, { kind: 'removeTargets', address, targets });
  }

  async changeGroup(address: MailAddress, change: GroupChange): Promise<Result<AddressList>> {
    return this.#listAfter(address, { kind: 'changeGroup', address, change });
  }

  async removeList(address: MailAddress): Promise<Result<undefined>> {
    const value = await this.#writer.submit({ kind: 'removeList', address });
    return value.kind === 'refused' ? fault(value.reason) : ok(undefined);
  }

  async #listAfter(address: MailAddress, request: WriteRequest): Promise<Result<AddressList>> {
    const value = await this.#writer.submit(request);
    if (value.kind === 'refused') return fault(value.reason);
    const list = this.#reader.findList(address);
    return list === undefined ? fault(`${formatMailAddress(address)} was removed again`) : ok(list);
  }

  // JourneyStore

  async readJourney(id: JourneyId): Promise<MessageJourney | undefined> {
    return this.#reader.readJourney(id);
  }

  async listJourneys(limit: number): Promise<readonly MessageJourney[]> {
    return this.#reader.listJourneys(limit);
  }
}

function countOf(value: WriteValue): number {
  if (value.kind !== 'count') throw new StoreFault('broken', `the writer gave ${value.kind} for a count`);
  return value.count;
}

/** RFC 5321 §4.1.2: dot-separated letters, digits and hyphens; A-labels, as the store never sees others. */
function isDomainName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name)
  );
}
