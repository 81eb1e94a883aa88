// Mail of our own users that was held until its time (RFC 4865) and is for one of us: it goes into a mailbox, not to a server.
import type { Route } from '../../domains/directory.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import type { RecipientResult } from './attempt.ts';
import type { RelayRecipient } from './relay-transport.ts';

/** For each recipient what became of it, or `undefined` for those that are to be relayed. Throws what the store throws. */
export async function deliverHere(
  recipients: readonly RelayRecipient[],
  route: (recipient: MailAddress) => Promise<Route>,
): Promise<readonly (RecipientResult | undefined)[]> {
  return await Promise.all(recipients.map(async (recipient) => resultOf(recipient, await route(recipient))));
}

function resultOf(recipient: RelayRecipient, route: Route): RecipientResult | undefined {
  switch (route.kind) {
    case 'mailbox': {
      const text = 'It was put into the mailbox.';
      const said = { status: '2.1.5', reply: undefined, text };
      return {
        recipient,
        verdict: { kind: 'delivered', account: route.account, ...said },
        remote: undefined,
      };
    }
    // What stood for others was followed when the message came: this address has a mailbox, or has lost it since.
    case 'list':
    case 'closed':
    case 'tangled':
    case 'unknown': {
      const text = 'There is no mailbox of that name here any more.';
      return {
        recipient,
        verdict: { kind: 'refused', status: '5.1.1', reply: undefined, text },
        remote: undefined,
      };
    }
    case 'foreign':
      return undefined;
    default:
      return unreachable(route);
  }
}
