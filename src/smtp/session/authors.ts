// Who a message says that it is from: From and Sender of its header (RFC 5322 §3.6.2), as a submission must have them.
import type { MailAddress } from '../../lib/mail-address.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { parseAddresses } from '../../message/addresses.ts';
import type { MailboxAddress } from '../../message/addresses.ts';
import { fieldsNamed, fieldValue } from '../../message/header.ts';
import type { HeaderScan } from '../../message/header.ts';
import { parseMailDomain } from '../wire/path.ts';

/** A message whose header was found: `front` holds it. */
interface WithHeader {
  readonly front: Uint8Array;
  readonly header: HeaderScan;
}

/** People that one field may name. */
const mostAuthors = 50;

/** The addresses of From and Sender. The fault is a sentence. */
export function authorsOf({ front, header }: WithHeader, utf8: boolean): Result<readonly MailAddress[]> {
  // What lies beyond our limits could hold a Bcc, or another From.
  if (!header.complete) return fault('The header is too large.');
  const section = front.subarray(0, header.end);
  if (section.some((octet) => octet > 0x7f)) {
    // RFC 6531 §3.2, RFC 6532 §3
    if (!utf8)
      return fault('The header has letters outside ASCII: declare SMTPUTF8, or encode them by RFC 2047.');
    if (!isUtf8(section)) return fault('The header is neither ASCII nor UTF-8.');
  }
  const authors: MailAddress[] = [];
  for (const name of ['From', 'Sender']) {
    const fields = fieldsNamed(header, name);
    const [field] = fields;
    // RFC 5322 §3.6: which of them would be believed, nobody knows.
    if (fields.length > 1) return fault(`The header has more than one ${name} field.`);
    if (field === undefined) continue;
    const found = mailboxesOf(fieldValue(front, field));
    if (found.length > mostAuthors) return fault(`The ${name} field names more than ${mostAuthors} people.`);
    if (found.length === 0) return fault(`The ${name} field has no address.`);
    for (const { localPart, domain } of found) {
      const parsed = parseMailDomain(domain);
      if (localPart === '' || !parsed.ok) return fault(`The ${name} field has an address that is none.`);
      authors.push({ localPart, domain: parsed.value });
    }
  }
  return ok(authors);
}

/** How many addresses the From field names. */
export function countAuthors({ front, header }: WithHeader): number {
  const [field] = fieldsNamed(header, 'From');
  return field === undefined ? 0 : mailboxesOf(fieldValue(front, field)).length;
}

function mailboxesOf(value: string): readonly MailboxAddress[] {
  return parseAddresses(value, mostAuthors + 1).flatMap((each) =>
    each.kind === 'mailbox' ? [each] : each.members,
  );
}

function isUtf8(octets: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(octets);
    return true;
  } catch {
    return false;
  }
}
