// EHLO and HELO (RFC 5321 §4.1.1.1): who the client is, and what we offer it.
import type { SaslMechanism } from '../../../sasl/mechanism.ts';
import { fittingMechanisms } from '../../../sasl/mechanisms.ts';
import type { ClientName } from '../../wire/command.ts';
import type { SmtpContext } from '../context.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import type { CommandPhase, Peer } from '../phase.ts';
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
  const lines = extended ? [...answer.lines, ...extensions(context, phase.peer)] : answer.lines;
  return tell({ ...answer, lines }, { kind: 'ready', peer: phase.peer, hello: { client, extended, step } });
}

function extensions(context: SmtpContext, peer: Peer): readonly string[] {
  const offered = [
    'PIPELINING', // RFC 2920 §3
    `SIZE ${context.maxMessageSize}`, // RFC 1870 §3
    '8BITMIME', // RFC 6152 §2
    'CHUNKING', // RFC 3030 §2
    'BINARYMIME', // RFC 3030 §3
    'SMTPUTF8', // RFC 6531 §3.1
    'ENHANCEDSTATUSCODES', // RFC 2034 §3
    'HELP', // RFC 5321 §4.1.1.8
  ];
  // RFC 3207 §4.2: not announced again under TLS.
  if (context.tlsOffered && peer.tls === undefined) offered.push('STARTTLS');
  const mechanisms = offeredMechanisms(context, peer);
  if (mechanisms.length > 0) offered.push(`AUTH ${mechanisms.map(({ name }) => name).join(' ')}`);
  return offered;
}

/** The mechanisms that this client may use now. */
export function offeredMechanisms(context: SmtpContext, peer: Peer): readonly SaslMechanism[] {
  // RFC 4954 §4 asks for TLS where passwords cross in clear; we ask for it wherever somebody logs in.
  if (context.role !== 'submission' || peer.login !== undefined || peer.tls === undefined) return [];
  return fittingMechanisms(context.mechanisms, { tls: peer.tls, random: context.random });
}
