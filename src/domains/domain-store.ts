// The port to the domains that we take mail for.
import type { MailAddress } from '../lib/mail-address.ts';
import type { Result } from '../lib/result.ts';

export interface MailDomain {
  /** Lower-case A-label form, no trailing dot. */
  readonly name: string;
  readonly createdAt: number;
  /** Set: each of its addresses is the one of the same name there, which is a domain of ours with addresses of its own. */
  readonly aliasOf: string | undefined;
  /** Gets what no address of the domain takes. */
  readonly catchAll: MailAddress | undefined;
}

export interface DomainStore {
  findDomain(name: string): Promise<MailDomain | undefined>;
  /** The oldest first. */
  listDomains(): Promise<readonly MailDomain[]>;
  /** The fault is a sentence: a wrong name, ours already, `aliasOf` is not ours or an alias itself. */
  addDomain(name: string, aliasOf?: string): Promise<Result<MailDomain>>;
  /** The fault is a sentence: there is no such domain, or it is an alias. */
  setCatchAll(name: string, target: MailAddress | undefined): Promise<Result<MailDomain>>;
  /** The fault is a sentence: there is no such domain, or it still has accounts, lists or domains that are its aliases. */
  removeDomain(name: string): Promise<Result<undefined>>;
}
