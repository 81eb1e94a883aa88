// What a message's header says to its reader: the data of IMAP's ENVELOPE (RFC 9051 §7.5.2) and JMAP's header properties.
import { parseAddresses } from './addresses.ts';
import type { Address } from './addresses.ts';
import type { HeaderFields } from './header-fields.ts';

/**
 * Texts as written, unfolded: words of RFC 2047 are not decoded (`decodeWords` does). IMAP shows `from` where `sender` or `replyTo` is
 * empty; that is for who formats it, as JMAP does not.
 */
export interface Envelope {
  readonly date: string | undefined;
  readonly subject: string | undefined;
  readonly from: readonly Address[];
  readonly sender: readonly Address[];
  readonly replyTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  readonly bcc: readonly Address[];
  readonly inReplyTo: string | undefined;
  readonly messageId: string | undefined;
}

const addressFields = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'] as const;

export interface EnvelopeRead {
  readonly envelope: Envelope;
  /** Addresses were left out. */
  readonly cut: boolean;
}

/** `most`: addresses in all, those in groups and the groups counted. */
export function readEnvelope(fields: HeaderFields, most: number): EnvelopeRead {
  let left = most;
  const read = (name: (typeof addressFields)[number]): readonly Address[] => {
    const list = fields.values(name).flatMap((value) => {
      const addresses = left > 0 ? parseAddresses(value, left) : [];
      left -= countAddresses(addresses);
      return addresses;
    });
    return list;
  };
  const envelope: Envelope = {
    date: fields.value('date'),
    subject: fields.value('subject'),
    from: read('from'),
    sender: read('sender'),
    replyTo: read('reply-to'),
    to: read('to'),
    cc: read('cc'),
    bcc: read('bcc'),
    inReplyTo: fields.value('in-reply-to'),
    messageId: fields.value('message-id'),
  };
  return { envelope, cut: left <= 0 };
}

function countAddresses(addresses: readonly Address[]): number {
  let count = addresses.length;
  for (const address of addresses) if (address.kind === 'group') count += address.members.length;
  return count;
}
