// From a route to where the copies go: what a message is accepted with.
import type { MailAddress } from '../lib/mail-address.ts';
import { unreachable } from '../lib/result.ts';
import { inbox } from '../mailbox/mail-store.ts';
import type { AccountId, Destination } from '../mailbox/message.ts';
import type { Route } from './directory.ts';
import type { Target } from './expansion.ts';

/** None where the address is nobody's, or can't be sent to. A foreign recipient is relayed. */
export function destinationsOf(recipient: MailAddress, route: Route): readonly Destination[] {
  switch (route.kind) {
    case 'mailbox':
      return [{ kind: 'mailbox', recipient, account: route.account, mailbox: inbox }];
    case 'foreign':
      return [{ kind: 'relay', recipient }];
    case 'list':
      return route.expansion.targets.map((target) => destinationOf(target, recipient));
    case 'closed':
    case 'tangled':
    case 'unknown':
      return [];
    default:
      return unreachable(route);
  }
}

/** `via`: the address that stood for it. */
export function destinationOf(target: Target, via: MailAddress): Destination {
  const { address } = target;
  switch (target.kind) {
    case 'mailbox':
      return { kind: 'mailbox', recipient: address, via, account: target.account, mailbox: inbox };
    case 'relay':
      return {
        kind: 'relay',
        recipient: address,
        via,
        ...(target.owner === undefined ? {} : { owner: target.owner }),
      };
    default:
      return unreachable(target);
  }
}

/** One copy a mailbox and an address elsewhere, by whichever ways they were reached: of these, the one without a group between is kept. */
export function distinctDestinations(destinations: readonly Destination[]): readonly Destination[] {
  if (destinations.length < 2) return destinations;
  const distinct = new Map<string | AccountId, Destination>();
  for (const destination of destinations) {
    const { recipient } = destination;
    const key =
      destination.kind === 'mailbox' ? destination.account : `${recipient.localPart}@${recipient.domain}`;
    const known = distinct.get(key);
    if (known === undefined || (ownerOf(known) !== undefined && ownerOf(destination) === undefined))
      distinct.set(key, destination);
  }
  return [...distinct.values()];
}

function ownerOf(destination: Destination): MailAddress | undefined {
  return destination.kind === 'relay' ? destination.owner : undefined;
}
