// Domains, accounts and lists in memory, for tests of what is found by them. As the port asks, a list is the same object until something changes.
import type { AddressList } from '../../src/domains/address-list.ts';
import type { DirectoryNeeds } from '../../src/domains/directory.ts';
import type { MailDomain } from '../../src/domains/domain-store.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { mailAddressKey } from '../../src/lib/mail-address.ts';
import type { MailAddress } from '../../src/lib/mail-address.ts';
import type { Account, AccountSettings } from '../../src/login/account-store.ts';
import type { AccountId } from '../../src/mailbox/message.ts';
import { parseMailAddress } from '../../src/smtp/wire/path.ts';

export class MemoryPeople {
  readonly domains: MailDomain[] = [];
  readonly accounts: Account[] = [];
  readonly lists: AddressList[] = [];

  domain(name: string, more: { readonly aliasOf?: string; readonly catchAll?: string } = {}): this {
    this.#changed();
    const catchAll = more.catchAll === undefined ? undefined : addressOf(more.catchAll);
    this.domains.push({ name, createdAt: 0, aliasOf: more.aliasOf, catchAll });
    return this;
  }

  account(address: string, settings: AccountSettings = {}): this {
    this.#changed();
    this.accounts.push({
      id: (this.accounts.length + 1) as AccountId,
      address: addressOf(address),
      credentials: { argon2id: '', scramSha256: '' },
      settings,
      createdAt: 0,
    });
    return this;
  }

  alias(address: string, ...targets: readonly string[]): this {
    this.#changed();
    this.lists.push({
      kind: 'alias',
      address: addressOf(address),
      targets: targets.map(addressOf),
      createdAt: 0,
    });
    return this;
  }

  /** `rules`: `members` where only those may post, and the owner's address. */
  group(
    address: string,
    members: readonly string[],
    rules: { posting?: 'members'; owner?: string } = {},
  ): this {
    this.#changed();
    this.lists.push({
      kind: 'group',
      address: addressOf(address),
      targets: members.map(addressOf),
      createdAt: 0,
      posting: rules.posting ?? 'anyone',
      owner: rules.owner === undefined ? undefined : addressOf(rules.owner),
    });
    return this;
  }

  /** For a `Directory`. */
  needs(clock: Clock, separator: string | undefined = '+'): DirectoryNeeds {
    return {
      domains: {
        findDomain: async (name) => this.domains.find((each) => each.name === name),
        listDomains: async () => this.domains,
      },
      accounts: {
        findAccount: async (address) => findBy(this.accounts, address),
        oldestAccountOf: async (domain) =>
          this.accounts.find(({ address }) => domain === undefined || address.domain === domain),
      },
      lists: { findList: async (address) => findBy(this.lists, address) },
      clock,
      separator,
    };
  }

  /** Whatever was given before is given as another object from now on. */
  #changed(): void {
    this.lists.forEach((list, i) => (this.lists[i] = { ...list }));
    this.domains.forEach((domain, i) => (this.domains[i] = { ...domain }));
  }
}

export function addressOf(text: string): MailAddress {
  const address = parseMailAddress(text);
  if (!address.ok) throw new TypeError(address.fault);
  return address.value;
}

function findBy<Each extends { readonly address: MailAddress }>(
  list: readonly Each[],
  address: MailAddress,
): Each | undefined {
  const key = mailAddressKey(address);
  return list.find((each) => mailAddressKey(each.address) === key);
}
