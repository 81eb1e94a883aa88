// What a session answers to an input: a reply and the next phase, or a question to a port, whose answer leads on.
// A question carries what is done with its answer, so that an answer can't meet the wrong question.
import type { Endpoint } from '../../lib/endpoint.ts';
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import type { LogFields } from '../../lib/log.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Poster, Route } from '../../domains/directory.ts';
import type { SendingVerdict } from '../../domains/senders.ts';
import type { Account } from '../../login/account-store.ts';
import type { ReportRow } from '../../mailauth/dmarc/report-store.ts';
import type { MailCheck } from '../../mailauth/mail-check.ts';
import type { MailEnvelope, MailVerdicts } from '../../mailauth/verdicts.ts';
import type { AcceptedMessage, AccountId, StoreFault } from '../../mailbox/message.ts';
import type { ParsedMessage } from '../../message/message-parser.ts';
import type { Opinion } from '../../reception/opinion.ts';
import type { Admission, Arrival, Claims, Penalty, Refused } from '../../reception/visit.ts';
import type { LoginOutcome, SaltOutcome } from '../../login/login.ts';
import type { Proof } from '../../sasl/proof.ts';
import type { Reply } from '../wire/reply.ts';
import type { Content } from './acceptance.ts';
import type { SmtpContext } from './context.ts';
import type { SenderVerdicts } from './mail-checks.ts';
import type { Phase } from './phase.ts';

export type Move = Told | Asked;

export interface Told {
  readonly kind: 'told';
  readonly reply: Reply;
  readonly phase: Phase;
  /** What is logged; the peer never sees it. */
  readonly note?: Note;
  readonly journey?: JourneyPart;
  /** For the domain that the message claims to be from (RFC 9990). */
  readonly report?: ReportRow;
}

export interface Asked {
  readonly kind: 'asked';
  readonly question: Question;
  /** Steps that have happened before the question is asked. */
  readonly journey?: JourneyPart;
}

export type Question = PortQuestion | OctetsQuestion | ClientQuestion;

/** The connection is somebody else's from here on. */
export interface ClientQuestion {
  readonly ask: 'change-client';
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly next: (context: SmtpContext) => Move;
}

/** Octets that BDAT announced (RFC 3030 §2), to be read off the connection before anything else is said. */
export type OctetsQuestion =
  | {
      readonly ask: 'chunk';
      readonly chunk: ChunkWanted;
      /** `more`: they are taken, and the message isn't whole yet. */
      readonly next: (taken: Content | 'more') => Move;
    }
  /** They are passed over. */
  | { readonly ask: 'skip'; readonly size: number; readonly next: () => Move };

export interface ChunkWanted {
  /** The message begins with it. */
  readonly first: boolean;
  readonly last: boolean;
  readonly size: number;
  /** BODY=BINARYMIME was declared. */
  readonly binary: boolean;
  readonly check: MailCheck | undefined;
  /** How often the reply to the whole message is said. */
  readonly replies: number;
}

export type PortQuestion =
  /** Is the client greeted, and when? */
  | {
      readonly ask: 'arrival';
      readonly next: (arrival: Arrival) => Move;
    }
  /** Does the client say nothing for so many milliseconds? */
  | {
      readonly ask: 'silence';
      readonly ms: number;
      readonly next: (silent: boolean) => Move;
    }
  | {
      readonly ask: 'admission';
      readonly what: 'message' | 'recipient';
      readonly next: (admission: Admission) => Move;
    }
  /** What is thought of the client, by what it says of itself and by what DNS says of it? */
  | {
      readonly ask: 'opinion';
      readonly claims: Claims;
      readonly next: (opinion: Opinion) => Move;
    }
  /** What does a refusal cost? */
  | {
      readonly ask: 'penalty';
      readonly refused: Refused;
      readonly next: (penalty: Penalty) => Move;
    }
  /** Time has to pass. */
  | {
      readonly ask: 'pause';
      readonly ms: number;
      readonly next: () => Move;
    }
  /** Is there memory for one more message that arrives? */
  | {
      readonly ask: 'room';
      readonly next: (granted: boolean) => Move;
    }
  /** May the account begin a message with this sender? `undefined`: the store couldn't be asked. */
  | {
      readonly ask: 'beginning';
      readonly account: Account;
      readonly reversePath: MailAddress | undefined;
      readonly next: (verdict: SendingVerdict | undefined) => Move;
    }
  /** May it send a message of these authors? Then it is counted. `undefined`: the store couldn't be asked. */
  | {
      readonly ask: 'sending';
      readonly account: Account;
      readonly authors: readonly MailAddress[];
      readonly recipients: number;
      readonly next: (verdict: SendingVerdict | undefined) => Move;
    }
  | {
      readonly ask: 'route';
      readonly recipient: MailAddress;
      readonly poster: Poster;
      /** `undefined`: the store couldn't be asked. */
      readonly next: (route: Route | undefined) => Move;
    }
  | {
      /** What a client of SCRAM needs to prove itself by this name. */
      readonly ask: 'salt';
      readonly identity: string;
      readonly next: (outcome: SaltOutcome) => Move;
    }
  | {
      readonly ask: 'login';
      readonly proof: Proof;
      readonly next: (outcome: LoginOutcome) => Move;
    }
  /** Who stands behind the message: the check begins, and the client goes on. */
  | {
      readonly ask: 'check';
      readonly envelope: MailEnvelope;
      /** `undefined`: nobody is here to make it. */
      readonly next: (check: MailCheck | undefined) => Move;
    }
  /** What is known of the sender before the content comes. */
  | {
      readonly ask: 'sender';
      readonly check: MailCheck;
      readonly next: (verdicts: SenderVerdicts) => Move;
    }
  /** All of it, after the content's last octet. */
  | {
      readonly ask: 'verdicts';
      readonly check: MailCheck;
      readonly next: (verdicts: MailVerdicts) => Move;
    }
  /** Which of the accounts have a mailbox of that name? */
  | {
      readonly ask: 'mailbox';
      readonly name: string;
      readonly accounts: readonly AccountId[];
      /** `undefined`: the store couldn't be asked. */
      readonly next: (having: ReadonlySet<AccountId> | undefined) => Move;
    }
  /** What mailboxes will ask of the content. */
  | {
      readonly ask: 'parse';
      readonly content: readonly Uint8Array[];
      readonly next: (parsed: ParsedMessage) => Move;
    }
  | {
      readonly ask: 'accept';
      readonly message: AcceptedMessage;
      /** `undefined`: it is on disk. */
      readonly next: (fault: StoreFault | undefined) => Move;
    };

export interface Note {
  readonly level: 'debug' | 'info' | 'warn';
  readonly event: string;
  readonly fields?: LogFields;
}

export interface JourneyPart {
  readonly id: JourneyId;
  readonly steps: readonly JourneyStep[];
}

export function tell(reply: Reply, phase: Phase, note?: Note): Told {
  return note === undefined ? { kind: 'told', reply, phase } : { kind: 'told', reply, phase, note };
}
