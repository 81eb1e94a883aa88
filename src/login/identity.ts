// The name that a user logs in by: a whole mail address, as typed.
import { domainToASCII } from 'node:url';
import type { MailAddress } from '../lib/mail-address.ts';

/** An address is at most 256 octets with its brackets (RFC 5321 §4.5.3.1.3). */
const longestIdentity = 254;

/** The address, or `undefined` where it is none. Accounts are looked up without case, so that none is folded here. */
export function parseIdentity(text: string): MailAddress | undefined {
  const trimmed = text.trim();
  const at = trimmed.lastIndexOf('@');
  if (at < 1 || trimmed.length > longestIdentity || /\p{Cc}/u.test(trimmed)) return undefined;
  const domain = domainToASCII(trimmed.slice(at + 1).replace(/\.$/, ''));
  return domain === '' ? undefined : { localPart: trimmed.slice(0, at).normalize('NFC'), domain };
}
