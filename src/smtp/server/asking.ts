// Asks the ports what a session asks, and goes on with their answers. What a store can't say now is an answer, too.
import type { JourneyObserver } from '../../lib/journey.ts';
import type { Log } from '../../lib/log.ts';
import { unreachable } from '../../lib/result.ts';
import type { Directory, Route } from '../../domains/directory.ts';
import type { Login } from '../../login/login.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { AcceptedMessage, Intake } from '../../mailbox/message.ts';
import type { SmtpContext } from '../session/context.ts';
import type { Move, Question } from '../session/move.ts';
import type { ContentMemory } from './content-memory.ts';
import type { SmtpLimits } from './limits.ts';

export interface SmtpPorts {
  readonly directory: Pick<Directory, 'route'>;
  readonly login: Pick<Login, 'verify'>;
  readonly intake: Intake;
  readonly memory: ContentMemory;
  readonly log: Log;
  readonly onStep: JourneyObserver | undefined;
}

/** Rejects for a bug only. */
export async function askPorts(
  question: Question,
  ports: SmtpPorts,
  context: SmtpContext,
  limits: SmtpLimits,
): Promise<Move> {
  switch (question.ask) {
    case 'room':
      return question.next(await ports.memory.room(limits.roomMs));
    case 'route':
      return question.next(await route(question.recipient, ports));
    case 'login': {
      const from = context.remote.address;
      return question.next(await ports.login.verify(question.identity, question.password, from));
    }
    case 'accept':
      return question.next(await accept(question.message, ports));
    default:
      return unreachable(question);
  }
}

async function route(
  recipient: Parameters<Directory['route']>[0],
  { directory, log }: SmtpPorts,
): Promise<Route | undefined> {
  try {
    return await directory.route(recipient);
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    log.warn('recipient not looked up', { kind: error.kind, reason: error.message });
    return undefined;
  }
}

async function accept(message: AcceptedMessage, { intake }: SmtpPorts): Promise<StoreFault | undefined> {
  try {
    await intake.accept(message);
    return undefined;
  } catch (error) {
    if (error instanceof StoreFault) return error;
    throw error;
  }
}
