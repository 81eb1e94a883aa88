// Where an SMTP session stands. Each phase holds just what can be known in it, so that an order of commands that the standard
// forbids can't be written: there is no recipient without a sender, and no content without a recipient.
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { TlsInfo } from '../../lib/transport.ts';
import type { Opinion } from '../../reception/opinion.ts';
import type { Account } from '../../login/account-store.ts';
import type { MailTerms } from '../../mailbox/terms.ts';
import type { MailCheck } from '../../mailauth/mail-check.ts';
import type { LoginOutcome } from '../../login/login.ts';
import type { SaslExchange } from '../../sasl/mechanism.ts';
import type { Proof } from '../../sasl/proof.ts';
import type { ClientName } from '../wire/client-name.ts';
import type { SmtpRole } from './context.ts';
import type { Recipients } from './recipients.ts';

export type Phase = CommandPhase | SaslPhase | ContentPhase | TlsPhase | ClosedPhase;

/** A command is expected. */
export type CommandPhase = GreetedPhase | ReadyPhase | MailPhase | ChunkedPhase;

/** Nothing but the greeting was said, or TLS has just begun (RFC 3207 §4.2: all that was known is forgotten). */
export interface GreetedPhase {
  readonly kind: 'greeted';
  readonly peer: Peer;
}

export interface ReadyPhase {
  readonly kind: 'ready';
  readonly peer: Peer;
  readonly hello: Hello;
}

export interface MailPhase {
  readonly kind: 'mail';
  readonly peer: Peer;
  readonly hello: Hello;
  readonly transaction: Transaction;
}

/** Content has begun to come in chunks (RFC 3030 §2), and each of the others is announced by a command. */
export interface ChunkedPhase {
  readonly kind: 'chunked';
  readonly peer: Peer;
  readonly hello: Hello;
  /** With one recipient at least. */
  readonly transaction: Transaction;
}

/** A line of the SASL exchange is expected (RFC 4954 §4). */
export interface SaslPhase {
  readonly kind: 'sasl';
  readonly peer: Peer;
  readonly hello: Hello;
  readonly mechanism: string;
  readonly exchange: SaslExchange;
  readonly startedAt: number;
  /** Set where all that is left is to tell this, once the client has answered the last challenge. */
  readonly decided?: { readonly proof: Proof; readonly outcome: LoginOutcome };
}

/** Content is expected, up to its end. */
export interface ContentPhase {
  readonly kind: 'content';
  readonly peer: Peer;
  readonly hello: Hello;
  /** With one recipient at least. */
  readonly transaction: Transaction;
}

/** The TLS handshake is expected; what was sent before it is dropped unread. */
export interface TlsPhase {
  readonly kind: 'tls';
  readonly peer: Peer;
}

/** The last reply is given; the connection is to be closed. */
export interface ClosedPhase {
  readonly kind: 'closed';
}

/** What holds for the connection, whatever EHLO says. */
export interface Peer {
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly tls: TlsInfo | undefined;
  readonly login: LoggedIn | undefined;
}

export interface LoggedIn {
  readonly account: Account;
  readonly step: JourneyStep;
}

export interface Hello {
  readonly client: ClientName;
  /** By EHLO. */
  readonly extended: boolean;
  readonly step: JourneyStep;
}

/** A mail transaction (RFC 5321 §3.3). */
export interface Transaction {
  readonly id: JourneyId;
  readonly startedAt: number;
  /** `undefined` is the null reverse-path. */
  readonly reversePath: MailAddress | undefined;
  /** BODY; without it, content may be of 8 bits all the same. */
  readonly body: '7bit' | '8bit' | 'binary';
  readonly utf8: boolean;
  /** What MAIL asks for beside. */
  readonly terms: MailTerms;
  /** What is being found out about the sender, where that is done. */
  readonly check: MailCheck | undefined;
  /** What is thought of the client, once a recipient of ours was named. */
  readonly opinion: Opinion | undefined;
  readonly recipients: Recipients;
  /** How many RCPT commands were answered by 250: two of them may be for one mailbox. */
  readonly taken: number;
  /** When the first recipient came. */
  readonly recipientsSince: number | undefined;
}

/** The check that the phase still has a use for: one that no phase has any more is to be aborted. */
export function checkOf(phase: Phase): MailCheck | undefined {
  return 'transaction' in phase ? phase.transaction.check : undefined;
}

/** How often the reply to the whole message is said: under LMTP once for each recipient that was taken (RFC 2033 §4.2, §4.3). */
export function repliesToContent(role: SmtpRole, { taken }: Transaction): number {
  return role === 'lmtp' ? taken : 1;
}

/** RSET, and what does as it does (RFC 5321 §4.1.1.5). */
export function withoutMessage(phase: CommandPhase): GreetedPhase | ReadyPhase {
  return phase.kind === 'greeted' ? phase : { kind: 'ready', peer: phase.peer, hello: phase.hello };
}
