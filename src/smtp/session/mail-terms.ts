// What MAIL asks for beside the mail, taken at its word or refused: RFC 3461, RFC 8689, RFC 2852, RFC 4865, RFC 6710.
import type { Result } from '../../lib/result.ts';
import { fault, ok } from '../../lib/result.ts';
import type { MailTerms } from '../../mailbox/terms.ts';
import type { MailParameters } from '../wire/mail-parameters.ts';
import type { Reply } from '../wire/reply.ts';
import type { SmtpContext } from './context.ts';
import { longestHold, notOnOffer } from './extensions.ts';
import type { Peer } from './phase.ts';
import { reply } from './replies.ts';

/** Of our users' mail none goes before what a server has to say itself (RFC 6710 §5). */
const highestPriority = 4;

export function readTerms(
  context: SmtpContext,
  peer: Peer,
  parameters: MailParameters,
): Result<MailTerms, Reply> {
  const unknown = notOnOffer(context, peer, parameters);
  if (unknown !== undefined)
    return fault(reply('badParameter', { reason: `MAIL takes no parameter ${unknown} here.` }));
  const { returns, envelopeId, requireTls, deliverBy, holdFor, holdUntil, priority } = parameters;
  // RFC 4865 §5: one or the other.
  if (holdFor !== undefined && holdUntil !== undefined)
    return fault(reply('syntax', { reason: 'HOLDFOR and HOLDUNTIL exclude each other.' }));
  const now = context.clock.now();
  const releaseAt = holdFor === undefined ? holdUntil : now + 1000 * holdFor;
  if (releaseAt !== undefined && releaseAt > now + 1000 * longestHold)
    return fault(reply('holdTooLong', { days: String(longestHold / 86_400) }));
  const by = deliverBy && { ...deliverBy, at: now + 1000 * deliverBy.seconds };
  if (by?.mode === 'return' && releaseAt !== undefined && releaseAt >= by.at)
    return fault(
      reply('syntax', { reason: 'The message may not go before BY says that it must have arrived.' }),
    );
  return ok({
    ...(returns !== undefined && { returns }),
    ...(envelopeId !== undefined && { envelopeId }),
    ...(requireTls !== undefined && { requireTls }),
    ...(by !== undefined && { deliverBy: { at: by.at, mode: by.mode, trace: by.trace } }),
    ...(releaseAt !== undefined && releaseAt > now && { releaseAt }),
    ...(priority !== undefined && priority !== 0 && { priority: Math.min(priority, highestPriority) }),
  });
}

/** What is said to MAIL that is taken. */
export function senderTaken(parameters: MailParameters, { priority = 0 }: MailTerms): Reply {
  return (parameters.priority ?? 0) > priority
    ? reply('priorityLowered', { priority: String(priority) })
    : reply('senderTaken');
}
