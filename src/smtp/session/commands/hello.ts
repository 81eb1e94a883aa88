// EHLO and HELO (RFC 5321 §4.1.1.1): who the client is, and what we offer it.
import type { ClientName } from '../../wire/client-name.ts';
import type { SmtpContext } from '../context.ts';
import { offeredExtensions } from '../extensions.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import type { CommandPhase } from '../phase.ts';
import { reply } from '../replies.ts';
import { connectedStep } from '../steps.ts';

/** RFC 5321 §4.1.4: either command forgets a message that was begun, as RSET does. */
export function sayHello(
  context: SmtpContext,
  phase: CommandPhase,
  client: ClientName,
  extended: boolean,
): Move {
  const answer = reply('hello', { hostname: context.hostname, client: client.text });
  const step = connectedStep(context, { since: phase.peer.connectedAt }, client.text, phase.peer.tls);
  const lines = extended ? [...answer.lines, ...offeredExtensions(context, phase.peer)] : answer.lines;
  return tell({ ...answer, lines }, { kind: 'ready', peer: phase.peer, hello: { client, extended, step } });
}
