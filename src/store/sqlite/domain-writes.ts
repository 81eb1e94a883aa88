// Domains: which are ours, which are other names of those, and who gets what nobody else does.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MailAddress } from '../../lib/mail-address.ts';
import { optionalText } from './rows.ts';
import { refused } from './write-request.ts';
import type { WriteValue } from './write-request.ts';

const done: WriteValue = { kind: 'done' };

export class DomainWrites {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #setCatchAll: StatementSync;
  readonly #account: StatementSync;
  readonly #list: StatementSync;
  readonly #alias: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT alias_of FROM domain WHERE name = ?');
    this.#insert = db.prepare('INSERT INTO domain (name, alias_of, created_at) VALUES (?, ?, ?)');
    this.#setCatchAll = db.prepare(
      'UPDATE domain SET catch_all_local = ?, catch_all_domain = ? WHERE name = ?',
    );
    this.#account = db.prepare('SELECT id FROM account WHERE domain = ? LIMIT 1');
    this.#list = db.prepare('SELECT id FROM address_list WHERE domain = ? LIMIT 1');
    this.#alias = db.prepare('SELECT name FROM domain WHERE alias_of = ? LIMIT 1');
    this.#remove = db.prepare('DELETE FROM domain WHERE name = ?');
  }

  add(name: string, aliasOf: string | undefined, now: number): WriteValue {
    if (this.#find.get(name) !== undefined) return refused(`${name} is one of our domains already`);
    const wrong = aliasOf === undefined ? undefined : this.whyNoAddresses(aliasOf);
    if (wrong !== undefined) return refused(wrong);
    this.#insert.run(name, aliasOf ?? null, now);
    return done;
  }

  setCatchAll(name: string, target: MailAddress | undefined): WriteValue {
    const wrong = this.whyNoAddresses(name);
    if (wrong !== undefined) return refused(wrong);
    this.#setCatchAll.run(target?.localPart ?? null, target?.domain ?? null, name);
    return done;
  }

  remove(name: string): WriteValue {
    if (this.#find.get(name) === undefined) return refused(`${name} is not one of our domains`);
    if (this.#account.get(name) !== undefined)
      return refused(`${name} still has accounts: remove them first`);
    if (this.#list.get(name) !== undefined) {
      return refused(`${name} still has aliases or groups: remove them first`);
    }
    const alias = this.#alias.get(name);
    if (alias !== undefined) {
      return refused(`${optionalText(alias, 'name') ?? ''} is an alias of ${name}: remove it first`);
    }
    this.#remove.run(name);
    return done;
  }

  /** Why the domain can't have accounts, lists and the like of its own; `undefined` where it can. */
  whyNoAddresses(name: string): string | undefined {
    const row = this.#find.get(name);
    if (row === undefined) return `${name} is not one of our domains: add it first`;
    const aliasOf = optionalText(row, 'alias_of');
    return aliasOf === undefined
      ? undefined
      : `${name} is only another name of ${aliasOf}: what is at ${aliasOf} is there, too`;
  }
}
