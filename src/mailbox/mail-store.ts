// The port by which POP3, IMAP and the rest read and change mailboxes.
import type { KeptMessage } from '../message/kept-message.ts';
import type { AccountId, ContentId, MailboxId, ModSeq, Uid } from './message.ts';

/** IMAP's name of the mailbox that takes new mail (RFC 9051 §5.1); compared without case. */
export const inbox = 'Inbox';

export interface Mailbox {
  readonly id: MailboxId;
  readonly account: AccountId;
  readonly name: string;
  readonly uidValidity: number;
  /** The uid that the next message will get. */
  readonly uidNext: Uid;
  readonly modSeq: ModSeq;
}

export interface MailboxEntry {
  readonly uid: Uid;
  readonly content: ContentId;
  /** Octets, with CRLF line ends. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly internalDate: number;
  /** `\Seen`, `\Deleted`, keywords; sorted. */
  readonly flags: readonly string[];
  readonly modSeq: ModSeq;
}

export interface MailStore {
  /** The mailbox, or `undefined` where the account has none of that name. Every account has an `Inbox`. */
  findMailbox(account: AccountId, name: string): Promise<Mailbox | undefined>;
  listMailboxes(account: AccountId): Promise<readonly Mailbox[]>;
  /** Every entry, by ascending uid. */
  listEntries(mailbox: MailboxId): Promise<readonly MailboxEntry[]>;
  /** The content in chunks of at most 256 KiB, read as they are pulled. Throws `StoreFault` where it is gone. */
  readContent(content: ContentId): AsyncIterable<Uint8Array>;
  /**
   * What was read of the content when it was accepted; `undefined` where that isn't kept, or no longer understood: whoever needs it reads the
   * content. So it is where a content is gone.
   */
  readParsed(content: ContentId): Promise<KeptMessage | undefined>;
  /** Removes entries for good, in one transaction, and content that nothing refers to any more. Unknown uids are passed over. */
  expunge(mailbox: MailboxId, uids: readonly Uid[]): Promise<void>;
  /** Called after a commit has changed the mailbox; returns how to stop. */
  watch(mailbox: MailboxId, changed: () => void): () => void;
}
