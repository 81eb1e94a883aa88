// Reading the queue: what is due first, fairly over any number of domains, without reading what isn't wanted.
import type { JourneyId } from '../../lib/journey.ts';
import type { ContentId } from '../../mailbox/message.ts';
import type { MailTerms, ReportTerms } from '../../mailbox/terms.ts';
import type { QueueEntry, QueueId } from '../../smtp/queue/queue-store.ts';
import type { Reader } from './reader.ts';
import { integer, optionalInteger, optionalJson, optionalText, reversePath, text } from './rows.ts';
import type { Row } from './rows.ts';

const selectEntry = `
  SELECT q.id, q.content, q.local_part, q.domain, q.queued_at, q.next_attempt_at, q.attempts, q.last_reply, q.held,
         q.report, q.delay_reported, c.message,
         coalesce(q.owner_local, c.reverse_local) AS reverse_local,
         coalesce(q.owner_domain, c.reverse_domain) AS reverse_domain, c.eight_bit, c.utf8, c.is_binary, c.terms, c.size
  FROM queue_entry q JOIN content c ON c.id = q.content`;

export class QueueReader {
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /**
   * The first `limit` entries to fall due belong to the first `limit` domains to do so: those are merged, each read
   * no further than the entries found before it reach.
   */
  due(now: number, limit: number, except: ReadonlySet<string>): readonly QueueEntry[] {
    const domains = this.#reader.all(
      'SELECT domain, first_due FROM queue_domain WHERE first_due <= ? ORDER BY first_due LIMIT ?',
      now,
      limit + except.size,
    );
    let entries: QueueEntry[] = [];
    let until = now;
    for (const row of domains) {
      const domain = text(row, 'domain');
      if (except.has(domain)) continue;
      if (entries.length >= limit && integer(row, 'first_due') >= until) break;
      entries = [...entries, ...this.dueOf(domain, until, limit)].sort(byDue).slice(0, limit);
      if (entries.length >= limit) until = entries.at(-1)?.nextAttemptAt ?? until;
    }
    return entries;
  }

  dueOf(domain: string, now: number, limit: number): readonly QueueEntry[] {
    const entries: QueueEntry[] = [];
    let urgency = this.#nextUrgency(domain, -1000);
    while (urgency !== undefined && entries.length < limit) {
      const rows = this.#reader.all(
        `${selectEntry} WHERE q.domain = ? AND q.held = 0 AND q.urgency = ? AND q.next_attempt_at <= ?
         ORDER BY q.next_attempt_at, q.id LIMIT ?`,
        domain,
        urgency,
        now,
        limit - entries.length,
      );
      entries.push(...rows.map(queueEntryOf));
      urgency = this.#nextUrgency(domain, urgency);
    }
    return entries;
  }

  #nextUrgency(domain: string, after: number): number | undefined {
    const row = this.#reader.one(
      'SELECT min(urgency) AS next FROM queue_entry WHERE domain = ? AND held = 0 AND urgency > ?',
      domain,
      after,
    );
    return row === undefined ? undefined : optionalInteger(row, 'next');
  }

  list(limit: number): readonly QueueEntry[] {
    return this.#reader
      .all(`${selectEntry} ORDER BY q.next_attempt_at, q.id LIMIT ?`, limit)
      .map(queueEntryOf);
  }

  find(id: QueueId): QueueEntry | undefined {
    const row = this.#reader.one(`${selectEntry} WHERE q.id = ?`, id);
    return row === undefined ? undefined : queueEntryOf(row);
  }
}

function byDue(a: QueueEntry, b: QueueEntry): number {
  return a.nextAttemptAt - b.nextAttemptAt || a.id - b.id;
}

function queueEntryOf(row: Row): QueueEntry {
  const terms = optionalJson(row, 'terms') as MailTerms | undefined;
  const report = optionalJson(row, 'report') as ReportTerms | undefined;
  return {
    id: integer(row, 'id') as QueueId,
    message: text(row, 'message') as JourneyId,
    envelope: {
      reversePath: reversePath(row),
      eightBit: integer(row, 'eight_bit') !== 0,
      utf8: integer(row, 'utf8') !== 0,
      ...(integer(row, 'is_binary') === 0 ? {} : { binary: true }),
      ...(terms === undefined ? {} : { terms }),
    },
    recipient: { localPart: text(row, 'local_part'), domain: text(row, 'domain') },
    ...(report === undefined ? {} : { report }),
    ...(integer(row, 'delay_reported') === 0 ? {} : { delayReported: true }),
    content: integer(row, 'content') as ContentId,
    size: integer(row, 'size'),
    queuedAt: integer(row, 'queued_at'),
    nextAttemptAt: integer(row, 'next_attempt_at'),
    attempts: integer(row, 'attempts'),
    lastReply: optionalText(row, 'last_reply'),
    held: integer(row, 'held') !== 0,
  };
}
