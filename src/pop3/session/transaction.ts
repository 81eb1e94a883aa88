// The TRANSACTION and UPDATE states (RFC 1939 §5, §6, §7).
import { unreachable } from '../../lib/result.ts';
import type { Command } from '../wire/command.ts';
import type { Reply } from '../wire/reply.ts';
import { capabilities } from './capabilities.ts';
import type { Maildrop, MaildropMessage } from './maildrop.ts';
import type { Step, Surroundings, Transaction, Updating } from './phase.ts';
import { replyIn } from './phase.ts';
import { replies } from './replies.ts';

export function transact(phase: Transaction, command: Command, surroundings: Surroundings): Step {
  const { maildrop } = phase;
  switch (command.verb) {
    case 'STAT':
      return replyIn(phase, replies.status(maildrop));
    case 'LIST':
      return command.message === undefined
        ? list(phase, replies.listing(maildrop), (message) => `${message.number} ${message.size}`)
        : withMessage(phase, command.message, (message) => replyIn(phase, replies.size(message)));
    case 'UIDL':
      return command.message === undefined
        ? list(phase, replies.uniqueIds(), (message) => `${message.number} ${maildrop.uniqueId(message)}`)
        : withMessage(phase, command.message, (message) =>
            replyIn(phase, replies.uniqueId(message, maildrop.uniqueId(message))),
          );
    case 'RETR':
      return withMessage(phase, command.message, (message) => ({
        phase,
        output: { kind: 'content', reply: replies.content(message), message, bodyLines: undefined },
      }));
    case 'TOP': {
      const { lines } = command;
      return withMessage(phase, command.message, (message) => ({
        phase,
        output: { kind: 'content', reply: replies.top(), message, bodyLines: lines },
      }));
    }
    case 'DELE':
      return withMessage(phase, command.message, (message) => {
        maildrop.markDeleted(message);
        return replyIn(phase, replies.deleted(message));
      });
    case 'NOOP':
      return replyIn(phase, replies.nothingToDo());
    case 'RSET':
      maildrop.unmarkAll();
      return replyIn(phase, replies.unmarked(maildrop));
    case 'QUIT':
      return update(phase);
    case 'CAPA':
      return {
        phase,
        output: { kind: 'listing', reply: replies.capabilities(), lines: capabilities(surroundings, true) },
      };
    case 'STLS':
      // RFC 2595 §4: in the AUTHORIZATION state only.
      return replyIn(phase, replies.tlsOnlyBeforeLogin());
    case 'USER':
    case 'PASS':
    case 'AUTH':
    case 'APOP':
    case 'UTF8':
      return replyIn(phase, replies.loggedInAlready());
    default:
      return unreachable(command);
  }
}

function withMessage(phase: Transaction, number: number, act: (message: MaildropMessage) => Step): Step {
  const message = phase.maildrop.find(number);
  return message === undefined ? replyIn(phase, replies.noSuchMessage(number, phase.maildrop)) : act(message);
}

function list(phase: Transaction, reply: Reply, line: (message: MaildropMessage) => string): Step {
  return { phase, output: { kind: 'listing', reply, lines: listingLines(phase.maildrop, line) } };
}

function* listingLines(maildrop: Maildrop, line: (message: MaildropMessage) => string): Iterable<string> {
  for (const message of maildrop.messages()) yield line(message);
}

function update(phase: Transaction): Step {
  const uids = phase.maildrop.deletedUids();
  if (uids.length === 0) return replyIn({ kind: 'closed' }, replies.goodbye());
  return {
    phase: { kind: 'updating', account: phase.account, maildrop: phase.maildrop, uids },
    output: undefined,
  };
}

/** RFC 1939 §6: whether or not the messages went, the session is over and the lock is released. */
export function answerUpdate(phase: Updating, removed: boolean): Step {
  return replyIn({ kind: 'closed' }, removed ? replies.removed(phase.uids.length) : replies.notRemoved());
}
