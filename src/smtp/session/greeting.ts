// The greeting (RFC 5321 §3.1), which a session begins with, and begins anew with when a proxy says whose it is.
import type { SmtpContext } from './context.ts';
import { tell } from './move.ts';
import type { Move } from './move.ts';
import type { GreetedPhase, ReadyPhase } from './phase.ts';
import { receive } from './reception.ts';
import { reply } from './replies.ts';

/** `phase` is where the session stands once the client is let in. */
export function greet(context: SmtpContext, phase: GreetedPhase | ReadyPhase): Move {
  const { hostname } = context;
  return receive(context, () =>
    tell(reply(context.role === 'lmtp' ? 'lmtpGreeting' : 'greeting', { hostname }), phase),
  );
}
