// A mail address as an account, a domain table or an envelope holds it: local part and domain, already parsed.
// The syntax of paths in commands is in smtp/wire, that of header fields in message/.

export interface MailAddress {
  /** Without quotes or escapes: the octets it stands for, as UTF-8 text. Case is kept (RFC 5321 §2.4). */
  readonly localPart: string;
  /** Lower-case A-label form (`xn--…`), no trailing dot; or an address literal with its brackets. */
  readonly domain: string;
}

/** The form for files, commands and logs: quoted where RFC 5321 §4.1.2 needs it. */
export function formatMailAddress(address: MailAddress): string {
  return `${formatLocalPart(address.localPart)}@${address.domain}`;
}

const dotString =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]+)*$/u;

function formatLocalPart(localPart: string): string {
  return dotString.test(localPart) ? localPart : `"${localPart.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** What two addresses of our own domains are compared by: our local parts are case-insensitive. */
export function mailAddressKey(address: MailAddress): string {
  return `${address.localPart.normalize('NFC').toLowerCase()}@${address.domain}`;
}
