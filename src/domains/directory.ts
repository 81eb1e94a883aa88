// Where the mail for a recipient goes: into a mailbox of ours, nowhere, or not our concern.
import type { MailAddress } from '../lib/mail-address.ts';
import type { AccountId } from '../mailbox/message.ts';
import type { AccountStore } from '../login/account-store.ts';
import type { DomainStore } from './domain-store.ts';

export type Route =
  | { readonly kind: 'mailbox'; readonly account: AccountId }
  /** The domain is ours, and nobody there has that name. */
  | { readonly kind: 'unknown' }
  /** The domain isn't ours. */
  | { readonly kind: 'foreign' };

/** Answers from the stores each time: a change by the operator holds from the next recipient on. */
export class Directory {
  readonly #domains: DomainStore;
  readonly #accounts: AccountStore;

  constructor(domains: DomainStore, accounts: AccountStore) {
    this.#domains = domains;
    this.#accounts = accounts;
  }

  /**
   * Finds the account behind a recipient. Local parts are compared without case (`mailAddressKey`).
   *
   * `postmaster` of each of our domains is always there (RFC 5321 §4.5.1): it is the account of that name, or else
   * the domain's oldest account, which is the one its operator made first. An empty domain is the `<postmaster>`
   * without domain of RFC 5321 §4.1.1.3: that of our oldest domain which has one.
   *
   * Throws `StoreFault` where the store can't be asked.
   */
  async route(recipient: MailAddress): Promise<Route> {
    if (recipient.domain === '') return this.#routeBarePostmaster(recipient.localPart);
    const domain = await this.#domains.findDomain(recipient.domain);
    if (domain === undefined) return { kind: 'foreign' };
    const account =
      (await this.#accounts.findAccount(recipient)) ??
      (isPostmaster(recipient.localPart) ? await this.#accounts.oldestAccountOf(domain.name) : undefined);
    return account === undefined ? { kind: 'unknown' } : { kind: 'mailbox', account: account.id };
  }

  async #routeBarePostmaster(localPart: string): Promise<Route> {
    if (!isPostmaster(localPart)) return { kind: 'unknown' };
    for (const domain of await this.#domains.listDomains()) {
      const route = await this.route({ localPart, domain: domain.name });
      if (route.kind === 'mailbox') return route;
    }
    return { kind: 'unknown' };
  }
}

/** RFC 5321 §4.5.1: `postmaster` is compared without case. */
function isPostmaster(localPart: string): boolean {
  return localPart.toLowerCase() === 'postmaster';
}
