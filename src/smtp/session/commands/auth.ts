// AUTH (RFC 4954): a user of ours logs in. Only for submission, and only under TLS.
import { bytesToBase64 } from '../../../lib/bytes.ts';
import { durationInWords } from '../../../lib/duration-words.ts';
import { unreachable } from '../../../lib/result.ts';
import type { LoginOutcome, LoginRefusal } from '../../../login/login.ts';
import type { SaslStep } from '../../../sasl/mechanism.ts';
import { decodeInitialResponse, decodeResponse } from '../../../sasl/mechanisms.ts';
import { nameOfProof } from '../../../sasl/proof.ts';
import type { Proof } from '../../../sasl/proof.ts';
import type { Line } from '../../wire/line-decoder.ts';
import type { SmtpContext } from '../context.ts';
import { offeredMechanisms } from '../extensions.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import type { CommandPhase, ReadyPhase, SaslPhase } from '../phase.ts';
import { reply } from '../replies.ts';
import { loggedInStep } from '../steps.ts';

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
  // RFC 8314 §3: nobody logs in and submits in clear, however well his password is kept.
  if (peer.tls === undefined) return tell(reply('encryptionFirst'), phase);
  const chosen = offeredMechanisms(context, peer).find((each) => each.name === mechanism);
  if (chosen === undefined) {
    const mechanisms = offeredMechanisms(context, peer).map((each) => each.name);
    return tell(reply('unknownMechanism', { mechanisms: mechanisms.join(' ') }), phase);
  }
  const response = initial === undefined ? undefined : decodeInitialResponse(initial);
  if (initial !== undefined && response === undefined) return tell(notBase64(), phase);
  const exchange = chosen.begin({ tls: peer.tls, random: context.random });
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
  const { decided } = phase;
  if (decided !== undefined) return decide(context, phase, decided.proof, decided.outcome);
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
    case 'salt': {
      const { identity, next } = step;
      return {
        kind: 'asked',
        question: {
          ask: 'salt',
          identity,
          next: (outcome) =>
            outcome.kind === 'salt'
              ? proceed(context, phase, next(outcome.salt))
              : refuseLogin(ready(phase), { identity, mechanism: phase.mechanism }, outcome),
        },
      };
    }
    case 'check': {
      const { proof, last } = step;
      return {
        kind: 'asked',
        question: {
          ask: 'login',
          proof,
          next: (outcome) => {
            // Whose login can't be checked now must not hear that his proof is bad.
            const settled = outcome.kind === 'ok' || outcome.kind === 'refused';
            const bytes = settled ? last?.(outcome.kind === 'ok') : undefined;
            return bytes === undefined
              ? decide(context, phase, proof, outcome)
              : tell(reply('challenge', { challenge: bytesToBase64(bytes) }), {
                  ...phase,
                  decided: { proof, outcome },
                });
          },
        },
      };
    }
    default:
      return unreachable(step);
  }
}

function decide(context: SmtpContext, phase: SaslPhase, proof: Proof, outcome: LoginOutcome): Move {
  if (outcome.kind !== 'ok') {
    return refuseLogin(ready(phase), { identity: nameOfProof(proof), mechanism: phase.mechanism }, outcome);
  }
  const { account } = outcome;
  const step = loggedInStep(context, { since: phase.startedAt }, account.address, phase.mechanism);
  return tell(reply('loggedIn'), {
    ...ready(phase),
    peer: { ...phase.peer, login: { account, step } },
  });
}

/** `tried` is for the log. */
export function refuseLogin(
  next: CommandPhase,
  tried: { readonly identity: string; readonly mechanism: string },
  outcome: LoginRefusal,
): Move {
  switch (outcome.kind) {
    case 'refused':
      return tell(reply('loginRefused'), next, {
        level: 'info',
        event: 'login refused',
        fields: { ...tried, ...(outcome.why !== undefined && { why: outcome.why }) },
      });
    case 'throttled':
      return tell(reply('loginThrottled', { wait: durationInWords(outcome.retryAfterMs) }), next, {
        level: 'info',
        event: 'login throttled',
        fields: { ...tried, retryAfterMs: outcome.retryAfterMs },
      });
    case 'unavailable':
      return tell(reply('loginUnavailable'), next, {
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
