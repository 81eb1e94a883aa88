// Where a POP3 session stands (RFC 1939 §3), and what a step gives. Each phase holds what is known in it and nothing else, so
// that a command can't use what the phase before it hadn't settled.
import type { Account } from '../../login/account-store.ts';
import type { LoginOutcome } from '../../login/login.ts';
import type { Uid } from '../../mailbox/message.ts';
import type { SaslChannel, SaslExchange, SaslMechanism, SaslStep } from '../../sasl/mechanism.ts';
import type { Proof } from '../../sasl/proof.ts';
import type { Reply } from '../wire/reply.ts';
import type { Maildrop, MaildropMessage } from './maildrop.ts';

/** How a session may go on trying to log in. */
export interface Attempts {
  /** Logins refused so far. */
  readonly refused: number;
  /** Lines taken so far without a login. */
  readonly lines: number;
}

export interface Authorization {
  readonly kind: 'authorization';
  readonly attempts: Attempts;
  /** Set by the USER just before. */
  readonly user: string | undefined;
}

/** Inside AUTH: the next line is a response, whatever it looks like. */
export interface Exchange {
  readonly kind: 'exchange';
  readonly attempts: Attempts;
  readonly exchange: SaslExchange;
  /** Set where all that is left is to tell this, once the client has answered the last challenge. */
  readonly decided?: LoginOutcome;
}

/** Question to Login: the salt that goes with a name. Answered by `answerSalt`. */
export interface Salting {
  readonly kind: 'salting';
  readonly attempts: Attempts;
  readonly exchange: SaslExchange;
  readonly question: SaslStep & { readonly kind: 'salt' };
}

/** Question to Login: is this proof right? Answered by `answerLogin`. */
export interface Verifying {
  readonly kind: 'verifying';
  readonly attempts: Attempts;
  readonly proof: Proof;
  /** Where the mechanism has a last challenge to send. */
  readonly last?: {
    readonly exchange: SaslExchange;
    readonly challenge: (accepted: boolean) => Uint8Array | undefined;
  };
}

/** Question to the store: the account's Inbox, locked. Answered by `answerOpening`. */
export interface Opening {
  readonly kind: 'opening';
  readonly attempts: Attempts;
  readonly account: Account;
}

export interface Transaction {
  readonly kind: 'transaction';
  readonly account: Account;
  readonly maildrop: Maildrop;
}

/** RFC 1939 §6. Question to the store: remove these, all or none. Answered by `answerUpdate`. */
export interface Updating {
  readonly kind: 'updating';
  readonly account: Account;
  readonly maildrop: Maildrop;
  readonly uids: readonly Uid[];
}

export interface Closed {
  readonly kind: 'closed';
}

/** A line of the client is what comes next. */
export type Listening = Authorization | Exchange | Transaction;
/** An answer of a port is what comes next. */
export type Waiting = Salting | Verifying | Opening | Updating;
export type Phase = Listening | Waiting | Closed;

export type Output =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  /** A reply, its lines, and the final dot. */
  | { readonly kind: 'listing'; readonly reply: Reply; readonly lines: Iterable<string> }
  /** Content is read from the store; `bodyLines` as TOP asks, or all of it. */
  | {
      readonly kind: 'content';
      readonly reply: Reply;
      readonly message: MaildropMessage;
      readonly bodyLines: number | undefined;
    }
  /** Send the reply, drop all that was received in clear, then negotiate. */
  | { readonly kind: 'start-tls'; readonly reply: Reply };

export interface Step {
  readonly phase: Phase;
  /** Absent where the reply waits for a port's answer. */
  readonly output: Output | undefined;
}

/** What the session must know of the connection and the configuration. */
export interface Surroundings {
  readonly tls: boolean;
  /** STLS can be answered. */
  readonly tlsOffered: boolean;
  /** Passwords may cross: under TLS, or where the operator allows them in clear from this host itself. */
  readonly passwordsAllowed: boolean;
  /** Those that this connection can use, the better ones first. */
  readonly mechanisms: readonly SaslMechanism[];
  readonly channel: SaslChannel;
  /** Seconds, for CAPA; 0: none. */
  readonly loginDelay: number;
}

export function replyIn(phase: Phase, reply: Reply): Step {
  return { phase, output: { kind: 'reply', reply } };
}
