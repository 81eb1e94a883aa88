// Accounts.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { formatMailAddress, mailAddressKey } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Credentials } from '../../login/account-store.ts';
import { inbox } from '../../mailbox/mail-store.ts';
import type { DomainWrites } from './domain-writes.ts';
import type { MailboxWrites } from './mailbox-writes.ts';
import { refused } from './write-request.ts';
import type { WriteValue } from './write-request.ts';

const done: WriteValue = { kind: 'done' };

export class PeopleWrites {
  readonly #domains: DomainWrites;
  readonly #mailboxes: MailboxWrites;
  readonly #findAccount: StatementSync;
  readonly #findList: StatementSync;
  readonly #insertAccount: StatementSync;
  readonly #setCredentials: StatementSync;
  readonly #setSettings: StatementSync;
  readonly #removeAccount: StatementSync;

  constructor(db: DatabaseSync, domains: DomainWrites, mailboxes: MailboxWrites) {
    this.#domains = domains;
    this.#mailboxes = mailboxes;
    this.#findAccount = db.prepare('SELECT id FROM account WHERE key = ?');
    this.#findList = db.prepare('SELECT kind FROM address_list WHERE key = ?');
    this.#insertAccount = db.prepare(
      `INSERT INTO account (key, local_part, domain, argon2id, scram_sha256, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#setCredentials = db.prepare('UPDATE account SET argon2id = ?, scram_sha256 = ? WHERE id = ?');
    this.#setSettings = db.prepare('UPDATE account SET settings = ? WHERE id = ?');
    this.#removeAccount = db.prepare('DELETE FROM account WHERE id = ?');
  }

  addAccount(address: MailAddress, credentials: Credentials, now: number): WriteValue {
    const wrong = this.#domains.whyNoAddresses(address.domain) ?? this.whyTaken(address);
    if (wrong !== undefined) return refused(wrong);
    const { lastInsertRowid } = this.#insertAccount.run(
      mailAddressKey(address),
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

  /** Who has the address already: an account, an alias or a group. */
  whyTaken(address: MailAddress): string | undefined {
    const key = mailAddressKey(address);
    if (this.#findAccount.get(key) !== undefined) {
      return `there is an account ${formatMailAddress(address)} already`;
    }
    const list = this.#findList.get(key);
    if (list === undefined) return undefined;
    return `there is ${list['kind'] === 'group' ? 'a group' : 'an alias'} ${formatMailAddress(address)} already`;
  }

  setCredentials(id: number, credentials: Credentials): WriteValue {
    this.#setCredentials.run(credentials.argon2id, credentials.scramSha256, id);
    return done;
  }

  /** `settings`: JSON. */
  setSettings(id: number, settings: string): WriteValue {
    this.#setSettings.run(settings, id);
    return done;
  }

  /** Gives the mailboxes that went with the account. */
  removeAccount(id: number): readonly number[] {
    const mailboxes = this.#mailboxes.removeAll(id);
    this.#removeAccount.run(id);
    return mailboxes;
  }
}
