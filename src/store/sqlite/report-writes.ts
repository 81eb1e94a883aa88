// Counts of messages that look alike, by day and domain (RFC 9990), within a bound: what doesn't fit any more isn't counted.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integer } from './rows.ts';
import type { ReportRequest, WriteValue } from './write-request.ts';

/** Rows that one request forgets: about 2 ms. */
const forgottenAtOnce = 500;
/** Where a day's own total stands: no domain has that name. */
const wholeDay = '';
/** Of a day in all, so many times those of one domain. */
const fullDomains = 10;

export class ReportWrites {
  readonly #add: StatementSync;
  readonly #total: StatementSync;
  readonly #takeRoom: StatementSync;
  readonly #insert: StatementSync;
  readonly #forgetRows: StatementSync;
  readonly #forgetTotals: StatementSync;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(
      'UPDATE report_row SET count = count + ? WHERE day = ? AND domain = ? AND facts = ?',
    );
    this.#total = db.prepare('SELECT rows FROM report_total WHERE day = ? AND domain = ?');
    this.#takeRoom = db.prepare(
      `INSERT INTO report_total (day, domain, rows) VALUES (?, ?, 1)
       ON CONFLICT DO UPDATE SET rows = rows + 1`,
    );
    this.#insert = db.prepare('INSERT INTO report_row (day, domain, facts, count) VALUES (?, ?, ?, ?)');
    this.#forgetRows = db.prepare(
      `DELETE FROM report_row WHERE (day, domain, facts) IN
       (SELECT day, domain, facts FROM report_row WHERE day < ? LIMIT ${forgottenAtOnce})`,
    );
    this.#forgetTotals = db.prepare('DELETE FROM report_total WHERE day < ?');
  }

  apply(request: ReportRequest): WriteValue {
    if (request.kind === 'forgetReports') return { kind: 'count', count: this.#forget(request.before) };
    let dropped = 0;
    for (const row of request.rows) {
      const { day, domain, facts, count } = row;
      if (this.#add.run(count, day, domain, facts).changes > 0) continue;
      if (
        this.#rows(day, domain) >= request.mostRows ||
        this.#rows(day, wholeDay) >= fullDomains * request.mostRows
      ) {
        dropped += count;
        continue;
      }
      this.#takeRoom.run(day, wholeDay);
      this.#takeRoom.run(day, domain);
      this.#insert.run(day, domain, facts, count);
    }
    return { kind: 'count', count: dropped };
  }

  #rows(day: number, domain: string): number {
    const row = this.#total.get(day, domain);
    return row === undefined ? 0 : integer(row, 'rows');
  }

  /** Gives how many rows went: 0 at the end. */
  #forget(before: number): number {
    const count = Number(this.#forgetRows.run(before).changes);
    if (count === 0) this.#forgetTotals.run(before);
    return count;
  }
}
