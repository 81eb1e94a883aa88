// Reading the queue: what is due first, fairly over any number of domains, without reading what isn't wanted.
import type { JourneyId } from '../../lib/journey.ts';
import type { ContentId } from '../../mailbox/message.ts';
import type { QueueEntry, QueueId } from '../../smtp/queue/queue-store.ts';
import type { Reader } from './reader.ts';
import { integer, optionalText, reversePath, text } from './rows.ts';
import type { Row } from './rows.ts';

const selectEntry = `
  SELECT q.id, q.content, q.local_part, q.domain, q.queued_at, q.next_attempt_at, q.attempts, q.last_reply, q.held,
         c.message, c.reverse_local, c.reverse_domain, c.eight_bit, c.utf8, c.size
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
    return this.#reader
      .all(
        `${selectEntry} WHERE q.domain = ? AND q.held = 0 AND q.next_attempt_at <= ?
         ORDER BY q.next_attempt_at, q.id LIMIT ?`,
        domain,
        now,
        limit,
      )
      .map(queueEntryOf);
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
  return {
    id: integer(row, 'id') as QueueId,
    message: text(row, 'message') as JourneyId,
    envelope: {
      reversePath: reversePath(row),
      eightBit: integer(row, 'eight_bit') !== 0,
      utf8: integer(row, 'utf8') !== 0,
    },
    recipient: { localPart: text(row, 'local_part'), domain: text(row, 'domain') },
    content: integer(row, 'content') as ContentId,
    size: integer(row, 'size'),
    queuedAt: integer(row, 'queued_at'),
    nextAttemptAt: integer(row, 'next_attempt_at'),
    attempts: integer(row, 'attempts'),
    lastReply: optionalText(row, 'last_reply'),
    held: integer(row, 'held') !== 0,
  };
}
