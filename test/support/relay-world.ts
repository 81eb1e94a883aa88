// The world that a queue relays into, without sockets: DNS as a table, mail servers as functions, a clock moved by hand.
import type { LookupResult } from '../../src/dns/lookup.ts';
import { domainName } from '../../src/dns/wire/name.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { rrType } from '../../src/dns/wire/rr-type.ts';
import type { Route } from '../../src/domains/directory.ts';
import ipaddr from 'ipaddr.js';
import { concatBytes, utf8ToBytes } from '../../src/lib/bytes.ts';
import { VirtualClock, sleep } from '../../src/lib/clock.ts';
import { newJourneyId } from '../../src/lib/journey.ts';
import type { JourneyId, JourneyStep } from '../../src/lib/journey.ts';
import { silentLog } from '../../src/lib/log.ts';
import { formatMailAddress } from '../../src/lib/mail-address.ts';
import type { MailAddress } from '../../src/lib/mail-address.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { Random } from '../../src/lib/random.ts';
import type { AccountId } from '../../src/mailbox/message.ts';
import type { MailTerms, ReportTerms } from '../../src/mailbox/terms.ts';
import { Queue } from '../../src/smtp/queue/queue.ts';
import type { QueueLimits } from '../../src/smtp/queue/queue-options.ts';
import type {
  RelayFacts,
  RelayMail,
  RelayOutcome,
  RelayTarget,
  RelayTransport,
  Verdict,
} from '../../src/smtp/queue/relay-transport.ts';
import { MemoryQueueStore } from './memory-queue-store.ts';

/** `alice@example.com`; quotes are not read. */
export function address(text: string): MailAddress {
  const at = text.lastIndexOf('@');
  return { localPart: text.slice(0, at), domain: text.slice(at + 1) };
}

/** Records as `MX 10 mx.example.org`, `A 192.0.2.1`, `AAAA 2001:db8::1`; or what is to be said instead. */
export type DnsAnswer = readonly string[] | 'nxdomain' | 'failure';

/** DNS from a table by name; names that aren't in it don't exist. */
export class TableLookup {
  readonly #table: Map<string, DnsAnswer>;
  asked: string[] = [];
  /** Whether DNSSEC proves what it says. */
  secure = false;

  constructor(table: Readonly<Record<string, DnsAnswer>>) {
    this.#table = new Map(Object.entries(table));
  }

  set(name: string, answer: DnsAnswer): void {
    this.#table.set(name, answer);
  }

  async lookup(name: DomainName, type: number, signal?: AbortSignal): Promise<LookupResult> {
    const text = name.toString().slice(0, -1);
    const typeName = Object.entries(rrType).find(([, code]) => code === type)?.[0] ?? '';
    this.asked.push(`${text} ${typeName}`);
    const facts = { secure: this.secure, journey: [], canonicalName: name, ttl: 300 };
    const answer = this.#table.get(text) ?? 'nxdomain';
    if (answer === 'failure' || signal?.aborted === true) {
      return { ...facts, kind: 'failure', reason: `No server of ${text} answered.` };
    }
    if (answer === 'nxdomain') return { ...facts, kind: 'nxdomain' };
    const records = answer
      .filter((line) => line.startsWith(`${typeName} `))
      .map((line) => record(name, type, line.split(' ').slice(1)));
    return records.length === 0 ? { ...facts, kind: 'nodata' } : { ...facts, kind: 'records', records };
  }
}

function record(owner: DomainName, type: number, words: readonly string[]): ResourceRecord {
  const [first = '', second = ''] = words;
  const rdata =
    type === rrType.MX
      ? concatBytes([Uint8Array.of(Number(first) >> 8, Number(first) & 0xff), domainName(second).wire])
      : Uint8Array.from(ipaddr.parse(first).toByteArray());
  return { owner, type, class: 1, ttl: 300, rdata };
}

export const someFacts: RelayFacts = {
  tls: undefined,
  tlsFailure: undefined,
  banner: '220 hello',
  reused: false,
};

export function said(reply: string): Verdict {
  const kind = reply.startsWith('2') ? 'taken' : reply.startsWith('4') ? 'deferred' : 'refused';
  const status = /^\d{3} (\d\.\d+\.\d+)/.exec(reply)?.[1] ?? `${reply.charAt(0)}.0.0`;
  return { kind, status, reply, text: `The server said ${kind}.` };
}

/** What a server does with one transaction: a reply for each recipient, or why nothing was answered. */
export type ServerBehaviour = (
  recipients: readonly string[],
  now: number,
) => readonly string[] | { readonly unanswered: string };

/** Mail servers by address; one that isn't there doesn't answer. */
export class TableTransport implements RelayTransport {
  readonly servers: Map<string, ServerBehaviour> = new Map();
  /** `address: recipient recipient`, in order of the attempts. */
  readonly attempts: string[] = [];
  readonly at: number[] = [];
  /** What servers promise of what they take. */
  promises: { readonly reports: boolean; readonly deadline: boolean } | undefined;
  /** How long each transaction takes. */
  takesMs = 0;
  /** Running now, and at most so far, over all and by server. */
  running = 0;
  most = 0;
  /** Recipients that were offered while they were in another attempt. */
  twiceAtOnce = 0;
  readonly mostOf: Map<string, number> = new Map();
  readonly #offered = new Set<string>();
  readonly #runningOf = new Map<string, number>();
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async relay(
    target: RelayTarget,
    mail: RelayMail,
    recipients: readonly MailAddress[],
    signal: AbortSignal,
  ): Promise<RelayOutcome> {
    if (signal.aborted) return { kind: 'aborted', facts: someFacts };
    const to = target.endpoint.address;
    const names = recipients.map(formatMailAddress);
    this.attempts.push(`${to}: ${names.join(' ')}`);
    this.at.push(this.#clock.now());
    this.#count(to, 1);
    this.twiceAtOnce += names.filter((name) => this.#offered.has(name)).length;
    for (const name of names) this.#offered.add(name);
    try {
      for await (const chunk of mail.content()) if (chunk.length === 0) throw new Error('an empty chunk');
      if (this.takesMs > 0) await sleep(this.#clock, this.takesMs, signal);
    } finally {
      this.#count(to, -1);
      for (const name of names) this.#offered.delete(name);
    }
    if (signal.aborted) return { kind: 'aborted', facts: someFacts };
    const replies = this.servers.get(to)?.(names, this.#clock.now()) ?? {
      unanswered: 'The connection was refused.',
    };
    return 'unanswered' in replies
      ? { kind: 'unanswered', reason: replies.unanswered, reply: undefined, facts: someFacts }
      : { kind: 'answered', verdicts: replies.map((reply) => this.#promised(said(reply))), facts: someFacts };
  }

  #promised(verdict: Verdict): Verdict {
    const { promises } = this;
    return verdict.kind === 'taken' && promises !== undefined ? { ...verdict, promises } : verdict;
  }

  #count(to: string, by: number): void {
    const ofServer = (this.#runningOf.get(to) ?? 0) + by;
    this.#runningOf.set(to, ofServer);
    this.running += by;
    this.most = Math.max(this.most, this.running);
    this.mostOf.set(to, Math.max(this.mostOf.get(to) ?? 0, ofServer));
  }
}

export const takesAll: ServerBehaviour = (recipients) => recipients.map(() => '250 2.0.0 taken');
export const repliesAlways =
  (reply: string): ServerBehaviour =>
  (recipients) =>
    recipients.map(() => reply);

export const worldStart: number = Date.UTC(2026, 0, 5, 12);

export class RelayWorld {
  readonly clock: VirtualClock = new VirtualClock(worldStart);
  readonly random: Random = seededRandom(7);
  readonly store: MemoryQueueStore = new MemoryQueueStore(this.clock);
  readonly transport: TableTransport = new TableTransport(this.clock);
  readonly lookup: TableLookup;
  readonly observed: JourneyStep[] = [];
  readonly queue: Queue;

  constructor(dns: Readonly<Record<string, DnsAnswer>>, limits: Partial<QueueLimits> = {}) {
    this.lookup = new TableLookup(dns);
    this.queue = new Queue({
      store: this.store,
      lookup: this.lookup,
      transport: this.transport,
      route: routeByName,
      clock: this.clock,
      random: this.random,
      hostname: 'mx.example.com',
      isOwnAddress: (each) => each === '203.0.113.1',
      log: silentLog,
      onStep: (_, step) => this.observed.push(step),
      limits,
    });
  }

  /** Queues a message from `from` (`<>` is the null reverse-path). */
  mail(from: string, ...to: readonly string[]): JourneyId {
    return this.mailWith({}, from, ...to.map((each) => ({ to: each })));
  }

  /** The same, with what its sender asks for. */
  mailWith(
    terms: MailTerms,
    from: string,
    ...recipients: readonly {
      readonly to: string;
      readonly report?: ReportTerms;
      readonly owner?: MailAddress;
    }[]
  ): JourneyId {
    const id = newJourneyId(this.clock.now(), this.random);
    this.store.accept({
      id,
      receivedAt: this.clock.now(),
      envelope: {
        reversePath: from === '<>' ? undefined : address(from),
        eightBit: false,
        utf8: false,
        terms,
      },
      content: [utf8ToBytes(`Received: by mx.example.com\r\nSubject: hello\r\n\r\nbody of ${id}\r\n`)],
      parsed: undefined,
      destinations: recipients.map(({ to, report, owner }) => ({
        kind: 'relay',
        recipient: address(to),
        ...(report === undefined ? {} : { report }),
        ...(owner === undefined ? {} : { owner }),
      })),
      journey: [],
    });
    return id;
  }

  /** Starts the queue, and lets it see that there is nothing yet, or begin with what there is. */
  async start(): Promise<void> {
    this.queue.start();
    await this.clock.advanceAsync(0);
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms);
  }
}

/** `alice@example.com` has an account; others there don't exist; other domains are foreign. */
async function routeByName(recipient: MailAddress): Promise<Route> {
  if (recipient.domain !== 'example.com') return { kind: 'foreign' };
  return recipient.localPart === 'alice' ? { kind: 'mailbox', account: 1 as AccountId } : { kind: 'unknown' };
}
