// AUTH (RFC 4954): a user of ours logs in. Only for submission, and passwords only under TLS.
import { bytesToBase64 } from '../../../lib/bytes.ts';
import { durationInWords } from '../../../lib/duration-words.ts';
import { unreachable } from '../../../lib/result.ts';
import type { LoginOutcome } from '../../../login/login.ts';
import type { SaslStep } from '../../../sasl/mechanism.ts';
import { decodeInitialResponse, decodeResponse } from '../../../sasl/mechanisms.ts';
import type { Line } from '../../wire/line-decoder.ts';
import type { SmtpContext } from '../context.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import type { CommandPhase, ReadyPhase, SaslPhase } from '../phase.ts';
import { reply } from '../replies.ts';
import { loggedInStep } from '../steps.ts';
import { offeredMechanisms } from './hello.ts';

export function beginLogin(
  context: SmtpContext,
  phase: CommandPhase,
  mechanism: string,
  initial: string | undefined,
): Move {
  if (context.role !== 'submission') return tell(reply('noLoginHere'), phase);
  if (phase.kind === 'greeted') return tell(reply('helloFirst'), phase);
  if (phase.kind !== 'ready') return tell(reply('notInMessage'), phase);
  const { peer, hello } = phase;
  if (peer.login !== undefined) return tell(reply('loggedInAlready'), phase);
  const chosen = context.mechanisms.find((each) => each.name === mechanism);
  if (chosen?.plaintext === true && peer.tls === undefined) return tell(reply('encryptionFirst'), phase);
  if (chosen === undefined) {
    // Before TLS none may be offered at all.
    const offered = offeredMechanisms(context, peer).join(' ');
    return tell(
      reply('unknownMechanism', { mechanisms: offered === '' ? 'none without TLS' : offered }),
      phase,
    );
  }
  const response = initial === undefined ? undefined : decodeInitialResponse(initial);
  if (initial !== undefined && response === undefined) return tell(notBase64(), phase);
  const exchange = chosen.begin();
  const startedAt = context.clock.now();
  return proceed(
    context,
    { kind: 'sasl', peer, hello, mechanism, exchange, startedAt },
    exchange.start(response),
  );
}

/** A line of the exchange. RFC 4954 §4: a lone `*` gives up. */
export function continueLogin(context: SmtpContext, phase: SaslPhase, line: Line & { kind: 'line' }): Move {
  if (line.text === '*') return tell(reply('loginCancelled'), ready(phase));
  const response = decodeResponse(line.text);
  if (response === undefined) return tell(notBase64(), ready(phase));
  return proceed(context, phase, phase.exchange.respond(response));
}

function proceed(context: SmtpContext, phase: SaslPhase, step: SaslStep): Move {
  switch (step.kind) {
    case 'challenge':
      return tell(reply('challenge', { challenge: bytesToBase64(step.bytes) }), phase);
    case 'fault':
      return tell(reply('badResponse', { reason: step.reason }), ready(phase));
    case 'password': {
      // RFC 4616 §2: acting as somebody else is a right that nobody has here.
      if (step.authorizationId !== step.authenticationId) return tell(reply('loginRefused'), ready(phase));
      return {
        kind: 'asked',
        question: {
          ask: 'login',
          identity: step.authenticationId,
          password: step.password,
          next: (outcome) => decide(context, phase, step.authenticationId, outcome),
        },
      };
    }
    default:
      return unreachable(step);
  }
}

function decide(context: SmtpContext, phase: SaslPhase, identity: string, outcome: LoginOutcome): Move {
  switch (outcome.kind) {
    case 'ok': {
      const { account } = outcome;
      const step = loggedInStep(context, { since: phase.startedAt }, account.address, phase.mechanism);
      return tell(reply('loggedIn'), {
        ...ready(phase),
        peer: { ...phase.peer, login: { account, step } },
      });
    }
    case 'refused':
      return tell(reply('loginRefused'), ready(phase), {
        level: 'info',
        event: 'login refused',
        fields: { identity, mechanism: phase.mechanism },
      });
    case 'throttled':
      return tell(reply('loginThrottled', { wait: durationInWords(outcome.retryAfterMs) }), ready(phase), {
        level: 'info',
        event: 'login throttled',
        fields: { identity, retryAfterMs: outcome.retryAfterMs },
      });
    case 'unavailable':
      return tell(reply('loginUnavailable'), ready(phase), {
        level: 'warn',
        event: 'login unavailable',
        fields: { reason: outcome.reason },
      });
    default:
      return unreachable(outcome);
  }
}

function ready(phase: SaslPhase): ReadyPhase {
  return { kind: 'ready', peer: phase.peer, hello: phase.hello };
}

function notBase64(): ReturnType<typeof reply> {
  return reply('badResponse', { reason: 'The response is no base64, or too long.' });
}
