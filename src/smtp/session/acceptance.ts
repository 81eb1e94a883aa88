// The end of the content: whether it may be taken, where its copies go, and what its journey tells of it.
import type { JourneyStep } from '../../lib/journey.ts';
import type { LogFields } from '../../lib/log.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import { inbox } from '../../mailbox/mail-store.ts';
import type { AcceptedMessage, Destination, Envelope, StoreFault } from '../../mailbox/message.ts';
import { fieldsNamed, headerOctets, scanHeader } from '../../message/header.ts';
import type { HeaderScan } from '../../message/header.ts';
import type { DataFault } from '../wire/data-decoder.ts';
import type { Reply } from '../wire/reply.ts';
import type { SmtpContext } from './context.ts';
import { tell } from './move.ts';
import type { Move } from './move.ts';
import { messageIdOf, withOwnFields } from './own-fields.ts';
import type { ContentPhase, ReadyPhase, Transaction } from './phase.ts';
import type { Recipient } from './recipients.ts';
import { reply } from './replies.ts';
import { recipientsCheckedStep, storedStep, takenStep } from './steps.ts';

/** The content as it was sent, without the dots that were stuffed. */
export type Content =
  | {
      readonly kind: 'whole';
      readonly octets: readonly Uint8Array[];
      readonly size: number;
      /** Whether an octet above 127 is in it. */
      readonly eightBit: boolean;
    }
  /** Its end was reached, but it can't be taken. `no-memory`: ours was used up. */
  | { readonly kind: 'refused'; readonly fault: DataFault | 'too-big' | 'no-memory' };

/** RFC 5321 §6.3: servers that count `Received` fields use a large threshold, normally at least 100. */
const mostReceived = 100;
/** Recipients named in a line of the log. */
const mostLogged = 10;

/** What follows the content's end, whatever it is, is the next command. */
export function takeContent(context: SmtpContext, phase: ContentPhase, content: Content): Move {
  const next: ReadyPhase = { kind: 'ready', peer: phase.peer, hello: phase.hello };
  if (content.kind === 'refused') return tell(refuse(context, content.fault), next);
  const front = headerOctets(content.octets);
  const header = scanHeader(front);
  const hops = fieldsNamed(header, 'Received').length;
  if (hops >= mostReceived) {
    return tell(reply('loop', { count: String(hops) }), next, {
      level: 'warn',
      event: 'mail loop refused',
      fields: envelopeFields(phase.transaction),
    });
  }
  return accept(context, phase, next, content, front, header);
}

function accept(
  context: SmtpContext,
  phase: ContentPhase,
  next: ReadyPhase,
  content: Content & { kind: 'whole' },
  front: Uint8Array,
  header: HeaderScan,
): Move {
  const { transaction } = phase;
  const now = context.clock.now();
  const recipients = transaction.recipients.toArray();
  const destinations = recipients.map(destinationOf);
  // RFC 5321 §4.4: Return-Path is for final delivery. As content is kept once for all its recipients, the relay leaves it out.
  const delivered = destinations.some((destination) => destination.kind === 'mailbox');
  const octets = withOwnFields(context, phase, content, header, delivered, now);
  const size = octets.reduce((sum, each) => sum + each.length, 0);
  const taken = reply('messageTaken', { id: transaction.id });
  const facts = {
    reversePath: transaction.reversePath,
    recipients,
    size,
    messageId: messageIdOf(context, phase, front, header),
  };
  const steps: readonly JourneyStep[] = [
    phase.hello.step,
    phase.peer.login?.step ?? checkedStep(context, phase),
    takenStep(
      context,
      { since: transaction.startedAt, until: now },
      { ...facts, reply: shown(taken), ok: true },
    ),
  ];
  const message: AcceptedMessage = {
    id: transaction.id,
    receivedAt: now,
    envelope: envelopeOf(transaction, content.eightBit),
    content: octets,
    destinations,
    // What is on disk together with the message says that it is on disk.
    journey: [...steps, ...storedSteps(context, destinations, now)],
  };
  const decide = (fault: StoreFault | undefined): Move => {
    const { id } = transaction;
    if (fault === undefined) {
      const note = {
        level: 'info',
        event: 'message accepted',
        fields: { id, size, ...envelopeFields(transaction) },
      } as const;
      return { ...tell(taken, next, note), journey: { id, steps: storedSteps(context, destinations, now) } };
    }
    const answer = reply(fault.kind === 'full' ? 'storeFull' : 'cannotStore');
    const failed = takenStep(context, { since: now }, { ...facts, reply: shown(answer), ok: false });
    const note = {
      level: 'warn',
      event: 'message not stored',
      fields: { id, kind: fault.kind, reason: fault.message, ...envelopeFields(transaction) },
    } as const;
    return { ...tell(answer, next, note), journey: { id, steps: [failed] } };
  };
  return {
    kind: 'asked',
    journey: { id: transaction.id, steps },
    question: { ask: 'accept', message, next: decide },
  };
}

function refuse(context: SmtpContext, fault: (Content & { kind: 'refused' })['fault']): Reply {
  switch (fault) {
    case 'bare-cr':
    case 'bare-lf':
      return reply('bareLineEnd');
    case 'nul':
      return reply('nulInContent');
    case 'long-line':
      return reply('longLine');
    case 'too-big':
      return reply('tooBig', { limit: String(context.maxMessageSize) });
    case 'no-memory':
      return reply('busy');
    default:
      return unreachable(fault);
  }
}

function envelopeOf({ reversePath, body, utf8, terms }: Transaction, eightBit: boolean): Envelope {
  return {
    reversePath,
    eightBit: eightBit || body !== '7bit',
    utf8,
    ...(body === 'binary' ? { binary: true } : {}),
    ...(Object.keys(terms).length === 0 ? {} : { terms }),
  };
}

function destinationOf({ address, account, report }: Recipient): Destination {
  return account === undefined
    ? { kind: 'relay', recipient: address, ...(report === undefined ? {} : { report }) }
    : { kind: 'mailbox', recipient: address, account, mailbox: inbox };
}

function checkedStep(context: SmtpContext, phase: ContentPhase): JourneyStep {
  const { recipients, recipientsSince, startedAt } = phase.transaction;
  return recipientsCheckedStep(context, { since: recipientsSince ?? startedAt }, recipients.toArray());
}

function storedSteps(
  context: SmtpContext,
  destinations: readonly Destination[],
  since: number,
): readonly JourneyStep[] {
  return destinations
    .filter((destination) => destination.kind === 'mailbox')
    .map((destination) => storedStep(context, { since }, destination.recipient, destination.mailbox));
}

/** For the log. */
function envelopeFields({ reversePath, recipients }: Transaction): LogFields {
  return {
    reversePath: reversePath === undefined ? '<>' : formatMailAddress(reversePath),
    recipients: recipients.count,
    to: recipients
      .toArray()
      .slice(0, mostLogged)
      .map((recipient) => formatMailAddress(recipient.address)),
  };
}

/** As the peer reads it. */
function shown(answer: Reply): string {
  return `${answer.code} ${answer.enhancedCode ?? ''} ${answer.lines.join(' ')}`;
}
