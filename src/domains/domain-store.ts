// The port to the domains that we take mail for.
import type { Result } from '../lib/result.ts';

export interface MailDomain {
  /** Lower-case A-label form, no trailing dot. */
  readonly name: string;
  readonly createdAt: number;
}

export interface DomainStore {
  findDomain(name: string): Promise<MailDomain | undefined>;
  /** The oldest first. */
  listDomains(): Promise<readonly MailDomain[]>;
  addDomain(name: string): Promise<Result<MailDomain>>;
  /** The fault is a sentence: there is no such domain, or it still has accounts. */
  removeDomain(name: string): Promise<Result<undefined>>;
}
