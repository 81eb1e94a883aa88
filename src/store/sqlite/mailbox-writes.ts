// Mailboxes and their entries: uids ascend and are never used again, each change takes the next modSeq.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreFault } from '../../mailbox/message.ts';
import type { ContentWrites } from './content-writes.ts';
import { integer } from './rows.ts';

/** RFC 9051 §2.3.1.1: uids and uidValidity are 32 bits wide. */
const lastUid = 0xffff_ffff;

export class MailboxWrites {
  readonly #contents: ContentWrites;
  readonly #find: StatementSync;
  readonly #take: StatementSync;
  readonly #insert: StatementSync;
  readonly #change: StatementSync;
  readonly #remove: StatementSync;
  readonly #lastValidity: StatementSync;
  readonly #setLastValidity: StatementSync;
  readonly #insertMailbox: StatementSync;
  readonly #mailboxesOf: StatementSync;
  readonly #contentsOf: StatementSync;
  readonly #removeEntriesOf: StatementSync;
  readonly #removeMailbox: StatementSync;

  constructor(db: DatabaseSync, contents: ContentWrites) {
    this.#contents = contents;
    this.#find = db.prepare('SELECT id FROM mailbox WHERE account = ? AND name = ?');
    this.#take = db.prepare(
      `UPDATE mailbox SET uid_next = uid_next + 1, mod_seq = mod_seq + 1
       WHERE account = ? AND name = ? RETURNING id, uid_next - 1 AS uid, mod_seq`,
    );
    this.#insert = db.prepare(
      `INSERT INTO mailbox_entry (mailbox, uid, content, size, internal_date, flags, mod_seq)
       VALUES (?, ?, ?, ?, ?, '', ?)`,
    );
    this.#change = db.prepare('UPDATE mailbox SET mod_seq = mod_seq + 1 WHERE id = ?');
    this.#remove = db.prepare('DELETE FROM mailbox_entry WHERE mailbox = ? AND uid = ? RETURNING content');
    this.#lastValidity = db.prepare('SELECT last FROM uid_validity');
    this.#setLastValidity = db.prepare('UPDATE uid_validity SET last = ?');
    this.#insertMailbox = db.prepare(
      'INSERT INTO mailbox (account, name, uid_validity, uid_next, mod_seq) VALUES (?, ?, ?, 1, 1)',
    );
    this.#mailboxesOf = db.prepare('SELECT id FROM mailbox WHERE account = ?');
    this.#contentsOf = db.prepare('SELECT content FROM mailbox_entry WHERE mailbox = ?');
    this.#removeEntriesOf = db.prepare('DELETE FROM mailbox_entry WHERE mailbox = ?');
    this.#removeMailbox = db.prepare('DELETE FROM mailbox WHERE id = ?');
  }

  /** Makes an empty mailbox. Its uidValidity is the time in seconds, moved on where one made before has it. */
  create(account: number, name: string, now: number): void {
    const row = this.#lastValidity.get();
    const last = row === undefined ? 0 : integer(row, 'last');
    const validity = Math.max(Math.floor(now / 1000), last + 1);
    this.#setLastValidity.run(validity);
    this.#insertMailbox.run(account, name, validity);
  }

  has(account: number, name: string): boolean {
    return this.#find.get(account, name) !== undefined;
  }

  /** Puts a message into a mailbox and gives the mailbox. Throws where there is none: its account may just have gone. */
  append(account: number, name: string, content: number, size: number, receivedAt: number): number {
    const row = this.#take.get(account, name);
    if (row === undefined) {
      throw new StoreFault('broken', `account ${account} has no mailbox '${name}'`);
    }
    const mailbox = integer(row, 'id');
    const uid = integer(row, 'uid');
    if (uid > lastUid) throw new StoreFault('full', `mailbox ${mailbox} has used all of its uids`);
    this.#insert.run(mailbox, uid, content, size, receivedAt, integer(row, 'mod_seq'));
    return mailbox;
  }

  /** Says whether anything was there to remove. */
  expunge(mailbox: number, uids: readonly number[]): boolean {
    let changed = false;
    for (const uid of uids) {
      const row = this.#remove.get(mailbox, uid);
      if (row === undefined) continue;
      this.#contents.release(integer(row, 'content'));
      changed = true;
    }
    if (changed) this.#change.run(mailbox);
    return changed;
  }

  /** Removes an account's mailboxes with all that is in them, and gives their ids. */
  removeAll(account: number): readonly number[] {
    const mailboxes = this.#mailboxesOf.all(account).map((row) => integer(row, 'id'));
    for (const mailbox of mailboxes) {
      for (const row of this.#contentsOf.all(mailbox)) this.#contents.release(integer(row, 'content'));
      this.#removeEntriesOf.run(mailbox);
      this.#removeMailbox.run(mailbox);
    }
    return mailboxes;
  }
}
