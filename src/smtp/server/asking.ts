// Asks the ports what a session asks, and goes on with their answers. What a store can't say now is an answer, too.
import type { JourneyObserver } from '../../lib/journey.ts';
import type { Log } from '../../lib/log.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import type { Senders, SendingVerdict } from '../../domains/senders.ts';
import type { Directory, Route } from '../../domains/directory.ts';
import type { Login } from '../../login/login.ts';
import type { ReportStore } from '../../mailauth/dmarc/report-store.ts';
import type { MailChecker } from '../../mailauth/mail-check.ts';
import type { MailStore } from '../../mailbox/mail-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { AcceptedMessage, AccountId, Intake } from '../../mailbox/message.ts';
import type { Reception } from '../../reception/reception.ts';
import type { Visit } from '../../reception/visit.ts';
import type { SmtpContext } from '../session/context.ts';
import type { Move, PortQuestion } from '../session/move.ts';
import type { ContentMemory } from './content-memory.ts';
import type { SmtpLimits } from './limits.ts';
import { deliveryReports } from './delivery-reports.ts';
import { readMessage } from './read-message.ts';

export interface SmtpPorts {
  readonly directory: Pick<Directory, 'route'>;
  /** Asked of our own users' mail. */
  readonly senders: Pick<Senders, 'begin' | 'send'>;
  readonly login: Pick<Login, 'verify' | 'salt'>;
  readonly intake: Intake;
  readonly mailboxes: Pick<MailStore, 'findMailbox'>;
  /** `undefined`: who sends is not looked into. */
  readonly checker: Pick<MailChecker, 'begin'> | undefined;
  /** Counts what domains are told of; `undefined`: nothing is. */
  readonly reports: Pick<ReportStore, 'count'> | undefined;
  readonly memory: ContentMemory;
  /** Where other servers deliver; without it everybody is let in at once. */
  readonly reception: Pick<Reception, 'visit'> | undefined;
  readonly log: Log;
  readonly onStep: JourneyObserver | undefined;
}

/** What a question needs of the connection that it is about. */
export interface AskedConnection {
  readonly visit: Visit;
  /** Whether the client says nothing for so many milliseconds. */
  staysSilent(ms: number): Promise<boolean>;
  /** Lets time pass; what was said before is sent first. */
  pause(ms: number): Promise<void>;
}

/** Rejects for a bug, or a connection that is lost. */
export async function askPorts(
  question: PortQuestion,
  ports: SmtpPorts,
  context: SmtpContext,
  limits: SmtpLimits,
  connection: AskedConnection,
): Promise<Move> {
  const { visit } = connection;
  switch (question.ask) {
    case 'arrival':
      return question.next(visit.arrive());
    case 'silence':
      return question.next(await waiting(visit, true, () => connection.staysSilent(question.ms)));
    case 'admission':
      return question.next(visit.admit(question.what));
    case 'opinion':
      return question.next(await visit.opinion(question.claims));
    case 'penalty':
      return question.next(visit.refused(question.refused));
    case 'pause':
      await waiting(visit, undefined, () => connection.pause(question.ms));
      return question.next();
    case 'room':
      return question.next(await ports.memory.room(limits.roomMs));
    case 'beginning': {
      const { account, reversePath } = question;
      return question.next(await judged(ports, (senders) => senders.begin(account, reversePath)));
    }
    case 'sending': {
      const { account, authors, recipients } = question;
      return question.next(await judged(ports, (senders) => senders.send(account, authors, recipients)));
    }
    case 'route':
      return question.next(await route(question, ports));
    case 'salt':
      return question.next(await ports.login.salt(question.identity, context.remote.address));
    case 'login':
      return question.next(await ports.login.verify(question.proof, context.remote.address));
    case 'check':
      return question.next(ports.checker?.begin(question.envelope));
    case 'sender':
      return question.next(await question.check.sender());
    case 'verdicts':
      return question.next(await question.check.end());
    case 'mailbox':
      return question.next(await accountsHaving(question.name, question.accounts, ports));
    case 'parse':
      return question.next(await readMessage(question.content, context.clock));
    case 'accept':
      return question.next(await accept(question.message, ports, context));
    default:
      return unreachable(question);
  }
}

/** Keeps the client waiting, unless so many wait already that it comes off at once. */
async function waiting<Value>(visit: Visit, atOnce: Value, wait: () => Promise<Value>): Promise<Value> {
  if (!visit.beginWait()) return atOnce;
  try {
    return await wait();
  } finally {
    visit.endWait();
  }
}

async function judged(
  { senders, log }: SmtpPorts,
  judge: (senders: SmtpPorts['senders']) => Promise<SendingVerdict>,
): Promise<SendingVerdict | undefined> {
  try {
    return await judge(senders);
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    log.warn('sender not looked up', { kind: error.kind, reason: error.message });
    return undefined;
  }
}

async function route(
  { recipient, poster }: PortQuestion & { ask: 'route' },
  { directory, log }: SmtpPorts,
): Promise<Route | undefined> {
  try {
    return await directory.route(recipient, poster);
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    log.warn('recipient not looked up', { kind: error.kind, reason: error.message });
    return undefined;
  }
}

async function accountsHaving(
  name: string,
  accounts: readonly AccountId[],
  { mailboxes, log }: SmtpPorts,
): Promise<ReadonlySet<AccountId> | undefined> {
  const having = new Set<AccountId>();
  try {
    for (const account of accounts)
      if ((await mailboxes.findMailbox(account, name)) !== undefined) having.add(account);
    return having;
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    log.warn('mailbox not looked up', { kind: error.kind, reason: error.message });
    return undefined;
  }
}

async function accept(
  message: AcceptedMessage,
  { intake, directory }: SmtpPorts,
  { clock, random, hostname }: SmtpContext,
): Promise<StoreFault | undefined> {
  try {
    const route = (recipient: MailAddress): Promise<Route> => directory.route(recipient);
    await intake.accept(message, await deliveryReports(message, { route, clock, random, hostname }));
    return undefined;
  } catch (error) {
    if (error instanceof StoreFault) return error;
    throw error;
  }
}
