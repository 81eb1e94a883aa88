// Domains, accounts and lists that were looked up, found or not: every recipient is looked up, mostly the same ones, and a look-up in SQLite
// costs 10 µs. It can't be stale: only this process writes to the store, and each commit that changes people empties it.
import type { Reader } from './reader.ts';
import type { AddressList } from '../../domains/address-list.ts';
import type { MailDomain } from '../../domains/domain-store.ts';
import type { Account } from '../../login/account-store.ts';
import { mailAddressKey } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';

/** Bounds the memory that a guesser of names can take (an address has at most 320 octets). */
const mostKept = 10_000;

export class PeopleCache {
  readonly #reader: Reader;
  readonly #domains = new Map<string, MailDomain | undefined>();
  readonly #accounts = new Map<string, Account | undefined>();
  readonly #lists = new Map<string, AddressList | undefined>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  findDomain(name: string): MailDomain | undefined {
    return lookUp(this.#domains, name, () => this.#reader.findDomain(name));
  }

  findAccount(address: MailAddress): Account | undefined {
    return lookUp(this.#accounts, mailAddressKey(address), () => this.#reader.findAccount(address));
  }

  findList(address: MailAddress): AddressList | undefined {
    return lookUp(this.#lists, mailAddressKey(address), () => this.#reader.findList(address));
  }

  clear(): void {
    this.#domains.clear();
    this.#accounts.clear();
    this.#lists.clear();
  }
}

function lookUp<Found>(
  kept: Map<string, Found | undefined>,
  key: string,
  read: () => Found | undefined,
): Found | undefined {
  const known = kept.get(key);
  if (known !== undefined || kept.has(key)) return known;
  const found = read();
  if (kept.size >= mostKept) kept.clear();
  kept.set(key, found);
  return found;
}
