// Domains and accounts.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { formatMailAddress, mailAddressKey } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Credentials } from '../../login/account-store.ts';
import { inbox } from '../../mailbox/mail-store.ts';
import type { MailboxWrites } from './mailbox-writes.ts';
import type { WriteValue } from './write-request.ts';

const done: WriteValue = { kind: 'done' };

export class PeopleWrites {
  readonly #mailboxes: MailboxWrites;
  readonly #findDomain: StatementSync;
  readonly #insertDomain: StatementSync;
  readonly #accountOfDomain: StatementSync;
  readonly #removeDomain: StatementSync;
  readonly #findAccount: StatementSync;
  readonly #insertAccount: StatementSync;
  readonly #setCredentials: StatementSync;
  readonly #removeAccount: StatementSync;

  constructor(db: DatabaseSync, mailboxes: MailboxWrites) {
    this.#mailboxes = mailboxes;
    this.#findDomain = db.prepare('SELECT id FROM domain WHERE name = ?');
    this.#insertDomain = db.prepare('INSERT INTO domain (name, created_at) VALUES (?, ?)');
    this.#accountOfDomain = db.prepare('SELECT id FROM account WHERE domain = ? LIMIT 1');
    this.#removeDomain = db.prepare('DELETE FROM domain WHERE name = ?');
    this.#findAccount = db.prepare('SELECT id FROM account WHERE key = ?');
    this.#insertAccount = db.prepare(
      `INSERT INTO account (key, local_part, domain, argon2id, scram_sha256, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#setCredentials = db.prepare('UPDATE account SET argon2id = ?, scram_sha256 = ? WHERE id = ?');
    this.#removeAccount = db.prepare('DELETE FROM account WHERE id = ?');
  }

  addDomain(name: string, now: number): WriteValue {
    if (this.#findDomain.get(name) !== undefined) return refused(`${name} is one of our domains already`);
    this.#insertDomain.run(name, now);
    return done;
  }

  removeDomain(name: string): WriteValue {
    if (this.#findDomain.get(name) === undefined) return refused(`${name} is not one of our domains`);
    if (this.#accountOfDomain.get(name) !== undefined) {
      return refused(`${name} still has accounts: remove them first`);
    }
    this.#removeDomain.run(name);
    return done;
  }

  addAccount(address: MailAddress, credentials: Credentials, now: number): WriteValue {
    const key = mailAddressKey(address);
    if (this.#findDomain.get(address.domain) === undefined) {
      return refused(`${address.domain} is not one of our domains: add it first`);
    }
    if (this.#findAccount.get(key) !== undefined) {
      return refused(`there is an account ${formatMailAddress(address)} already`);
    }
    const { lastInsertRowid } = this.#insertAccount.run(
      key,
      address.localPart,
      address.domain,
      credentials.argon2id,
      credentials.scramSha256,
      now,
    );
    const id = Number(lastInsertRowid);
    this.#mailboxes.create(id, inbox, now);
    return { kind: 'id', id };
  }

  setCredentials(id: number, credentials: Credentials): WriteValue {
    this.#setCredentials.run(credentials.argon2id, credentials.scramSha256, id);
    return done;
  }

  /** Gives the mailboxes that went with the account. */
  removeAccount(id: number): readonly number[] {
    const mailboxes = this.#mailboxes.removeAll(id);
    this.#removeAccount.run(id);
    return mailboxes;
  }
}

function refused(reason: string): WriteValue {
  return { kind: 'refused', reason };
}
