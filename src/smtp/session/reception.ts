// What a stranger meets where other servers bring mail: whether the connection is greeted, how much it may bring, and what refusals cost.
// Our own users meet none of it: they log in, and their accounts have limits of their own.
import { durationInWords } from '../../lib/duration-words.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import { findingWords } from '../../reception/opinion.ts';
import type { Finding, Opinion } from '../../reception/opinion.ts';
import type { Arrival, Penalty } from '../../reception/visit.ts';
import type { Reply } from '../wire/reply.ts';
import type { SmtpContext } from './context.ts';
import { tell } from './move.ts';
import type { Move, Told } from './move.ts';
import type { CommandPhase, MailPhase } from './phase.ts';
import { reply } from './replies.ts';

/** Comes to `greet` if the client may come in, and once it has been silent for as long as it must. */
export function receive(context: SmtpContext, greet: () => Move): Move {
  if (context.role !== 'mx') return greet();
  return {
    kind: 'asked',
    question: { ask: 'arrival', next: (arrival) => decide(context, arrival, greet) },
  };
}

function decide(context: SmtpContext, arrival: Arrival, greet: () => Move): Move {
  if (arrival.kind === 'refused') {
    return tell(
      refusal(context, arrival),
      { kind: 'closed' },
      {
        level: 'info',
        event: 'connection refused',
        fields: { why: arrival.why, retryMs: arrival.retryMs },
      },
    );
  }
  if (arrival.afterMs === 0) return greet();
  return {
    kind: 'asked',
    question: {
      ask: 'silence',
      ms: arrival.afterMs,
      // RFC 5321 §4.3.1: the client waits for the greeting. Programs that can't wait for it are no mail servers.
      next: (silent) =>
        silent || !arrival.refuseEarlyTalker
          ? greet()
          : tell(
              reply('spokeFirst', { hostname: context.hostname }),
              { kind: 'closed' },
              { level: 'info', event: 'early talker refused' },
            ),
    },
  };
}

function refusal(context: SmtpContext, { why, retryMs }: Arrival & { kind: 'refused' }): Reply {
  const { hostname } = context;
  const wait = durationInWords(retryMs);
  switch (why) {
    case 'open':
      return reply('tooManyConnections', { hostname });
    case 'often':
      return reply('connectedTooOften', { hostname, wait });
    case 'errors':
      return reply('refusedTooOften', { hostname, wait });
    default:
      return unreachable(why);
  }
}

/** Comes to `next` if the client may bring one more; else it is told when. */
export function admit(
  context: SmtpContext,
  phase: CommandPhase,
  what: 'message' | 'recipient',
  next: () => Move,
): Move {
  if (context.role !== 'mx') return next();
  return {
    kind: 'asked',
    question: {
      ask: 'admission',
      what,
      next: ({ retryMs }) =>
        retryMs === 0
          ? next()
          : tell(
              reply(what === 'message' ? 'tooMuchMail' : 'recipientsTooFast', {
                wait: durationInWords(retryMs),
              }),
              phase,
              { level: 'info', event: 'mail slowed down', fields: { what, retryMs } },
            ),
    },
  };
}

/** Comes to `take` unless no mail is taken from the client; where it is to be slow, after a while. */
export function considerClient(
  context: SmtpContext,
  phase: MailPhase,
  recipient: MailAddress,
  take: (phase: MailPhase) => Move,
): Move {
  if (context.role !== 'mx') return take(phase);
  const known = phase.transaction.opinion;
  if (known !== undefined) return judge(context, phase, known, recipient, take);
  const { text, wellFormed } = phase.hello.client;
  const next = (opinion: Opinion): Move => {
    const considered = { ...phase, transaction: { ...phase.transaction, opinion } };
    const judged = (): Move => judge(context, considered, opinion, recipient, take);
    return opinion.slowMs === 0
      ? judged()
      : { kind: 'asked', question: { ask: 'pause', ms: opinion.slowMs, next: judged } };
  };
  const claims = { hello: { text, wellFormed }, domain: phase.transaction.reversePath?.domain };
  return { kind: 'asked', question: { ask: 'opinion', claims, next } };
}

function judge(
  context: SmtpContext,
  phase: MailPhase,
  { refusal }: Opinion,
  recipient: MailAddress,
  take: (phase: MailPhase) => Move,
): Move {
  // RFC 5321 §4.5.1, RFC 2142 §2: whoever is refused by mistake can say so.
  if (refusal === undefined || /^(?:postmaster|abuse)$/i.test(recipient.localPart)) return take(phase);
  return tell(refusalOf(context, phase, refusal), phase, {
    level: 'info',
    event: 'client refused',
    fields: { why: findingWords(refusal), helo: phase.hello.client.text },
  });
}

function refusalOf(context: SmtpContext, phase: MailPhase, finding: Finding): Reply {
  switch (finding.kind) {
    case 'hello':
      return reply('falseHello', { name: phase.hello.client.text });
    case 'no-reverse-name':
      return reply('noReverseName', { address: context.remote.address });
    case 'blocked':
    case 'welcomed': {
      const { subject, list, reason } = finding.hit;
      return reply('blocked', { subject, list: list.zone, reason: reason === '' ? 'nothing more.' : reason });
    }
    default:
      return unreachable(finding);
  }
}

/** What is told at last, after what it costs: a refusal comes the later the more there were, and too many end the connection. */
export function weigh(context: SmtpContext, told: Told): Move {
  if (context.role !== 'mx' || told.reply.code < 500 || told.phase.kind === 'closed') return told;
  return {
    kind: 'asked',
    question: {
      ask: 'penalty',
      // RFC 3463 §3.2: no such mailbox.
      refused: told.reply.enhancedCode === '5.1.1' ? 'unknown-recipient' : 'error',
      next: (penalty) => penalize(context, told, penalty),
    },
  };
}

function penalize(context: SmtpContext, told: Told, { pauseMs, banMs }: Penalty): Move {
  const last: Told =
    banMs === 0
      ? told
      : {
          ...tell(
            reply('refusedTooOften', { hostname: context.hostname, wait: durationInWords(banMs) }),
            { kind: 'closed' },
            { level: 'info', event: 'connection ended after too many refusals', fields: { retryMs: banMs } },
          ),
          ...(told.journey !== undefined && { journey: told.journey }),
        };
  return pauseMs === 0 ? last : { kind: 'asked', question: { ask: 'pause', ms: pauseMs, next: () => last } };
}
