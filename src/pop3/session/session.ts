// A POP3 session (RFC 1939 §3) as a pure function: (phase, line of the client) → phase and output. Ports are asked by phases
// that wait for their answer; `pop3/server` drives it over a connection.
import { bytesToLatin1 } from '../../lib/bytes.ts';
import { unreachable } from '../../lib/result.ts';
import { parseCommand } from '../wire/command.ts';
import type { ClientLine } from '../wire/line-decoder.ts';
import { authorize, mostLinesBeforeLogin, respond } from './authorization.ts';
import type { Authorization, Exchange, Listening, Step, Surroundings } from './phase.ts';
import { replyIn } from './phase.ts';
import { replies } from './replies.ts';
import { transact } from './transaction.ts';

export function receiveLine(phase: Listening, line: ClientLine, surroundings: Surroundings): Step {
  if (line.kind === 'endless') return replyIn({ kind: 'closed' }, replies.endlessLine());
  if (phase.kind === 'transaction') return receiveCommand(phase, line, surroundings);
  const counted = countLine(phase);
  if (counted.attempts.lines > mostLinesBeforeLogin)
    return replyIn({ kind: 'closed' }, replies.tooManyCommands());
  if (counted.kind === 'exchange')
    return respond(counted, line.kind === 'line' ? bytesToLatin1(line.bytes) : undefined);
  return receiveCommand(counted, line, surroundings);
}

function countLine(phase: Authorization | Exchange): Authorization | Exchange {
  return { ...phase, attempts: { ...phase.attempts, lines: phase.attempts.lines + 1 } };
}

function receiveCommand(
  phase: Exclude<Listening, Exchange>,
  line: Exclude<ClientLine, { kind: 'endless' }>,
  surroundings: Surroundings,
): Step {
  switch (line.kind) {
    case 'too-long':
      return replyIn(phase, replies.lineTooLong());
    case 'bare-line-end':
      return replyIn(phase, replies.lineEnd());
    case 'line': {
      const command = parseCommand(line.bytes);
      if (!command.ok) return replyIn(phase, replies.malformed(command.fault));
      return phase.kind === 'transaction'
        ? transact(phase, command.value, surroundings)
        : authorize(phase, command.value, surroundings);
    }
    default:
      return unreachable(line);
  }
}
