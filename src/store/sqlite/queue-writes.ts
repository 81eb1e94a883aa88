// The queue's entries, and the table of when each domain's first one falls due.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { unreachable } from '../../lib/result.ts';
import { canonicalMailboxName } from '../../mailbox/mailbox-name.ts';
import type { Settlement } from '../../smtp/queue/queue-store.ts';
import type { ContentWrites } from './content-writes.ts';
import type { MailboxWrites } from './mailbox-writes.ts';
import { integer, optionalInteger, text } from './rows.ts';
import type { MessageToWrite, RelayToWrite } from './write-request.ts';

export class QueueWrites {
  readonly #contents: ContentWrites;
  readonly #mailboxes: MailboxWrites;
  readonly #insert: StatementSync;
  readonly #dueAt: StatementSync;
  readonly #defer: StatementSync;
  readonly #remove: StatementSync;
  readonly #sizeOf: StatementSync;
  readonly #retry: StatementSync;
  readonly #retryAll: StatementSync;
  readonly #retryDomains: StatementSync;
  readonly #firstDue: StatementSync;
  readonly #setFirstDue: StatementSync;
  readonly #removeDomain: StatementSync;

  constructor(db: DatabaseSync, contents: ContentWrites, mailboxes: MailboxWrites) {
    this.#contents = contents;
    this.#mailboxes = mailboxes;
    this.#insert = db.prepare(
      `INSERT INTO queue_entry (content, local_part, domain, owner_local, owner_domain, report, urgency, queued_at,
         next_attempt_at, attempts, held)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
    );
    this.#dueAt = db.prepare(
      `INSERT INTO queue_domain (domain, first_due) VALUES (?, ?)
       ON CONFLICT (domain) DO UPDATE SET first_due = excluded.first_due WHERE excluded.first_due < first_due`,
    );
    this.#defer = db.prepare(
      `UPDATE queue_entry SET attempts = attempts + 1, next_attempt_at = ?, last_reply = ?,
         delay_reported = max(delay_reported, ?)
       WHERE id = ? RETURNING domain`,
    );
    this.#remove = db.prepare('DELETE FROM queue_entry WHERE id = ? RETURNING content, domain');
    this.#sizeOf = db.prepare('SELECT size FROM content WHERE id = ?');
    this.#retry = db.prepare(
      'UPDATE queue_entry SET next_attempt_at = ?, held = 0 WHERE id = ? RETURNING domain',
    );
    this.#retryAll = db.prepare('UPDATE queue_entry SET next_attempt_at = ?, held = 0');
    this.#retryDomains = db.prepare(
      `INSERT INTO queue_domain (domain, first_due) SELECT DISTINCT domain, ? FROM queue_entry WHERE true
       ON CONFLICT (domain) DO UPDATE SET first_due = excluded.first_due`,
    );
    this.#firstDue = db.prepare(
      // From one urgency to the next, so that a million entries cost what one does.
      `WITH RECURSIVE level (urgency) AS (
         SELECT min(urgency) FROM queue_entry WHERE domain = :domain AND held = 0
         UNION ALL
         SELECT (SELECT min(q.urgency) FROM queue_entry q
                 WHERE q.domain = :domain AND q.held = 0 AND q.urgency > level.urgency)
         FROM level WHERE level.urgency IS NOT NULL)
       SELECT min((SELECT min(q.next_attempt_at) FROM queue_entry q
                   WHERE q.domain = :domain AND q.held = 0 AND q.urgency = level.urgency)) AS first_due
       FROM level WHERE level.urgency IS NOT NULL`,
    );
    this.#setFirstDue = db.prepare('INSERT OR REPLACE INTO queue_domain (domain, first_due) VALUES (?, ?)');
    this.#removeDomain = db.prepare('DELETE FROM queue_domain WHERE domain = ?');
  }

  add(content: number, recipient: RelayToWrite, message: MessageToWrite): void {
    const { localPart, domain, owner, report } = recipient;
    const { receivedAt, dueAt, urgency } = message;
    this.#insert.run(
      content,
      localPart,
      domain,
      owner?.localPart ?? null,
      owner?.domain ?? null,
      report,
      urgency,
      receivedAt,
      dueAt,
    );
    this.#dueAt.run(domain, dueAt);
  }

  /** Gives the mailboxes that it put something into. Entries that have gone in the meantime (cancelled by the operator) are passed over. */
  settle(settlements: readonly Settlement[]): ReadonlySet<number> {
    const domains = new Set<string>();
    const mailboxes = new Set<number>();
    for (const settlement of settlements) {
      const domain = this.#settleOne(settlement, mailboxes);
      if (domain !== undefined) domains.add(domain);
    }
    for (const domain of domains) this.#findFirstDue(domain);
    return mailboxes;
  }

  #settleOne(settlement: Settlement, mailboxes: Set<number>): string | undefined {
    switch (settlement.kind) {
      case 'deferred': {
        const { nextAttemptAt, reply, delayReported, id } = settlement;
        const row = this.#defer.get(nextAttemptAt, reply, delayReported === true ? 1 : 0, id);
        return row === undefined ? undefined : text(row, 'domain');
      }
      case 'delivered':
        return this.#deliver(settlement, mailboxes);
      case 'relayed':
      case 'failed':
        return this.#removeOne(settlement.id);
      default:
        return unreachable(settlement);
    }
  }

  #deliver(settlement: Settlement & { kind: 'delivered' }, mailboxes: Set<number>): string | undefined {
    const { id, account, at } = settlement;
    const mailbox = canonicalMailboxName(settlement.mailbox);
    if (!this.#mailboxes.has(account, mailbox)) return undefined;
    const row = this.#remove.get(id);
    if (row === undefined) return undefined;
    // The content's use passes from the queue's entry to the mailbox's.
    const content = integer(row, 'content');
    const size = integer(this.#sizeOf.get(content) ?? {}, 'size');
    mailboxes.add(this.#mailboxes.append(account, mailbox, content, size, at));
    return text(row, 'domain');
  }

  /** Makes one entry due, or all of them; gives how many. */
  retry(id: number | undefined, now: number): number {
    if (id === undefined) {
      const count = Number(this.#retryAll.run(now).changes);
      this.#retryDomains.run(now);
      return count;
    }
    const row = this.#retry.get(now, id);
    if (row === undefined) return 0;
    this.#findFirstDue(text(row, 'domain'));
    return 1;
  }

  cancel(id: number): boolean {
    const domain = this.#removeOne(id);
    if (domain === undefined) return false;
    this.#findFirstDue(domain);
    return true;
  }

  #removeOne(id: number): string | undefined {
    const row = this.#remove.get(id);
    if (row === undefined) return undefined;
    this.#contents.release(integer(row, 'content'));
    return text(row, 'domain');
  }

  #findFirstDue(domain: string): void {
    const row = this.#firstDue.get({ domain });
    const first = row === undefined ? undefined : optionalInteger(row, 'first_due');
    if (first === undefined) this.#removeDomain.run(domain);
    else this.#setFirstDue.run(domain, first);
  }
}
