// RCPT (RFC 5321 §4.1.1.3): who gets the message, and whether that is any business of ours. The open-relay gate.
import { formatMailAddress, mailAddressKey } from '../../../lib/mail-address.ts';
import type { MailAddress } from '../../../lib/mail-address.ts';
import { unreachable } from '../../../lib/result.ts';
import { destinationsOf } from '../../../domains/destinations.ts';
import type { Poster, Route } from '../../../domains/directory.ts';
import type { ReportTerms } from '../../../mailbox/terms.ts';
import type { ForwardPath } from '../../wire/command.ts';
import type { SmtpContext } from '../context.ts';
import { decidesBySender, refuseSender } from '../mail-checks.ts';
import type { SenderVerdicts } from '../mail-checks.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import type { CommandPhase, MailPhase } from '../phase.ts';
import { admit, considerClient } from '../reception.ts';
import { reply } from '../replies.ts';

/** As RCPT names it. */
interface Named {
  readonly address: MailAddress;
  /** NOTIFY and ORCPT. */
  readonly report: ReportTerms;
}

/** One that may be taken: where its copies go, and what it is the same as another by. */
interface Found extends Named {
  readonly route: Route;
  readonly key: string;
}

/** Of one message, when its lists are expanded: bounds what one transaction holds, in memory and in the store. */
const mostCopies = 10_000;

export function addRecipient(
  context: SmtpContext,
  phase: CommandPhase,
  forwardPath: ForwardPath,
  report: ReportTerms,
): Move {
  if (phase.kind === 'greeted') return tell(reply('helloFirst'), phase);
  if (phase.kind === 'ready') return tell(reply('mailFirst'), phase);
  if (phase.kind === 'chunked') return tell(reply('chunkFirst'), phase);
  const { recipients, utf8 } = phase.transaction;
  // RFC 6531 §3.5
  if (forwardPath.kind === 'path' && forwardPath.path.utf8 && !utf8)
    return tell(reply('utf8Undeclared'), phase);
  // RFC 5321 §4.5.3.1.10: 452, so that the client sends again for the rest.
  if (recipients.count >= context.maxRecipients) return tell(reply('tooManyRecipients'), phase);
  // A source route isn't followed: only the mailbox at its end counts (RFC 5321 §3.6.1), and if that isn't ours it is refused as any.
  const address =
    forwardPath.kind === 'path' ? forwardPath.path.address : { localPart: 'postmaster', domain: '' };
  const named = { address, report };
  return admit(context, phase, 'recipient', () => ({
    kind: 'asked',
    question: {
      ask: 'route',
      recipient: address,
      poster: posterOf(phase),
      next: (route) => decide(context, phase, named, route),
    },
  }));
}

function posterOf({ peer, transaction }: MailPhase): Poster {
  return { account: peer.login?.account.id, reversePath: transaction.reversePath };
}

function decide(context: SmtpContext, phase: MailPhase, named: Named, route: Route | undefined): Move {
  if (route === undefined) return tell(reply('cannotLookUp'), phase);
  const { address: recipient } = named;
  const shown = phase.transaction.utf8 || isAscii(recipient) ? formatMailAddress(recipient) : 'This address';
  switch (route.kind) {
    case 'mailbox':
      return takeWelcome(context, phase, { ...named, route, key: `account ${route.account}` });
    case 'list':
      return takeWelcome(context, phase, { ...named, route, key: listKey(recipient, route) });
    case 'closed':
      return tell(reply('membersOnly', { recipient: shown }), phase, {
        level: 'info',
        event: 'mail to a group refused',
        fields: { group: formatMailAddress(route.group) },
      });
    case 'tangled':
      return tell(reply('cannotExpand', { recipient: shown }), phase, {
        level: 'warn',
        event: 'list not expanded',
        fields: { reason: route.reason },
      });
    case 'unknown':
      // `user%elsewhere@ours`, `elsewhere!user@ours` and `"user@elsewhere"@ours` ask us to pass the mail on: the routing of
      // another age (RFC 5321 §3.6.2, RFC 1123 §5.2.16), which none of our accounts has a name like.
      return asksForRelay(recipient.localPart)
        ? tell(reply('noRelay', { recipient: shown }), phase, refusedRelay(recipient))
        : tell(reply('unknownUser', { recipient: shown }), phase);
    case 'foreign':
      if (context.role !== 'submission')
        return tell(reply('noRelay', { recipient: shown }), phase, refusedRelay(recipient));
      // RFC 6409 §4.2
      return /[.[]/.test(recipient.domain)
        ? // Foreign local parts may differ by case alone (RFC 5321 §2.4).
          take(context, phase, { ...named, route, key: `${recipient.localPart}@${recipient.domain}` })
        : tell(reply('unqualified', { recipient: shown }), phase);
    default:
      return unreachable(route);
  }
}

/** Ours: taken of a client that nothing stands against. */
function takeWelcome(context: SmtpContext, phase: MailPhase, found: Found): Move {
  return considerClient(context, phase, found.address, (considered) =>
    takeFromSender(context, considered, found),
  );
}

/** Where it is configured, no recipient is taken of a sender who is known to be false. */
function takeFromSender(context: SmtpContext, phase: MailPhase, found: Found): Move {
  const { check } = phase.transaction;
  const policy = context.checks?.policy;
  if (check === undefined || policy === undefined || !decidesBySender(policy))
    return take(context, phase, found);
  const { address } = context.remote;
  const decideBySender = (verdicts: SenderVerdicts): Move => {
    const refusal = refuseSender(policy, verdicts, address);
    if (refusal === undefined) return take(context, phase, found);
    const { spf, iprev } = verdicts;
    return tell(refusal, phase, {
      level: 'info',
      event: 'sender refused',
      fields: { spf: spf.result, domain: spf.domain, reason: spf.reason, iprev: iprev.result },
    });
  };
  return { kind: 'asked', question: { ask: 'sender', check, next: decideBySender } };
}

function take(context: SmtpContext, phase: MailPhase, { address, report, route, key }: Found): Move {
  const { transaction } = phase;
  const { recipients } = transaction;
  const recipient = { ...address, domain: address.domain === '' ? context.hostname : address.domain };
  const copies = recipients.has(key) ? 0 : copiesOf(route);
  // One list alone is always taken: sent again it would be as long.
  if (recipients.count > 0 && recipients.copies + copies > mostCopies)
    return tell(reply('tooManyRecipients'), phase);
  // Two names of one account get one copy.
  return tell(reply('recipientTaken'), {
    ...phase,
    transaction: {
      ...transaction,
      recipients: recipients.with({
        address: recipient,
        key,
        destinations: destinationsOf(recipient, route),
        ...(route.kind === 'list' &&
          route.expansion.closed.length > 0 &&
          phase.peer.login === undefined && { membersOnly: true }),
        ...(Object.keys(report).length > 0 && { report }),
      }),
      taken: transaction.taken + 1,
      recipientsSince: transaction.recipientsSince ?? context.clock.now(),
    },
  });
}

/** One list by whatever tags, or other names of its domain. */
function listKey(recipient: MailAddress, { expansion }: Route & { kind: 'list' }): string {
  return `list ${mailAddressKey(expansion.lists[0]?.address ?? recipient)}`;
}

function copiesOf(route: Route): number {
  return route.kind === 'list' ? route.expansion.targets.length : 1;
}

function asksForRelay(localPart: string): boolean {
  return /[@%!:]/.test(localPart);
}

function isAscii(address: MailAddress): boolean {
  return /^[ -~]*$/.test(address.localPart);
}

function refusedRelay(recipient: MailAddress): {
  readonly level: 'info';
  readonly event: string;
  readonly fields: Readonly<Record<string, string>>;
} {
  return { level: 'info', event: 'relaying refused', fields: { recipient: mailAddressKey(recipient) } };
}
