// The port to accounts: who may log in, and by what keys.
import type { MailAddress } from '../lib/mail-address.ts';
import type { Result } from '../lib/result.ts';
import type { AccountId } from '../mailbox/message.ts';

/** What is kept of a password: never the password itself. */
export interface Credentials {
  /** PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (RFC 9106). */
  readonly argon2id: string;
  /** RFC 5803 form: `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey` (RFC 5802 §3). */
  readonly scramSha256: string;
}

export interface Account {
  readonly id: AccountId;
  readonly address: MailAddress;
  readonly credentials: Credentials;
  readonly settings: AccountSettings;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** What the operator has set for one account; what isn't set is as the config says. */
export interface AccountSettings {
  /**
   * As whom it may send beside those whose mail it gets: anybody (`any`), or addresses (as `mailAddressKey` writes them) and whole domains
   * (`@example.com`).
   */
  readonly sendAs?: 'any' | readonly string[];
  readonly sendingLimits?: SendingLimits;
}

/** How much an account may send: at most so many in each span of time that has a number. */
export interface SendingLimits {
  readonly messages?: SpanLimits;
  readonly recipients?: SpanLimits;
}

export type Span = 'minute' | 'hour' | 'day';

/** 0: no limit. */
export type SpanLimits = { readonly [Name in Span]?: number };

export interface AccountStore {
  /** By address, as `mailAddressKey` compares them. */
  findAccount(address: MailAddress): Promise<Account | undefined>;
  /** By address. */
  listAccounts(): Promise<readonly Account[]>;
  /** The account that was made first, of that domain or of all. */
  oldestAccountOf(domain?: string): Promise<Account | undefined>;
  /** Makes the account and its Inbox. The fault is a sentence: address taken, domain not ours or an alias. */
  addAccount(address: MailAddress, credentials: Credentials): Promise<Result<Account>>;
  setCredentials(id: AccountId, credentials: Credentials): Promise<void>;
  /** In place of all that was set before. */
  setAccountSettings(id: AccountId, settings: AccountSettings): Promise<void>;
  /** Removes the account with its mailboxes and mail. */
  removeAccount(id: AccountId): Promise<void>;
}
