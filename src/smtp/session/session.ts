// An SMTP session as a pure machine (RFC 5321 §3, §4.1.4): a phase and an input give a move. Nothing here knows of sockets,
// and no phase can hold what has not been said.
import type { TlsInfo } from '../../lib/transport.ts';
import { unreachable } from '../../lib/result.ts';
import { parseCommand } from '../wire/command.ts';
import type { Command, CommandFault } from '../wire/command.ts';
import type { Line, LineFault } from '../wire/line-decoder.ts';
import { beginLogin, continueLogin } from './commands/auth.ts';
import { beginContent, takeChunk } from './commands/content.ts';
import { sayHello } from './commands/hello.ts';
import { beginMessage } from './commands/mail.ts';
import { addRecipient } from './commands/recipient.ts';
import { changeClient } from './commands/xclient.ts';
import type { SmtpContext } from './context.ts';
import { greet } from './greeting.ts';
import { tell } from './move.ts';
import type { Move } from './move.ts';
import { withoutMessage } from './phase.ts';
import type { CommandPhase, GreetedPhase, Phase, SaslPhase, TlsPhase } from './phase.ts';
import { reply } from './replies.ts';
import type { Reply } from '../wire/reply.ts';

/** The greeting (RFC 5321 §3.1). `tls` is set where TLS came at once (RFC 8314 §3.3). */
export function openSession(context: SmtpContext, tls: TlsInfo | undefined): Move {
  const peer = { connectedAt: context.clock.now(), tls, login: undefined };
  return greet(context, { kind: 'greeted', peer });
}

/** A line where a command or a SASL response is expected. */
export function takeLine(context: SmtpContext, phase: CommandPhase | SaslPhase, line: Line): Move {
  if (line.kind === 'fault') return tell(...refuseLine(context, phase, line.fault));
  if (phase.kind === 'sasl') return continueLogin(context, phase, line);
  const command = parseCommand(line.text);
  if (command.ok) return takeCommand(context, phase, command.value);
  // Octets that nobody has counted could be anything, commands too.
  const next: Phase = command.fault.kind === 'chunk' ? { kind: 'closed' } : phase;
  return tell(refuseCommand(context, command.fault), next);
}

/** The handshake is done. RFC 3207 §4.2: the session begins anew, without a greeting; nothing said in clear counts. */
export function takeTls(phase: TlsPhase, tls: TlsInfo): GreetedPhase {
  return { kind: 'greeted', peer: { connectedAt: phase.peer.connectedAt, tls, login: undefined } };
}

function takeCommand(context: SmtpContext, phase: CommandPhase, command: Command): Move {
  switch (command.verb) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      // RFC 2033 §4.1: who speaks the one protocol where the other is meant would count the replies wrongly.
      return (command.verb === 'LHLO') === (context.role === 'lmtp')
        ? sayHello(context, phase, command.client, command.verb !== 'HELO')
        : tell(reply('notOffered', { name: command.verb }), phase);
    case 'MAIL':
      return beginMessage(context, phase, command.reversePath, command.parameters);
    case 'RCPT':
      return addRecipient(context, phase, command.forwardPath, command.parameters);
    case 'DATA':
      return beginContent(phase);
    case 'BDAT':
      return takeChunk(context, phase, command.size, command.last);
    case 'RSET':
      return tell(reply('done'), withoutMessage(phase));
    case 'NOOP':
      return tell(reply('done'), phase);
    case 'VRFY':
      return tell(reply('notConfirmed'), phase);
    case 'HELP':
      return tell(reply('help'), phase);
    case 'QUIT':
      return tell(reply('goodbye', { hostname: context.hostname }), { kind: 'closed' });
    case 'STARTTLS':
      return beginTls(context, phase);
    case 'AUTH':
      return beginLogin(context, phase, command.mechanism, command.initial);
    case 'XCLIENT':
      return changeClient(context, phase, command.claims);
    case 'unsupported':
      return tell(reply('notOffered', { name: command.name }), phase);
    case 'foreign':
      return tell(reply('foreignProtocol', { name: command.name }), { kind: 'closed' });
    default:
      return unreachable(command);
  }
}

// RFC 3207 §4
function beginTls(context: SmtpContext, phase: CommandPhase): Move {
  if (phase.peer.tls !== undefined) return tell(reply('tlsAlready'), phase);
  return context.tlsOffered
    ? tell(reply('tlsReady'), { kind: 'tls', peer: phase.peer })
    : tell(reply('notOffered', { name: 'STARTTLS' }), phase);
}

function refuseCommand({ hostname }: SmtpContext, fault: CommandFault): Reply {
  const { reason } = fault;
  switch (fault.kind) {
    case 'unknown':
      return reply('unknownCommand', { reason });
    case 'syntax':
    case 'value':
      return reply('syntax', { reason });
    case 'sender':
      return reply('badSender', { reason });
    case 'recipient':
      return reply('badRecipient', { reason });
    case 'parameter':
      return reply('badParameter', { reason });
    case 'chunk':
      return reply('badChunk', { reason, hostname });
    default:
      return unreachable(fault.kind);
  }
}

function refuseLine(
  context: SmtpContext,
  phase: CommandPhase | SaslPhase,
  fault: LineFault,
): Parameters<typeof tell> {
  const { hostname } = context;
  // A login that was under way has failed with its line.
  const next: CommandPhase =
    phase.kind === 'sasl' ? { kind: 'ready', peer: phase.peer, hello: phase.hello } : phase;
  switch (fault) {
    case 'too-long':
      return [reply(phase.kind === 'sasl' ? 'loginLineTooLong' : 'lineTooLong'), next];
    case 'not-utf8':
      return [reply('notUtf8'), next];
    case 'bare-lf':
      return [
        reply('brokenLine', { reason: 'Lines end with CR LF, not with LF alone.', hostname }),
        { kind: 'closed' },
      ];
    case 'bare-cr':
      return [
        reply('brokenLine', { reason: 'A CR stands in a line without LF.', hostname }),
        { kind: 'closed' },
      ];
    case 'nul':
      return [reply('brokenLine', { reason: 'A command holds no NUL.', hostname }), { kind: 'closed' }];
    default:
      return unreachable(fault);
  }
}
