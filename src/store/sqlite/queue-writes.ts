// The queue's entries, and the table of when each domain's first one falls due.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import type { Settlement } from '../../smtp/queue/queue-store.ts';
import type { ContentWrites } from './content-writes.ts';
import { integer, optionalInteger, text } from './rows.ts';

export class QueueWrites {
  readonly #contents: ContentWrites;
  readonly #insert: StatementSync;
  readonly #dueAt: StatementSync;
  readonly #defer: StatementSync;
  readonly #remove: StatementSync;
  readonly #retry: StatementSync;
  readonly #retryAll: StatementSync;
  readonly #retryDomains: StatementSync;
  readonly #firstDue: StatementSync;
  readonly #setFirstDue: StatementSync;
  readonly #removeDomain: StatementSync;

  constructor(db: DatabaseSync, contents: ContentWrites) {
    this.#contents = contents;
    this.#insert = db.prepare(
      `INSERT INTO queue_entry (content, local_part, domain, queued_at, next_attempt_at, attempts, held)
       VALUES (?, ?, ?, ?, ?, 0, 0)`,
    );
    this.#dueAt = db.prepare(
      `INSERT INTO queue_domain (domain, first_due) VALUES (?, ?)
       ON CONFLICT (domain) DO UPDATE SET first_due = excluded.first_due WHERE excluded.first_due < first_due`,
    );
    this.#defer = db.prepare(
      `UPDATE queue_entry SET attempts = attempts + 1, next_attempt_at = ?, last_reply = ?
       WHERE id = ? RETURNING domain`,
    );
    this.#remove = db.prepare('DELETE FROM queue_entry WHERE id = ? RETURNING content, domain');
    this.#retry = db.prepare(
      'UPDATE queue_entry SET next_attempt_at = ?, held = 0 WHERE id = ? RETURNING domain',
    );
    this.#retryAll = db.prepare('UPDATE queue_entry SET next_attempt_at = ?, held = 0');
    this.#retryDomains = db.prepare(
      `INSERT INTO queue_domain (domain, first_due) SELECT DISTINCT domain, ? FROM queue_entry WHERE true
       ON CONFLICT (domain) DO UPDATE SET first_due = excluded.first_due`,
    );
    this.#firstDue = db.prepare(
      'SELECT min(next_attempt_at) AS first_due FROM queue_entry WHERE domain = ? AND held = 0',
    );
    this.#setFirstDue = db.prepare('INSERT OR REPLACE INTO queue_domain (domain, first_due) VALUES (?, ?)');
    this.#removeDomain = db.prepare('DELETE FROM queue_domain WHERE domain = ?');
  }

  add(content: number, recipient: MailAddress, receivedAt: number): void {
    this.#insert.run(content, recipient.localPart, recipient.domain, receivedAt, receivedAt);
    this.#dueAt.run(recipient.domain, receivedAt);
  }

  /** Entries that have gone in the meantime (cancelled by the operator) are passed over. */
  settle(settlements: readonly Settlement[]): void {
    const domains = new Set<string>();
    for (const settlement of settlements) {
      const domain = this.#settleOne(settlement);
      if (domain !== undefined) domains.add(domain);
    }
    for (const domain of domains) this.#findFirstDue(domain);
  }

  #settleOne(settlement: Settlement): string | undefined {
    switch (settlement.kind) {
      case 'deferred': {
        const row = this.#defer.get(settlement.nextAttemptAt, settlement.reply, settlement.id);
        return row === undefined ? undefined : text(row, 'domain');
      }
      case 'relayed':
      case 'failed':
        return this.#removeOne(settlement.id);
      default:
        return unreachable(settlement);
    }
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
    const row = this.#firstDue.get(domain);
    const first = row === undefined ? undefined : optionalInteger(row, 'first_due');
    if (first === undefined) this.#removeDomain.run(domain);
    else this.#setFirstDue.run(domain, first);
  }
}
