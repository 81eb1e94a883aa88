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
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface AccountStore {
  /** By address, as `mailAddressKey` compares them. */
  findAccount(address: MailAddress): Promise<Account | undefined>;
  /** By address. */
  listAccounts(): Promise<readonly Account[]>;
  /** The account of the domain that was made first. */
  oldestAccountOf(domain: string): Promise<Account | undefined>;
  /** Makes the account and its Inbox. The fault is a sentence: address taken, domain not ours. */
  addAccount(address: MailAddress, credentials: Credentials): Promise<Result<Account>>;
  setCredentials(id: AccountId, credentials: Credentials): Promise<void>;
  /** Removes the account with its mailboxes and mail. */
  removeAccount(id: AccountId): Promise<void>;
}
