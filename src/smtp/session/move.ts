// What a session answers to an input: a reply and the next phase, or a question to a port, whose answer leads on.
// A question carries what is done with its answer, so that an answer can't meet the wrong question.
import type { JourneyId, JourneyStep } from '../../lib/journey.ts';
import type { LogFields } from '../../lib/log.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { Route } from '../../domains/directory.ts';
import type { LoginOutcome } from '../../login/login.ts';
import type { AcceptedMessage, StoreFault } from '../../mailbox/message.ts';
import type { Admission, Arrival, Penalty, Refused } from '../../reception/visit.ts';
import type { Reply } from '../wire/reply.ts';
import type { Phase } from './phase.ts';

export type Move = Told | Asked;

export interface Told {
  readonly kind: 'told';
  readonly reply: Reply;
  readonly phase: Phase;
  /** What is logged; the peer never sees it. */
  readonly note?: Note;
  readonly journey?: JourneyPart;
}

export interface Asked {
  readonly kind: 'asked';
  readonly question: Question;
  /** Steps that have happened before the question is asked. */
  readonly journey?: JourneyPart;
}

export type Question =
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
  | {
      readonly ask: 'route';
      readonly recipient: MailAddress;
      /** `undefined`: the store couldn't be asked. */
      readonly next: (route: Route | undefined) => Move;
    }
  | {
      readonly ask: 'login';
      readonly identity: string;
      readonly password: string;
      readonly next: (outcome: LoginOutcome) => Move;
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
