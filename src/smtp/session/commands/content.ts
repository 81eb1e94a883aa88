// DATA (RFC 5321 §4.1.1.4) and BDAT (RFC 3030 §2): the content comes, up to its end or as many octets as were announced.
import { takeContent } from '../acceptance.ts';
import type { SmtpContext } from '../context.ts';
import { tell } from '../move.ts';
import type { Move } from '../move.ts';
import { repliesToContent, withoutMessage } from '../phase.ts';
import type { ChunkedPhase, CommandPhase } from '../phase.ts';
import { reply } from '../replies.ts';
import { unreachable } from '../../../lib/result.ts';
import type { Reply } from '../../wire/reply.ts';

export function beginContent(phase: CommandPhase): Move {
  if (phase.kind === 'chunked') return tell(reply('chunkFirst'), phase);
  const refusal = outOfOrder(phase);
  if (refusal !== undefined || phase.kind !== 'mail') return tell(refusal ?? reply('mailFirst'), phase);
  // RFC 3030 §3: lines that end anywhere can't be ended by a dot.
  if (phase.transaction.body === 'binary') return tell(reply('binaryByChunks'), phase);
  return {
    kind: 'asked',
    question: {
      ask: 'room',
      next: (granted) =>
        granted
          ? tell(reply('startContent'), { ...phase, kind: 'content' })
          : tell(reply('busy'), withoutMessage(phase)),
    },
  };
}

/** The announced octets are read before anything is said: a chunk that is refused is passed over, never taken for commands. */
export function takeChunk(context: SmtpContext, phase: CommandPhase, size: number, last: boolean): Move {
  if (phase.kind === 'chunked') return readChunk(context, phase, size, last, false);
  const refusal = outOfOrder(phase);
  if (refusal !== undefined || phase.kind !== 'mail') {
    return skip(size, tell(refusal ?? reply('mailFirst'), phase));
  }
  return {
    kind: 'asked',
    question: {
      ask: 'room',
      next: (granted) =>
        granted
          ? readChunk(context, { ...phase, kind: 'chunked' }, size, last, true)
          : skip(size, tell(reply('busy'), withoutMessage(phase))),
    },
  };
}

function readChunk(
  context: SmtpContext,
  phase: ChunkedPhase,
  size: number,
  last: boolean,
  first: boolean,
): Move {
  const { body, check } = phase.transaction;
  return {
    kind: 'asked',
    question: {
      ask: 'chunk',
      chunk: {
        first,
        last,
        size,
        binary: body === 'binary',
        check,
        replies: repliesToContent(context.role, phase.transaction),
      },
      next: (taken) =>
        taken === 'more'
          ? tell(reply('chunkTaken', { size: String(size) }), phase)
          : takeContent(context, { ...phase, kind: 'content' }, taken),
    },
  };
}

function skip(size: number, then: Move): Move {
  return { kind: 'asked', question: { ask: 'skip', size, next: () => then } };
}

function outOfOrder(phase: CommandPhase): Reply | undefined {
  switch (phase.kind) {
    case 'greeted':
      return reply('helloFirst');
    case 'ready':
      return reply('mailFirst');
    case 'mail':
    case 'chunked':
      return phase.transaction.recipients.count === 0 ? reply('noRecipients') : undefined;
    default:
      return unreachable(phase);
  }
}
