// Names of mailboxes.
import { inbox } from './mail-store.ts';

/** `INBOX` in any case is the one name (RFC 9051 §5.1); all others are kept as they are. */
export function canonicalMailboxName(name: string): string {
  return name.toLowerCase() === 'inbox' ? inbox : name;
}
