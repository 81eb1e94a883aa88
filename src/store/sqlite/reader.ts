// Reading: on the main thread, by a connection that can't write. Each answer is one statement that a handful of pages
// in memory answer; what could be long is read in pieces, with the event loop free in between.
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import type { MailAddress } from '../../lib/mail-address.ts';
import { mailAddressKey } from '../../lib/mail-address.ts';
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import type { AddressList } from '../../domains/address-list.ts';
import type { MailDomain } from '../../domains/domain-store.ts';
import type { Account } from '../../login/account-store.ts';
import type { MessageJourney } from '../../mailbox/journey-store.ts';
import type { Mailbox, MailboxEntry } from '../../mailbox/mail-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { AccountId, ContentId, MailboxId, ModSeq, Uid } from '../../mailbox/message.ts';
import { decodeParsedMessage } from '../../message/kept-message.ts';
import type { KeptMessage } from '../../message/kept-message.ts';
import { firstChunkId } from './content-writes.ts';
import { toStoreFault } from './fault.ts';
import { accountOf, addressListOf, domainOf } from './people-rows.ts';
import { blob, integer, jsonList, optionalInteger, reversePath, text } from './rows.ts';
import type { Row } from './rows.ts';

/** Rows that are read at once of a list that may be long: about 3 ms. */
const pageRows = 1000;

export class Reader {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    try {
      this.#db = new DatabaseSync(path, { readOnly: true });
      this.#db.exec('PRAGMA cache_size = -16384; PRAGMA query_only = ON');
    } catch (error) {
      throw toStoreFault(error);
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  /** All rows of a statement, which is prepared once. Throws `StoreFault`. */
  all(sql: string, ...values: readonly (string | number)[]): Row[] {
    if (!this.#db.isOpen) throw new StoreFault('closed', 'the store is closed');
    try {
      let statement = this.#statements.get(sql);
      if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
      return statement.all(...values);
    } catch (error) {
      throw toStoreFault(error);
    }
  }

  one(sql: string, ...values: readonly (string | number)[]): Row | undefined {
    return this.all(sql, ...values)[0];
  }

  findDomain(name: string): MailDomain | undefined {
    const row = this.one('SELECT * FROM domain WHERE name = ?', name);
    return row === undefined ? undefined : domainOf(row);
  }

  listDomains(): readonly MailDomain[] {
    return this.all('SELECT * FROM domain ORDER BY id').map(domainOf);
  }

  findAccount(address: MailAddress): Account | undefined {
    const row = this.one('SELECT * FROM account WHERE key = ?', mailAddressKey(address));
    return row === undefined ? undefined : accountOf(row);
  }

  listAccounts(): readonly Account[] {
    return this.all('SELECT * FROM account ORDER BY domain, key').map(accountOf);
  }

  oldestAccountOf(domain: string | undefined): Account | undefined {
    const row =
      domain === undefined
        ? this.one('SELECT * FROM account ORDER BY id LIMIT 1')
        : this.one('SELECT * FROM account WHERE domain = ? ORDER BY id LIMIT 1', domain);
    return row === undefined ? undefined : accountOf(row);
  }

  findList(address: MailAddress): AddressList | undefined {
    const row = this.one('SELECT * FROM address_list WHERE key = ?', mailAddressKey(address));
    return row === undefined ? undefined : this.#listOf(row);
  }

  listLists(): readonly AddressList[] {
    return this.all('SELECT * FROM address_list ORDER BY domain, key').map((row) => this.#listOf(row));
  }

  #listOf(row: Row): AddressList {
    const targets = this.all(
      'SELECT local_part, domain FROM list_target WHERE list = ? ORDER BY id',
      integer(row, 'id'),
    );
    return addressListOf(row, targets);
  }

  findMailbox(account: AccountId, name: string): Mailbox | undefined {
    const row = this.one('SELECT * FROM mailbox WHERE account = ? AND name = ?', account, name);
    return row === undefined ? undefined : mailboxOf(row);
  }

  listMailboxes(account: AccountId): readonly Mailbox[] {
    return this.all('SELECT * FROM mailbox WHERE account = ? ORDER BY name', account).map(mailboxOf);
  }

  async listEntries(mailbox: MailboxId): Promise<readonly MailboxEntry[]> {
    const entries: MailboxEntry[] = [];
    for (let after = 0; ;) {
      const rows = this.all(
        'SELECT * FROM mailbox_entry WHERE mailbox = ? AND uid > ? ORDER BY uid LIMIT ?',
        mailbox,
        after,
        pageRows,
      );
      for (const row of rows) entries.push(entryOf(row));
      if (rows.length < pageRows) return entries;
      after = entries.at(-1)?.uid ?? after;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async *readContent(content: ContentId): AsyncGenerator<Uint8Array, void, undefined> {
    const found = this.one('SELECT size FROM content WHERE id = ?', content);
    if (found === undefined) throw new StoreFault('broken', `content ${content} is gone`);
    let left = integer(found, 'size');
    for (let id = firstChunkId(content); left > 0; id++) {
      const row = this.one('SELECT bytes FROM content_chunk WHERE id = ?', id);
      // Its last use may have gone since the last chunk was pulled.
      if (row === undefined) throw new StoreFault('broken', `content ${content} is gone`);
      const bytes = blob(row, 'bytes');
      left -= bytes.length;
      yield bytes;
    }
  }

  readParsed(content: ContentId): KeptMessage | undefined {
    const row = this.one('SELECT bytes FROM content_parsed WHERE content = ?', content);
    if (row === undefined) return undefined;
    const kept = decodeParsedMessage(blob(row, 'bytes'));
    return kept.ok ? kept.value : undefined;
  }

  readJourney(id: JourneyId): MessageJourney | undefined {
    const row = this.one('SELECT * FROM journey WHERE id = ?', id);
    return row === undefined ? undefined : this.#journeyOf(row);
  }

  listJourneys(limit: number): readonly MessageJourney[] {
    return this.all('SELECT * FROM journey ORDER BY id DESC LIMIT ?', limit).map((row) =>
      this.#journeyOf(row),
    );
  }

  #journeyOf(row: Row): MessageJourney {
    const id = text(row, 'id');
    const more = this.all('SELECT steps FROM journey_more WHERE journey = ? ORDER BY number', id);
    return {
      id: id as JourneyId,
      receivedAt: integer(row, 'received_at'),
      reversePath: reversePath(row),
      recipients: jsonList(row, 'recipients') as readonly MailAddress[],
      size: integer(row, 'size'),
      steps: [row, ...more].flatMap((each) => jsonList(each, 'steps')) as readonly JourneyStep[],
    };
  }

  nextDue(): number | undefined {
    const row = this.one('SELECT min(first_due) AS due FROM queue_domain');
    return row === undefined ? undefined : optionalInteger(row, 'due');
  }
}

function mailboxOf(row: Row): Mailbox {
  return {
    id: integer(row, 'id') as MailboxId,
    account: integer(row, 'account') as AccountId,
    name: text(row, 'name'),
    uidValidity: integer(row, 'uid_validity'),
    uidNext: integer(row, 'uid_next') as Uid,
    modSeq: integer(row, 'mod_seq') as ModSeq,
  };
}

function entryOf(row: Row): MailboxEntry {
  const flags = text(row, 'flags');
  return {
    uid: integer(row, 'uid') as Uid,
    content: integer(row, 'content') as ContentId,
    size: integer(row, 'size'),
    internalDate: integer(row, 'internal_date'),
    flags: flags === '' ? [] : flags.split(' '),
    modSeq: integer(row, 'mod_seq') as ModSeq,
  };
}
