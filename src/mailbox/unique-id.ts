// The id by which a client that isn't IMAP knows a message again: POP3's UIDL, and others to come.
import type { Mailbox, MailboxEntry } from './mail-store.ts';

/**
 * `uidValidity.uid`: unique in the mailbox for ever, as a uid is never used again and a mailbox made anew has another
 * uidValidity. At most 21 of the characters 0x21 to 0x7e that a unique-id may have (RFC 1939 §7: 70 of them).
 */
export function uniqueId(mailbox: Pick<Mailbox, 'uidValidity'>, entry: Pick<MailboxEntry, 'uid'>): string {
  return `${mailbox.uidValidity}.${entry.uid}`;
}
