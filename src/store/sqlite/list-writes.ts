// Aliases and groups.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { mostTargets } from '../../domains/address-list.ts';
import type { AddressList, GroupChange } from '../../domains/address-list.ts';
import { formatMailAddress, mailAddressKey } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { DomainWrites } from './domain-writes.ts';
import type { PeopleWrites } from './people-writes.ts';
import { integer, text } from './rows.ts';
import { refused } from './write-request.ts';
import type { WriteValue } from './write-request.ts';

const done: WriteValue = { kind: 'done' };

export class ListWrites {
  readonly #domains: DomainWrites;
  readonly #people: PeopleWrites;
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertTarget: StatementSync;
  readonly #countTargets: StatementSync;
  readonly #removeTarget: StatementSync;
  readonly #setPosting: StatementSync;
  readonly #setOwner: StatementSync;
  readonly #removeTargets: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, domains: DomainWrites, people: PeopleWrites) {
    this.#domains = domains;
    this.#people = people;
    this.#find = db.prepare('SELECT id, kind FROM address_list WHERE key = ?');
    this.#insert = db.prepare(
      `INSERT INTO address_list (key, local_part, domain, kind, posting, created_at)
       VALUES (?, ?, ?, ?, 'anyone', ?)`,
    );
    this.#insertTarget = db.prepare(
      `INSERT INTO list_target (list, key, local_part, domain) VALUES (?, ?, ?, ?)
       ON CONFLICT (list, key) DO NOTHING`,
    );
    this.#countTargets = db.prepare('SELECT count(*) AS count FROM list_target WHERE list = ?');
    this.#removeTarget = db.prepare('DELETE FROM list_target WHERE list = ? AND key = ?');
    this.#setPosting = db.prepare('UPDATE address_list SET posting = ? WHERE id = ?');
    this.#setOwner = db.prepare('UPDATE address_list SET owner_local = ?, owner_domain = ? WHERE id = ?');
    this.#removeTargets = db.prepare('DELETE FROM list_target WHERE list = ?');
    this.#remove = db.prepare('DELETE FROM address_list WHERE id = ?');
  }

  /** What it refuses late, the transaction takes back. */
  addTargets(
    kind: AddressList['kind'],
    address: MailAddress,
    targets: readonly MailAddress[],
    now: number,
  ): WriteValue {
    const key = mailAddressKey(address);
    const known = this.#find.get(key);
    const wrong = known?.['kind'] === kind ? undefined : this.#whyNotNew(address);
    if (wrong !== undefined) return refused(wrong);
    if (kind === 'alias' && known === undefined && targets.length === 0) {
      return refused('an alias stands for at least one other address');
    }
    if (targets.some((target) => mailAddressKey(target) === key)) {
      return refused(`${formatMailAddress(address)} can't stand for itself`);
    }
    const list =
      known === undefined
        ? Number(this.#insert.run(key, address.localPart, address.domain, kind, now).lastInsertRowid)
        : integer(known, 'id');
    for (const target of targets) {
      this.#insertTarget.run(list, mailAddressKey(target), target.localPart, target.domain);
    }
    if (this.#count(list) > mostTargets) {
      return refused(`${formatMailAddress(address)} would stand for more than ${mostTargets} addresses`);
    }
    return done;
  }

  removeTargets(address: MailAddress, targets: readonly MailAddress[]): WriteValue {
    const known = this.#find.get(mailAddressKey(address));
    if (known === undefined) return noList(address);
    const list = integer(known, 'id');
    for (const target of targets) {
      if (Number(this.#removeTarget.run(list, mailAddressKey(target)).changes) === 0) {
        return refused(`${formatMailAddress(target)} is not in ${formatMailAddress(address)}`);
      }
    }
    if (text(known, 'kind') === 'alias' && this.#count(list) === 0) {
      return refused(
        `${formatMailAddress(address)} would stand for nobody: remove the alias itself, if that is meant`,
      );
    }
    return done;
  }

  changeGroup(address: MailAddress, { posting, owner }: GroupChange): WriteValue {
    const known = this.#find.get(mailAddressKey(address));
    if (known === undefined || text(known, 'kind') !== 'group') {
      return refused(`there is no group ${formatMailAddress(address)}`);
    }
    const list = integer(known, 'id');
    if (posting !== undefined) this.#setPosting.run(posting, list);
    if (owner !== undefined) this.#setOwner.run(owner?.localPart ?? null, owner?.domain ?? null, list);
    return done;
  }

  remove(address: MailAddress): WriteValue {
    const known = this.#find.get(mailAddressKey(address));
    if (known === undefined) return noList(address);
    const list = integer(known, 'id');
    this.#removeTargets.run(list);
    this.#remove.run(list);
    return done;
  }

  #whyNotNew(address: MailAddress): string | undefined {
    return this.#domains.whyNoAddresses(address.domain) ?? this.#people.whyTaken(address);
  }

  #count(list: number): number {
    return integer(this.#countTargets.get(list) ?? {}, 'count');
  }
}

function noList(address: MailAddress): WriteValue {
  return refused(`there is no alias or group ${formatMailAddress(address)}`);
}
