// An SMTP server whose domain is example.com, with two users and a store in memory, for tests that talk to it.
import type { Lookup } from '../../src/dns/lookup.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { JourneyStep } from '../../src/lib/journey.ts';
import { silentLog } from '../../src/lib/log.ts';
import type { Log } from '../../src/lib/log.ts';
import { formatMailAddress } from '../../src/lib/mail-address.ts';
import type { MailAddress } from '../../src/lib/mail-address.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { ConnectionHandler } from '../../src/lib/transport.ts';
import { Directory } from '../../src/domains/directory.ts';
import { Senders } from '../../src/domains/senders.ts';
import { SendingCounts } from '../../src/domains/sending-limits.ts';
import type { UsualLimits } from '../../src/domains/sending-limits.ts';
import type { Poster, Route } from '../../src/domains/directory.ts';
import type { Account } from '../../src/login/account-store.ts';
import type { LoginRefusal } from '../../src/login/login.ts';
import { StoreFault } from '../../src/mailbox/message.ts';
import type { ReportRow } from '../../src/mailauth/dmarc/report-store.ts';
import { MailChecker } from '../../src/mailauth/mail-check.ts';
import type { Mailbox } from '../../src/mailbox/mail-store.ts';
import type { AcceptedMessage, AccountId, MailboxId, ModSeq, Uid } from '../../src/mailbox/message.ts';
import { ScriptedLookup } from './scripted-lookup.ts';
import { Reception } from '../../src/reception/reception.ts';
import type { ReceptionSettings } from '../../src/reception/reception.ts';
import { ContentMemory } from '../../src/smtp/server/content-memory.ts';
import { smtpConnectionHandler } from '../../src/smtp/server/handler.ts';
import type { SmtpServerOptions } from '../../src/smtp/server/handler.ts';
import { usualMailCheckPolicy } from '../../src/smtp/session/mail-checks.ts';
import type { MailCheckPolicy } from '../../src/smtp/session/mail-checks.ts';
import type { SmtpLimits } from '../../src/smtp/server/limits.ts';
import type { SmtpRole } from '../../src/smtp/session/context.ts';
import { KnownPassword } from './known-password.ts';
import { MemoryPeople } from './memory-people.ts';

export interface SmtpWorldOptions {
  readonly clock?: VirtualClock;
  readonly role?: SmtpRole;
  /** Whether clients may use XCLIENT. */
  readonly proxy?: boolean;
  readonly tlsOffered?: boolean;
  /** Which client addresses are served; all by default. */
  readonly serves?: (address: string) => boolean;
  readonly maxMessageSize?: number;
  readonly maxRecipients?: number;
  readonly limits?: Partial<SmtpLimits>;
  /** Octets of all arriving messages: soft and hard limit. */
  readonly memory?: readonly [number, number];
  readonly log?: Log;
  /** Default: four accounts in example.com, Alice first. */
  readonly people?: MemoryPeople;
  readonly sendingLimits?: UsualLimits;
  readonly tellClient?: boolean;
  readonly reception?: ReceptionSettings;
  /** What the reception asks. */
  readonly lookup?: Lookup;
  /** Senders are looked into by this DNS, and treated by this policy; else they aren't. */
  readonly checks?: {
    readonly lookup: Lookup;
    readonly policy?: Partial<MailCheckPolicy>;
    readonly exempt?: readonly string[];
  };
}

/** What goes wrong; changed while a test runs. */
export interface SmtpFaults {
  accept?: StoreFault['kind'];
  route?: StoreFault['kind'];
  login?: LoginRefusal;
  /** A bug: something throws what nobody expects. */
  bug?: true;
}

export const smtpPassword = 'secret word';

const unlimited: UsualLimits = {
  messages: { minute: 0, hour: 0, day: 0 },
  recipients: { minute: 0, hour: 0, day: 0 },
};

/** Alice is account 1, and so has the postmaster's mail. */
export function usualPeople(catchAll?: string): MemoryPeople {
  return new MemoryPeople()
    .domain('example.com', catchAll === undefined ? {} : { catchAll })
    .account('alice@example.com')
    .account('bob@example.com')
    .account('jörg@example.com')
    .account('"odd name"@example.com');
}

export class SmtpWorld {
  readonly clock: VirtualClock;
  readonly memory: ContentMemory;
  readonly faults: SmtpFaults = {};
  readonly messages: AcceptedMessage[] = [];
  /** Of delivery, accepted together with their messages. */
  readonly notices: AcceptedMessage[] = [];
  readonly steps: JourneyStep[] = [];
  readonly handler: ConnectionHandler;
  readonly reception: Reception | undefined;
  /** Beside each Inbox: `2 Junk`. */
  readonly mailboxes: Set<string> = new Set();
  readonly reports: ReportRow[] = [];
  /** What `accept` waits for before it stores. */
  hold: Promise<void> = Promise.resolve();
  readonly people: MemoryPeople;
  readonly #directory: Directory;

  constructor(options: SmtpWorldOptions = {}) {
    this.clock = options.clock ?? new VirtualClock();
    const [soft, hard] = options.memory ?? [1024 * 1024, 2 * 1024 * 1024];
    this.people = options.people ?? usualPeople();
    this.#directory = new Directory(this.people.needs(this.clock));
    this.memory = new ContentMemory(this.clock, { soft, hard });
    this.reception =
      options.reception &&
      new Reception(options.reception, {
        lookup: options.lookup ?? new ScriptedLookup({}),
        clock: this.clock,
        log: options.log ?? silentLog,
        own: ['mx.example.com', '192.0.2.1'],
      });
    this.handler = smtpConnectionHandler({
      role: options.role ?? 'mx',
      trustsProxy: () => options.proxy === true,
      hostname: 'mx.example.com',
      senders: new Senders({
        accounts: { findAccount: (address) => this.#findAccount(address) },
        directory: this.#directory,
        counts: new SendingCounts(this.clock, options.sendingLimits ?? unlimited),
      }),
      directory: { route: (recipient, poster) => this.#route(recipient, poster) },
      login: new KnownPassword(
        smtpPassword,
        (identity) => this.people.accounts.find(({ address }) => formatMailAddress(address) === identity),
        () => this.faults.login,
      ),
      intake: { accept: (message, reports) => this.#accept(message, reports) },
      mailboxes: { findMailbox: (account, name) => this.#findMailbox(account, name) },
      clock: this.clock,
      random: seededRandom(1),
      log: options.log ?? silentLog,
      tlsOffered: options.tlsOffered ?? true,
      ...(options.serves && { serves: options.serves }),
      tellClient: options.tellClient ?? false,
      maxMessageSize: options.maxMessageSize ?? 100_000,
      maxRecipients: options.maxRecipients ?? 100,
      limits: options.limits ?? {},
      memory: this.memory,
      ...(this.reception !== undefined && { reception: this.reception }),
      ...(options.checks !== undefined && { checks: this.#checks(options.checks) }),
      reports: { count: (_day, row) => void this.reports.push(row) },
      onStep: (_id, step) => void this.steps.push(step),
    });
  }

  #findAccount(address: MailAddress): Promise<Account | undefined> {
    if (this.faults.route !== undefined)
      return Promise.reject(new StoreFault(this.faults.route, 'the store has failed'));
    return this.people.needs(this.clock).accounts.findAccount(address);
  }

  #route(recipient: MailAddress, poster: Poster | undefined): Promise<Route> {
    if (this.faults.bug) return Promise.reject(new TypeError('a bug'));
    if (this.faults.route !== undefined)
      return Promise.reject(new StoreFault(this.faults.route, 'the store has failed'));
    return this.#directory.route(recipient, poster);
  }

  #checks({
    lookup,
    policy,
    exempt,
  }: NonNullable<SmtpWorldOptions['checks']>): NonNullable<SmtpServerOptions['checks']> {
    return {
      checker: new MailChecker({ lookup, clock: this.clock, hostname: 'mx.example.com' }),
      policy: { ...usualMailCheckPolicy, ...policy },
      isExempt: (address) => exempt?.includes(address) ?? false,
    };
  }

  async #findMailbox(account: AccountId, name: string): Promise<Mailbox | undefined> {
    if (this.faults.route !== undefined) throw new StoreFault(this.faults.route, 'the store has failed');
    if (!this.mailboxes.has(`${account} ${name}`)) return undefined;
    const id = account as number as MailboxId;
    return { id, account, name, uidValidity: 1, uidNext: 1 as Uid, modSeq: 1 as ModSeq };
  }

  async #accept(message: AcceptedMessage, reports: readonly AcceptedMessage[] = []): Promise<void> {
    await this.hold;
    if (this.faults.accept !== undefined) throw new StoreFault(this.faults.accept, 'the store has failed');
    this.messages.push(message);
    this.notices.push(...reports);
  }
}
