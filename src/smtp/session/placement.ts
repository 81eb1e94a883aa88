// Where the copies of a message go that may be taken: what mailboxes will ask of it is read, then the store has it, and only then is the
// client told so.
import type { JourneyStep } from '../../lib/journey.ts';
import type { LogFields } from '../../lib/log.ts';
import { formatAuthenticationResults } from '../../mailauth/results/format-results.ts';
import { inbox } from '../../mailbox/mail-store.ts';
import type { AcceptedMessage, AccountId, Destination, Envelope, StoreFault } from '../../mailbox/message.ts';
import { fieldsNamed, fieldValue } from '../../message/header.ts';
import { encodeParsedMessage } from '../../message/kept-message.ts';
import type { ParsedMessage } from '../../message/message-parser.ts';
import {
  copiesOf,
  envelopeFields,
  mailEnvelope,
  readyAfter,
  replyText,
  stepsBefore,
  takenFacts,
} from './candidate.ts';
import type { Candidate } from './candidate.ts';
import type { SmtpContext } from './context.ts';
import { tell } from './move.ts';
import type { Move } from './move.ts';
import { withOwnFields } from './own-fields.ts';
import type { TakenContent } from './own-fields.ts';
import { reply } from './replies.ts';
import { verdictDetail } from './verdict-text.ts';
import { storedElsewhereStep, storedStep, takenStep } from './steps.ts';

/** A group may have thousands of mailboxes: so many have steps of their own. */
const mostStoredSteps = 100;

/** `quarantined`: accounts whose copy goes into `mailbox`. */
export function placeMessage(
  candidate: Candidate,
  quarantined: ReadonlySet<AccountId>,
  mailbox: string = inbox,
): Move {
  const { context, phase, content, verdicts } = candidate;
  const copies = copiesOf(phase.transaction);
  // What is held waits in the queue, for our own users too (RFC 4865 §3).
  const held = phase.transaction.terms.releaseAt !== undefined;
  const destinations = copies.map((copy): Destination => {
    if (copy.kind === 'relay') return copy;
    if (!held) return quarantined.has(copy.account) ? { ...copy, mailbox } : copy;
    const { recipient, via, report } = copy;
    return { kind: 'relay', recipient, ...(via && { via }), ...(report && { report }) };
  });
  // RFC 5321 §4.4: Return-Path is for final delivery. As content is kept once for all its recipients, the relay leaves it out.
  const delivered = copies.some(({ kind }) => kind === 'mailbox');
  const now = context.clock.now();
  const results =
    verdicts === undefined
      ? ''
      : formatAuthenticationResults(context.hostname, mailEnvelope(context, phase), verdicts);
  const octets = withOwnFields(context, phase, content, results, delivered, now);
  const accepting = { candidate, octets, destinations, now };
  // Only mailboxes ask; what is held may still come into one.
  if (!delivered) return accept(accepting, undefined);
  const next = (parsed: ParsedMessage): Move => accept(accepting, parsed);
  return { kind: 'asked', question: { ask: 'parse', content: octets, next } };
}

interface Accepting {
  readonly candidate: Candidate;
  readonly octets: readonly Uint8Array[];
  readonly destinations: readonly Destination[];
  readonly now: number;
}

function accept(
  { candidate, octets, destinations, now }: Accepting,
  parsed: ParsedMessage | undefined,
): Move {
  const { context, phase, report } = candidate;
  const { transaction } = phase;
  const { id } = transaction;
  const size = octets.reduce((sum, each) => sum + each.length, 0);
  const taken = reply('messageTaken', { id });
  const facts = { ...takenFacts(candidate), size };
  const steps: readonly JourneyStep[] = [
    ...stepsBefore(candidate),
    takenStep(
      context,
      { since: transaction.startedAt, until: now },
      { ...facts, reply: replyText(taken), outcome: 'kept' },
    ),
  ];
  const message: AcceptedMessage = {
    id,
    receivedAt: now,
    envelope: envelopeOf(candidate),
    content: octets,
    parsed: parsed && encodeParsedMessage(parsed),
    destinations,
    // What is on disk together with the message says that it is on disk.
    journey: [...steps, ...storedSteps(context, destinations, now)],
  };
  const decide = (fault: StoreFault | undefined): Move => {
    const next = readyAfter(phase);
    if (fault === undefined) {
      const note = {
        level: 'info',
        event: 'message accepted',
        fields: {
          id,
          size,
          ...cutBy(parsed),
          ...(candidate.verdicts && verdictDetail(candidate.verdicts)),
          ...envelopeFields(transaction),
        },
      } as const;
      return {
        ...tell(taken, next, note),
        journey: { id, steps: storedSteps(context, destinations, now) },
        ...(report !== undefined && { report }),
      };
    }
    const answer = reply(fault.kind === 'full' ? 'storeFull' : 'cannotStore');
    const failed = takenStep(
      context,
      { since: now },
      { ...facts, reply: replyText(answer), outcome: 'not kept' },
    );
    const note = {
      level: 'warn',
      event: 'message not stored',
      fields: { id, kind: fault.kind, reason: fault.message, ...envelopeFields(transaction) },
    } as const;
    return { ...tell(answer, next, note), journey: { id, steps: [failed] } };
  };
  return { kind: 'asked', journey: { id, steps }, question: { ask: 'accept', message, next: decide } };
}

function envelopeOf({ phase, eightBit, content }: Candidate): Envelope {
  const { reversePath, body, utf8, terms } = phase.transaction;
  // RFC 8689 §5: the field counts where REQUIRETLS wasn't asked for.
  const tlsOptional = terms.requireTls === undefined && saysTlsIsOptional(content);
  const kept = tlsOptional ? { ...terms, tlsOptional } : terms;
  return {
    reversePath,
    eightBit: eightBit || body !== '7bit',
    utf8,
    ...(body === 'binary' && { binary: true }),
    ...(Object.keys(kept).length > 0 && { terms: kept }),
  };
}

function saysTlsIsOptional({ front, header }: TakenContent): boolean {
  const [field, another] = fieldsNamed(header, 'TLS-Required');
  return (
    field !== undefined && another === undefined && fieldValue(front, field).trim().toLowerCase() === 'no'
  );
}

function storedSteps(
  context: SmtpContext,
  destinations: readonly Destination[],
  since: number,
): readonly JourneyStep[] {
  const stored = destinations.filter((destination) => destination.kind === 'mailbox');
  const named = stored
    .slice(0, mostStoredSteps)
    .map((destination) => storedStep(context, { since }, destination.recipient, destination.mailbox));
  const more = stored.length - named.length;
  return more > 0 ? [...named, storedElsewhereStep(context, { since }, more)] : named;
}

/** For the log: the bounds of reading that the message met. */
function cutBy(parsed: ParsedMessage | undefined): LogFields {
  return parsed === undefined || parsed.limits.length === 0 ? {} : { limits: parsed.limits };
}
