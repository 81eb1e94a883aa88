// One transaction for all requests that wait, each in a savepoint of its own, so that one that fails leaves the others
// unharmed. This is what makes many durable commits a second: they share one fsync.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { unreachable } from '../../lib/result.ts';
import { ContentWrites } from './content-writes.ts';
import { DomainWrites } from './domain-writes.ts';
import { describeFault } from './fault.ts';
import { JourneyWrites } from './journey-writes.ts';
import { ListWrites } from './list-writes.ts';
import { MailboxWrites } from './mailbox-writes.ts';
import { PeopleWrites } from './people-writes.ts';
import { QueueWrites } from './queue-writes.ts';
import { ReportWrites } from './report-writes.ts';
import { contentOctets } from './write-request.ts';
import type {
  Changes,
  MessageToWrite,
  PeopleRequest,
  WriteGroup,
  WriteOutcome,
  WriteRequest,
  WriteValue,
} from './write-request.ts';
import { ZoneWrites } from './zone-writes.ts';

const done: WriteValue = { kind: 'done' };

interface Placed {
  readonly request: WriteRequest;
  /** Where its contents begin in the group's buffer. */
  readonly at: number;
}

export class GroupTransaction {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #journeys: JourneyWrites;
  readonly #contents: ContentWrites;
  readonly #mailboxes: MailboxWrites;
  readonly #queue: QueueWrites;
  readonly #domains: DomainWrites;
  readonly #people: PeopleWrites;
  readonly #lists: ListWrites;
  readonly #zones: ZoneWrites;
  readonly #reports: ReportWrites;
  #changedMailboxes = new Set<number>();
  #queueChanged = false;
  #peopleChanged = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#savepoint = db.prepare('SAVEPOINT request');
    this.#release = db.prepare('RELEASE request');
    this.#journeys = new JourneyWrites(db);
    this.#contents = new ContentWrites(db);
    this.#mailboxes = new MailboxWrites(db, this.#contents);
    this.#queue = new QueueWrites(db, this.#contents, this.#mailboxes);
    this.#domains = new DomainWrites(db);
    this.#people = new PeopleWrites(db, this.#domains, this.#mailboxes);
    this.#lists = new ListWrites(db, this.#domains, this.#people);
    this.#zones = new ZoneWrites(db);
    this.#reports = new ReportWrites(db);
  }

  /** Returns once everything that succeeded is on disk. Never throws: a failure is the outcome of its request. */
  run(group: WriteGroup): { readonly outcomes: readonly WriteOutcome[]; readonly changes: Changes } {
    this.#changedMailboxes = new Set();
    this.#queueChanged = false;
    this.#peopleChanged = false;
    const placed = place(group.requests);
    // A failure that takes the whole transaction with it (a full disk does) is some request's own: alone, the others
    // may well succeed, and the work stays linear.
    const outcomes =
      this.#together(placed, group.contents) ??
      placed.map((each) => this.#together([each], group.contents)?.[0] ?? this.#failure);
    return {
      outcomes,
      changes: {
        mailboxes: [...this.#changedMailboxes],
        queue: this.#queueChanged,
        people: this.#peopleChanged,
      },
    };
  }

  /** Forgets journeys older than that, a few at a time; says whether there may be more. Never throws. */
  forgetJourneys(before: number): boolean {
    try {
      this.#begin.run();
      const more = this.#journeys.forget(before);
      this.#commit.run();
      return more;
    } catch {
      // There is another time: what matters is that no transaction stays open.
      this.#rollback();
      return false;
    }
  }

  #failure: WriteOutcome = { ok: false, fault: { kind: 'broken', message: 'the store failed' } };

  /** `undefined` where the transaction as a whole failed; why is in `#failure`. */
  #together(requests: readonly Placed[], contents: Uint8Array): readonly WriteOutcome[] | undefined {
    try {
      this.#begin.run();
      const outcomes: WriteOutcome[] = [];
      for (const request of requests) {
        const outcome = this.#alone(request, contents);
        if (!this.#db.isTransaction) {
          this.#failure = outcome;
          return undefined;
        }
        outcomes.push(outcome);
      }
      this.#commit.run();
      return outcomes;
    } catch (error) {
      this.#failure = { ok: false, fault: describeFault(error) };
      this.#rollback();
      return undefined;
    }
  }

  #alone({ request, at }: Placed, contents: Uint8Array): WriteOutcome {
    this.#savepoint.run();
    try {
      const value = this.#apply(request, at, contents);
      if (value.kind === 'refused') this.#db.exec('ROLLBACK TO request');
      this.#release.run();
      return { ok: true, value };
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK TO request; RELEASE request');
      return { ok: false, fault: describeFault(error) };
    }
  }

  #apply(request: WriteRequest, at: number, contents: Uint8Array): WriteValue {
    switch (request.kind) {
      case 'accept':
        this.#accept(request.message, at, contents);
        return done;
      case 'settle': {
        for (const mailbox of this.#queue.settle(request.settlements)) this.#changedMailboxes.add(mailbox);
        for (const { message, steps } of request.journey) this.#journeys.extend(message, steps);
        let next = at;
        for (const notice of request.notices) next = this.#accept(notice, next, contents);
        return done;
      }
      case 'expunge':
        if (this.#mailboxes.expunge(request.mailbox, request.uids)) {
          this.#changedMailboxes.add(request.mailbox);
        }
        return done;
      case 'retry': {
        const count = this.#queue.retry(request.id, request.now);
        if (count > 0) this.#queueChanged = true;
        return { kind: 'count', count };
      }
      case 'cancel':
        return { kind: 'count', count: this.#queue.cancel(request.id) ? 1 : 0 };
      case 'addAccount':
      case 'setCredentials':
      case 'removeAccount':
      case 'setAccountSettings':
      case 'addDomain':
      case 'setCatchAll':
      case 'removeDomain':
      case 'addTargets':
      case 'removeTargets':
      case 'changeGroup':
      case 'removeList':
        this.#peopleChanged = true;
        return this.#applyToPeople(request);
      case 'appendChange':
      case 'startJournal':
      case 'trimChanges':
      case 'saveZoneState':
      case 'removeZone':
      case 'beginSnapshot':
      case 'addChunk':
      case 'endSnapshot':
      case 'dropSnapshot':
      case 'sweepSnapshots':
        return this.#zones.apply(request, contents.subarray(at, at + contentOctets(request)));
      case 'countReports':
      case 'forgetReports':
        return this.#reports.apply(request);
      default:
        return unreachable(request);
    }
  }

  #applyToPeople(request: PeopleRequest): WriteValue {
    switch (request.kind) {
      case 'addAccount':
        return this.#people.addAccount(request.address, request.credentials, request.now);
      case 'setCredentials':
        return this.#people.setCredentials(request.id, request.credentials);
      case 'removeAccount':
        for (const mailbox of this.#people.removeAccount(request.id)) this.#changedMailboxes.add(mailbox);
        return done;
      case 'setAccountSettings':
        return this.#people.setSettings(request.id, request.settings);
      case 'addDomain':
        return this.#domains.add(request.name, request.aliasOf, request.now);
      case 'setCatchAll':
        return this.#domains.setCatchAll(request.name, request.target);
      case 'removeDomain':
        return this.#domains.remove(request.name);
      case 'addTargets':
        return this.#lists.addTargets(request.list, request.address, request.targets, request.now);
      case 'removeTargets':
        return this.#lists.removeTargets(request.address, request.targets);
      case 'changeGroup':
        return this.#lists.changeGroup(request.address, request.change);
      case 'removeList':
        return this.#lists.remove(request.address);
      default:
        return unreachable(request);
    }
  }

  /** Gives where the next message's content begins. */
  #accept(message: MessageToWrite, at: number, contents: Uint8Array): number {
    const contentEnd = at + message.size;
    const end = contentEnd + message.parsedSize;
    this.#journeys.add(message);
    const uses = message.mailboxes.length + message.relays.length;
    if (uses === 0) return end;
    const content = this.#contents.add(
      message,
      contents.subarray(at, contentEnd),
      contents.subarray(contentEnd, end),
      uses,
    );
    for (const { account, name } of message.mailboxes) {
      this.#changedMailboxes.add(
        this.#mailboxes.append(account, name, content, message.size, message.receivedAt),
      );
    }
    for (const recipient of message.relays) {
      this.#queue.add(content, recipient, message);
      this.#queueChanged = true;
    }
    return end;
  }

  #rollback(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    } catch {
      // SQLite rolls back by itself where a ROLLBACK can't: the next BEGIN tells.
    }
  }
}

function place(requests: readonly WriteRequest[]): readonly Placed[] {
  let at = 0;
  return requests.map((request) => {
    const placed = { request, at };
    at += contentOctets(request);
    return placed;
  });
}
