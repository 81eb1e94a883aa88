// The AUTHORIZATION state (RFC 1939 §4): from the greeting to an open mailbox.
import { unreachable } from '../../lib/result.ts';
import type { LoginOutcome, SaltOutcome } from '../../login/login.ts';
import type { SaslStep } from '../../sasl/mechanism.ts';
import { decodeInitialResponse, decodeResponse, findSaslMechanism } from '../../sasl/mechanisms.ts';
import type { Proof } from '../../sasl/proof.ts';
import type { Command } from '../wire/command.ts';
import type { Reply } from '../wire/reply.ts';
import { capabilities } from './capabilities.ts';
import type { Maildrop } from './maildrop.ts';
import type {
  Attempts,
  Authorization,
  Exchange,
  Opening,
  Phase,
  Salting,
  Step,
  Surroundings,
  Verifying,
} from './phase.ts';
import { replyIn } from './phase.ts';
import { replies } from './replies.ts';

/** Refused logins in one connection; RFC 1939 §4 leaves closing to the server. */
export const mostRefusals = 3;
/** Lines without a login: enough for any client, little enough that nobody stays without one. */
export const mostLinesBeforeLogin = 100;

export type OpeningAnswer =
  | { readonly kind: 'opened'; readonly maildrop: Maildrop }
  | { readonly kind: 'in-use' }
  | { readonly kind: 'delayed'; readonly seconds: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unavailable' };

export function beginSession(): Authorization {
  return authorization({ refused: 0, lines: 0 });
}

function authorization(attempts: Attempts, user?: string): Authorization {
  return { kind: 'authorization', attempts, user };
}

export function authorize(phase: Authorization, command: Command, surroundings: Surroundings): Step {
  // PASS must come right after USER (RFC 1939 §7), so every other command forgets the name.
  const again = authorization(phase.attempts);
  switch (command.verb) {
    case 'CAPA':
      return {
        phase: again,
        output: {
          kind: 'listing',
          reply: replies.capabilities(),
          lines: capabilities(surroundings, false),
        },
      };
    case 'STLS':
      return startTls(again, surroundings);
    case 'UTF8':
      // RFC 6856 §2.1
      return replyIn(again, replies.utf8());
    case 'USER':
      return surroundings.passwordsAllowed
        ? replyIn(authorization(phase.attempts, command.name), replies.userNoted())
        : refuseInClear(again, surroundings);
    case 'PASS':
      if (!surroundings.passwordsAllowed) return refuseInClear(again, surroundings);
      if (phase.user === undefined) return replyIn(again, replies.passWithoutUser());
      return verify(phase.attempts, { kind: 'password', identity: phase.user, password: command.password });
    case 'AUTH':
      return beginExchange(again, command.mechanism, command.initial, surroundings);
    case 'APOP':
      return replyIn(again, replies.apopNotOffered());
    case 'QUIT':
      return replyIn({ kind: 'closed' }, replies.goodbye());
    case 'STAT':
    case 'LIST':
    case 'UIDL':
    case 'RETR':
    case 'DELE':
    case 'TOP':
    case 'NOOP':
    case 'RSET':
      return replyIn(again, replies.loginFirst(command.verb));
    default:
      return unreachable(command);
  }
}

function refuseInClear(again: Authorization, surroundings: Surroundings): Step {
  return replyIn(again, surroundings.tlsOffered ? replies.tlsNeeded() : replies.tlsNeededAndMissing());
}

function startTls(again: Authorization, surroundings: Surroundings): Step {
  // RFC 2595 §4: not where TLS is active already.
  if (surroundings.tls) return replyIn(again, replies.tlsActive());
  if (!surroundings.tlsOffered) return replyIn(again, replies.tlsNotOffered());
  return { phase: again, output: { kind: 'start-tls', reply: replies.beginTls() } };
}

function beginExchange(
  again: Authorization,
  name: string | undefined,
  initial: string | undefined,
  surroundings: Surroundings,
): Step {
  if (!surroundings.passwordsAllowed) return refuseInClear(again, surroundings);
  if (name === undefined) {
    const lines = surroundings.mechanisms.map((mechanism) => mechanism.name);
    return { phase: again, output: { kind: 'listing', reply: replies.mechanisms(), lines } };
  }
  const mechanism = findSaslMechanism(surroundings.mechanisms, name);
  if (mechanism === undefined) return replyIn(again, replies.unknownMechanism());
  const exchange = mechanism.begin(surroundings.channel);
  const phase: Exchange = { kind: 'exchange', attempts: again.attempts, exchange };
  if (initial === undefined) return continueExchange(phase, exchange.start(undefined));
  const bytes = decodeInitialResponse(initial);
  return bytes === undefined
    ? replyIn(again, replies.responseNotBase64())
    : continueExchange(phase, exchange.start(bytes));
}

/** A line inside AUTH (RFC 5034 §4); `text` is undefined where the line wasn't even a line. */
export function respond(phase: Exchange, text: string | undefined): Step {
  const again = authorization(phase.attempts);
  if (text === '*') return replyIn(again, replies.exchangeCancelled());
  if (phase.decided !== undefined) return conclude(phase.attempts, phase.decided);
  const bytes = text === undefined ? undefined : decodeResponse(text);
  return bytes === undefined
    ? replyIn(again, replies.responseNotBase64())
    : continueExchange(phase, phase.exchange.respond(bytes));
}

function continueExchange(phase: Exchange, step: SaslStep): Step {
  switch (step.kind) {
    case 'challenge':
      return { phase, output: { kind: 'challenge', bytes: step.bytes } };
    case 'fault':
      return replyIn(authorization(phase.attempts), replies.responseMalformed(step.reason));
    case 'salt':
      return {
        phase: { kind: 'salting', attempts: phase.attempts, exchange: phase.exchange, question: step },
        output: undefined,
      };
    case 'check':
      return verify(
        phase.attempts,
        step.proof,
        step.last && { exchange: phase.exchange, challenge: step.last },
      );
    default:
      return unreachable(step);
  }
}

function verify(attempts: Attempts, proof: Proof, last?: Verifying['last']): Step {
  return {
    phase: { kind: 'verifying', attempts, proof, ...(last !== undefined && { last }) },
    output: undefined,
  };
}

export function answerSalt({ attempts, exchange, question }: Salting, outcome: SaltOutcome): Step {
  return outcome.kind === 'salt'
    ? continueExchange({ kind: 'exchange', attempts, exchange }, question.next(outcome.salt))
    : conclude(attempts, outcome);
}

export function answerLogin({ attempts, last }: Verifying, outcome: LoginOutcome): Step {
  // Whose login can't be checked now must not hear that his proof is bad.
  const settled = outcome.kind === 'ok' || outcome.kind === 'refused';
  const bytes = settled ? last?.challenge(outcome.kind === 'ok') : undefined;
  return last === undefined || bytes === undefined
    ? conclude(attempts, outcome)
    : {
        phase: { kind: 'exchange', attempts, exchange: last.exchange, decided: outcome },
        output: { kind: 'challenge', bytes },
      };
}

function conclude(attempts: Attempts, outcome: LoginOutcome): Step {
  switch (outcome.kind) {
    case 'ok':
      return {
        phase: { kind: 'opening', attempts, account: outcome.account },
        output: undefined,
      };
    case 'refused':
      return refuse(attempts, replies.wrongCredentials());
    case 'throttled':
      return refuse(attempts, replies.loginThrottled(Math.ceil(outcome.retryAfterMs / 1000)));
    case 'unavailable':
      return replyIn(authorization(attempts), replies.loginUnavailable());
    default:
      return unreachable(outcome);
  }
}

function refuse(attempts: Attempts, reply: Reply): Step {
  const refused = attempts.refused + 1;
  if (refused < mostRefusals) return replyIn(authorization({ ...attempts, refused }), reply);
  // A wait must not be told as a wrong password, or the client asks its user for another (RFC 3206 §4).
  return replyIn({ kind: 'closed' }, reply.code === 'AUTH' ? replies.tooManyFailures() : reply);
}

export function answerOpening(phase: Opening, answer: OpeningAnswer): Step {
  const again: Phase = authorization(phase.attempts);
  switch (answer.kind) {
    case 'opened':
      return replyIn(
        { kind: 'transaction', account: phase.account, maildrop: answer.maildrop },
        replies.loggedIn(answer.maildrop),
      );
    case 'in-use':
      return replyIn(again, replies.mailboxInUse());
    case 'delayed':
      return replyIn(again, replies.loginDelayed(answer.seconds));
    case 'missing':
      return replyIn(again, replies.mailboxMissing());
    case 'unavailable':
      return replyIn(again, replies.mailboxUnavailable());
    default:
      return unreachable(answer);
  }
}
