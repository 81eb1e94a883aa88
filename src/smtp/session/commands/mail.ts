// MAIL (RFC 5321 §4.1.1.2): begins a message.
import { newJourneyId } from '../../../lib/journey.ts';
import type { MailCheck } from '../../../mailauth/mail-check.ts';
import type { MailParameters } from '../../wire/mail-parameters.ts';
import type { Path } from '../../wire/path.ts';
import type { Reply } from '../../wire/reply.ts';
import type { SmtpContext } from '../context.ts';
import { readTerms, senderTaken } from '../mail-terms.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import type { CommandPhase, ReadyPhase } from '../phase.ts';
import { admit } from '../reception.ts';
import { Recipients } from '../recipients.ts';
import { reply } from '../replies.ts';
import { beginSubmission } from '../submission.ts';

const bodies = { '7BIT': '7bit', '8BITMIME': '8bit', BINARYMIME: 'binary' } as const;

export function beginMessage(
  context: SmtpContext,
  phase: CommandPhase,
  reversePath: Path | undefined,
  parameters: MailParameters,
): Move {
  if (phase.kind === 'greeted') return tell(reply('helloFirst'), phase);
  if (phase.kind !== 'ready') return tell(reply('mailAlready'), phase);
  const refusal = refuse(context, phase, reversePath, parameters);
  if (refusal !== undefined) return tell(refusal, phase);
  const terms = readTerms(context, phase.peer, parameters);
  if (!terms.ok) return tell(terms.fault, phase);
  const begin = (check: MailCheck | undefined): Move => {
    const now = context.clock.now();
    return tell(senderTaken(parameters, terms.value), {
      ...phase,
      kind: 'mail',
      transaction: {
        id: newJourneyId(now, context.random),
        startedAt: now,
        // A source route is left aside (RFC 5321 appendix C). So is AUTH=: we trust nobody to name a submitter (RFC 4954 §5).
        reversePath: reversePath?.address,
        body: bodies[parameters.body ?? '7BIT'],
        utf8: parameters.smtpUtf8 === true,
        terms: terms.value,
        check,
        opinion: undefined,
        recipients: Recipients.none,
        taken: 0,
        recipientsSince: undefined,
      },
    });
  };
  const { login } = phase.peer;
  if (context.role === 'submission' && login !== undefined) {
    const utf8 = parameters.smtpUtf8 === true;
    return beginSubmission(phase, login, reversePath?.address, utf8, () => begin(undefined));
  }
  const ip = context.remote.address;
  return admit(context, phase, 'message', () => {
    if (context.checks === undefined || context.checks.isExempt(ip)) return begin(undefined);
    const envelope = { ip, helo: phase.hello.client.text, mailFrom: reversePath?.address };
    return { kind: 'asked', question: { ask: 'check', envelope, next: begin } };
  });
}

function refuse(
  context: SmtpContext,
  phase: ReadyPhase,
  reversePath: Path | undefined,
  parameters: MailParameters,
): Reply | undefined {
  if (context.role === 'submission') {
    if (phase.peer.login === undefined)
      return reply(phase.peer.tls === undefined ? 'tlsFirst' : 'loginFirst');
  }
  // RFC 6531 §3.5
  if (reversePath?.utf8 === true && !parameters.smtpUtf8) return reply('utf8Undeclared');
  // RFC 1870 §6.1
  if (parameters.size !== undefined && parameters.size > context.maxMessageSize)
    return reply('tooBig', { limit: String(context.maxMessageSize) });
  return undefined;
}
