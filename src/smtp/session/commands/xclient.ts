// XCLIENT (Postfix's XCLIENT_README): a proxy that the config trusts says whose connection this is, and the session begins anew
// with it.
import type { LoginOutcome } from '../../../login/login.ts';
import type { ClientClaims } from '../../wire/xclient.ts';
import type { SmtpContext } from '../context.ts';
import { greet } from '../greeting.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import type { CommandPhase, Hello, LoggedIn } from '../phase.ts';
import { reply } from '../replies.ts';
import { connectedStep, loggedInStep } from '../steps.ts';
import { refuseLogin } from './auth.ts';

export function changeClient(context: SmtpContext, phase: CommandPhase, claims: ClientClaims): Move {
  if (!context.mayChangeClient) return tell(reply('notOffered', { name: 'XCLIENT' }), phase);
  if (phase.kind === 'mail' || phase.kind === 'chunked') return tell(reply('mailAlready'), phase);
  const { login } = claims;
  if (login === undefined || context.role !== 'submission')
    return beginAnew(context, phase, claims, phase.peer.login);
  const since = context.clock.now();
  const decide = (outcome: LoginOutcome): Move => {
    if (outcome.kind !== 'ok') return refuseLogin(phase, { identity: login, mechanism: 'XCLIENT' }, outcome);
    const { account } = outcome;
    const step = loggedInStep(context, { since }, account.address, 'XCLIENT');
    return beginAnew(context, phase, claims, { account, step });
  };
  return {
    kind: 'asked',
    question: { ask: 'login', proof: { kind: 'vouched', identity: login }, next: decide },
  };
}

function beginAnew(
  context: SmtpContext,
  phase: CommandPhase,
  claims: ClientClaims,
  login: LoggedIn | undefined,
): Move {
  const { remote, local } = context;
  const peer = { ...phase.peer, login };
  return {
    kind: 'asked',
    question: {
      ask: 'change-client',
      remote: { address: claims.address ?? remote.address, port: claims.port ?? remote.port },
      local: { address: claims.ourAddress ?? local.address, port: claims.ourPort ?? local.port },
      next: (changed) => {
        const hello = helloOf(changed, phase, claims);
        return greet(
          changed,
          hello === undefined ? { kind: 'greeted', peer } : { kind: 'ready', peer, hello },
        );
      },
    },
  };
}

/** Who is named by the proxy has said hello to it. */
function helloOf(context: SmtpContext, { peer }: CommandPhase, claims: ClientClaims): Hello | undefined {
  const { name: client, extended = false } = claims;
  if (client === undefined) return undefined;
  const step = connectedStep(context, { since: peer.connectedAt }, client.text, peer.tls);
  return { client, extended, step };
}
