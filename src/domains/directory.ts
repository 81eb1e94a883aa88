// Where the mail for a recipient goes: into mailboxes of ours, on to other servers, nowhere, or not our concern.
import type { Clock } from '../lib/clock.ts';
import { mailAddressKey } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';
import type { Account, AccountStore } from '../login/account-store.ts';
import type { AccountId } from '../mailbox/message.ts';
import type { AddressList, AddressListStore } from './address-list.ts';
import type { DomainStore, MailDomain } from './domain-store.ts';
import { expand } from './expansion.ts';
import type { Expanded, Expansion } from './expansion.ts';

export type Route =
  | { readonly kind: 'mailbox'; readonly account: AccountId }
  /** An alias, a group or a catch-all: several, or somebody elsewhere. */
  | { readonly kind: 'list'; readonly expansion: Expansion }
  /** A group that takes mail from its members only, and this sender is none of them. */
  | { readonly kind: 'closed'; readonly group: MailAddress }
  /** A list that can't be expanded; `reason` is a sentence for the log. */
  | { readonly kind: 'tangled'; readonly reason: string }
  /** The domain is ours, and nobody there has that name. */
  | { readonly kind: 'unknown' }
  /** The domain isn't ours. */
  | { readonly kind: 'foreign' };

/** Who sends to a recipient: the account that has logged in, if any has, and the sender it names. */
export interface Poster {
  readonly account: AccountId | undefined;
  readonly reversePath: MailAddress | undefined;
}

export interface DirectoryNeeds {
  readonly domains: Pick<DomainStore, 'findDomain' | 'listDomains'>;
  readonly accounts: Pick<AccountStore, 'findAccount' | 'oldestAccountOf'>;
  readonly lists: Pick<AddressListStore, 'findList'>;
  readonly clock: Clock;
  /** What parts a name from its tag: `+` makes `user+tag` another name of `user`. `undefined`: nothing does. */
  readonly separator: string | undefined;
}

/** What one address of ours stands for, before anything is followed further. */
export type Entry =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'list'; readonly list: AddressList }
  | { readonly kind: 'catch-all'; readonly domain: MailDomain; readonly target: MailAddress }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'foreign' };

/**
 * RFC 2142 §4 and §5: these are there in each domain of ours, whoever has made accounts (`postmaster` by RFC 5321 §4.5.1, without case).
 */
const roles: ReadonlySet<string> = new Set(['postmaster', 'abuse', 'hostmaster']);

/** Answers from the stores each time: a change by the operator holds from the next recipient on. */
export class Directory {
  readonly #needs: DirectoryNeeds;
  /** By what a store gave, which it gives again only as long as nothing has changed (`AddressListStore.findList`). */
  readonly #expanded = new WeakMap<AddressList | MailDomain, Promise<Expanded>>();

  constructor(needs: DirectoryNeeds) {
    this.#needs = needs;
  }

  /**
   * Finds what a recipient stands for. The first that fits decides: an account or list of just that name; of the name without its tag;
   * the domain's oldest account (or ours, where the domain has none) for the names that every domain must have; its catch-all.
   * Local parts are compared without case (`mailAddressKey`; RFC 5321 §2.4 leaves that to us).
   *
   * An empty domain is the `<postmaster>` without domain of RFC 5321 §4.1.1.3: that of our oldest domain.
   * `poster` matters to groups that aren't open to all; without it nobody is refused.
   *
   * Throws `StoreFault` where the store can't be asked.
   */
  async route(recipient: MailAddress, poster?: Poster): Promise<Route> {
    const entry = await this.find(recipient);
    if (entry.kind === 'account') return { kind: 'mailbox', account: entry.account.id };
    if (entry.kind === 'unknown' || entry.kind === 'foreign') return entry;
    const expanded = await this.#expand(entry);
    if (expanded.kind !== 'expanded') return expanded;
    const { expansion } = expanded;
    const closed = poster === undefined ? undefined : await this.#closedTo(poster, expansion);
    return closed === undefined ? { kind: 'list', expansion } : { kind: 'closed', group: closed };
  }

  /** Throws `StoreFault`. */
  async find(address: MailAddress): Promise<Entry> {
    const { domains } = this.#needs;
    const domain =
      address.domain === '' ? (await domains.listDomains())[0] : await domains.findDomain(address.domain);
    if (domain === undefined) return { kind: address.domain === '' ? 'unknown' : 'foreign' };
    const home = domain.aliasOf === undefined ? domain : await domains.findDomain(domain.aliasOf);
    if (home === undefined) return { kind: 'unknown' };
    const { localPart } = address;
    if (address.domain === '' && !isRole(localPart)) return { kind: 'unknown' };
    return (
      (await this.#named({ localPart, domain: home.name })) ??
      (await this.#named(this.#untagged({ localPart, domain: home.name }))) ??
      (isRole(localPart) ? await this.#oldestAccountOf(home.name) : undefined) ??
      (home.catchAll === undefined
        ? { kind: 'unknown' }
        : { kind: 'catch-all', domain: home, target: home.catchAll })
    );
  }

  /**
   * The address as it is compared with others: of an alias of a domain, the one in that domain, and without its tag.
   * Throws `StoreFault`.
   */
  async plain(address: MailAddress): Promise<MailAddress> {
    const domain = await this.#needs.domains.findDomain(address.domain);
    if (domain === undefined) return address;
    const own = { localPart: address.localPart, domain: domain.aliasOf ?? domain.name };
    return this.#untagged(own) ?? own;
  }

  async #named(address: MailAddress | undefined): Promise<Entry | undefined> {
    if (address === undefined) return undefined;
    const account = await this.#needs.accounts.findAccount(address);
    if (account !== undefined) return { kind: 'account', account };
    const list = await this.#needs.lists.findList(address);
    return list === undefined ? undefined : { kind: 'list', list };
  }

  /** RFC 5233 §1 leaves the separator to us. `undefined` where there is no tag. */
  #untagged({ localPart, domain }: MailAddress): MailAddress | undefined {
    const { separator } = this.#needs;
    const at = separator === undefined ? -1 : localPart.indexOf(separator);
    return at <= 0 ? undefined : { localPart: localPart.slice(0, at), domain };
  }

  async #oldestAccountOf(domain: string): Promise<Entry | undefined> {
    const { accounts } = this.#needs;
    const account = (await accounts.oldestAccountOf(domain)) ?? (await accounts.oldestAccountOf());
    return account === undefined ? undefined : { kind: 'account', account };
  }

  /** Once for all who ask at the same time. */
  async #expand(entry: Entry & { kind: 'list' | 'catch-all' }): Promise<Expanded> {
    const given = entry.kind === 'list' ? entry.list : entry.domain;
    let expanding = this.#expanded.get(given);
    if (expanding === undefined) {
      expanding = expand(entry, (address) => this.find(address), this.#needs.clock);
      this.#expanded.set(given, expanding);
    }
    try {
      return await expanding;
    } catch (error) {
      // The store may be asked again by the next one.
      this.#expanded.delete(given);
      throw error;
    }
  }

  /** The first group on the way that doesn't take mail from there. */
  async #closedTo(poster: Poster, { closed }: Expansion): Promise<MailAddress | undefined> {
    for (const group of closed) {
      const members = await this.#expand({ kind: 'list', list: group });
      if (members.kind !== 'expanded' || !(await this.#isMember(poster, members.expansion)))
        return group.address;
    }
    return undefined;
  }

  /** A member of ours has to have logged in: anybody can write its name into MAIL FROM. */
  async #isMember({ account, reversePath }: Poster, members: Expansion): Promise<boolean> {
    if (account !== undefined && members.accounts.has(account)) return true;
    if (reversePath === undefined || !members.elsewhere.has(mailAddressKey(reversePath))) return false;
    return (await this.#needs.domains.findDomain(reversePath.domain)) === undefined;
  }
}

function isRole(localPart: string): boolean {
  return roles.has(localPart.toLowerCase());
}
