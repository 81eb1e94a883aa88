// An accepted message in the plain values that the writer's thread is given.
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { canonicalMailboxName } from '../../mailbox/mailbox-name.ts';
import type { AcceptedMessage } from '../../mailbox/message.ts';
import type { MessageToWrite, RelayToWrite } from './write-request.ts';

/**
 * Recipients that turn out to be one mailbox (two cases of a name, `postmaster` beside its owner) share one copy, and so does
 * one that was named twice. What case means in a foreign address only its own server knows (RFC 5321 §2.4).
 */
export function messageToWrite(message: AcceptedMessage): MessageToWrite {
  const mailboxes = new Map<string, { readonly account: number; readonly name: string }>();
  const relays = new Map<string, RelayToWrite>();
  for (const destination of message.destinations) {
    if (destination.kind === 'relay') {
      const { recipient, report, owner } = destination;
      relays.set(formatMailAddress(recipient), {
        ...plain(recipient),
        // RFC 5321 §4.5.5: what has no sender, like a report, must not get one on its way.
        owner: owner === undefined || message.envelope.reversePath === undefined ? null : plain(owner),
        report: report === undefined ? null : JSON.stringify(report),
      });
    } else {
      const name = canonicalMailboxName(destination.mailbox);
      mailboxes.set(`${destination.account} ${name}`, { account: destination.account, name });
    }
  }
  const { reversePath, eightBit, utf8, binary, terms } = message.envelope;
  return {
    id: message.id,
    receivedAt: message.receivedAt,
    reverseLocal: reversePath?.localPart ?? null,
    reverseDomain: reversePath?.domain ?? null,
    eightBit,
    utf8,
    binary: binary === true,
    terms: terms === undefined ? null : JSON.stringify(terms),
    urgency: -(terms?.priority ?? 0),
    dueAt: Math.max(message.receivedAt, terms?.releaseAt ?? 0),
    size: message.content.reduce((size, chunk) => size + chunk.length, 0),
    parsedSize: message.parsed?.length ?? 0,
    mailboxes: [...mailboxes.values()],
    relays: [...relays.values()],
    recipients: JSON.stringify(namedRecipients(message)),
    steps: JSON.stringify(message.journey),
  };
}

/** The octets that go with it. */
export function octetsToWrite({ content, parsed }: AcceptedMessage): readonly Uint8Array[] {
  return parsed === undefined ? content : [...content, parsed];
}

/** Those that the sender wrote, whatever they stand for; each once. */
function namedRecipients({ destinations }: AcceptedMessage): readonly MailAddress[] {
  const named = new Map<string, MailAddress>();
  for (const { recipient, via } of destinations) {
    const address = via ?? recipient;
    named.set(`${address.localPart}@${address.domain}`, plain(address));
  }
  return [...named.values()];
}

/** Without whatever else the caller's object may carry. */
function plain({ localPart, domain }: MailAddress): MailAddress {
  return { localPart, domain };
}
