// Journeys: written with their message, added to as it travels, forgotten in the end.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MessageToWrite } from './write-request.ts';

/** Few enough that forgetting them never holds up those who wait for a commit. */
const forgottenAtOnce = 200;

export class JourneyWrites {
  readonly #insert: StatementSync;
  readonly #add: StatementSync;
  readonly #old: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeMore: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `INSERT INTO journey (id, received_at, reverse_local, reverse_domain, recipients, size, steps)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#add = db.prepare(
      `INSERT INTO journey_more (journey, number, steps)
       SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM journey_more WHERE journey = id), ?
       FROM journey WHERE id = ?`,
    );
    this.#old = db.prepare(
      // Ids sort by age, so that the oldest are the first.
      'SELECT id FROM (SELECT id, received_at FROM journey ORDER BY id LIMIT ?) WHERE received_at < ?',
    );
    this.#remove = db.prepare('DELETE FROM journey WHERE id = ?');
    this.#removeMore = db.prepare('DELETE FROM journey_more WHERE journey = ?');
  }

  add(message: MessageToWrite): void {
    this.#insert.run(
      message.id,
      message.receivedAt,
      message.reverseLocal,
      message.reverseDomain,
      message.recipients,
      message.size,
      message.steps,
    );
  }

  /** Adds steps (JSON) to a journey that is still kept. */
  extend(journey: string, steps: string): void {
    this.#add.run(steps, journey);
  }

  /** Forgets some of the journeys that began before `before`; says whether there may be more. */
  forget(before: number): boolean {
    const old = this.#old.all(forgottenAtOnce, before);
    for (const { id } of old) {
      if (typeof id !== 'string') continue;
      this.#remove.run(id);
      this.#removeMore.run(id);
    }
    return old.length === forgottenAtOnce;
  }
}
