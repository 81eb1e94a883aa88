// The SMTP server as a listener sees it: give it the ports and it handles each connection.
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { JourneyObserver } from '../../lib/journey.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import type { ConnectionHandler } from '../../lib/transport.ts';
import type { Senders } from '../../domains/senders.ts';
import type { Directory } from '../../domains/directory.ts';
import type { Login } from '../../login/login.ts';
import type { ReportStore } from '../../mailauth/dmarc/report-store.ts';
import type { MailChecker } from '../../mailauth/mail-check.ts';
import type { MailStore } from '../../mailbox/mail-store.ts';
import type { Intake } from '../../mailbox/message.ts';
import type { Reception } from '../../reception/reception.ts';
import type { SaslMechanism } from '../../sasl/mechanism.ts';
import { saslMechanisms } from '../../sasl/mechanisms.ts';
import type { SmtpRole, SmtpSettings } from '../session/context.ts';
import type { MailChecks } from '../session/mail-checks.ts';
import { reply } from '../session/replies.ts';
import { formatReply } from '../wire/reply.ts';
import type { Reply } from '../wire/reply.ts';
import { ContentMemory, contentMemoryLimits } from './content-memory.ts';
import { SmtpConnection } from './connection.ts';
import { usualSmtpLimits } from './limits.ts';
import type { SmtpLimits } from './limits.ts';

export interface SmtpServerOptions {
  readonly role: SmtpRole;
  /** Our name in the greeting, EHLO and Received. */
  readonly hostname: string;
  readonly directory: Pick<Directory, 'route'>;
  /** Asked by `submission` only. */
  readonly senders: Pick<Senders, 'begin' | 'send'>;
  /** Asked by `submission` only. */
  readonly login: Pick<Login, 'verify' | 'salt'>;
  readonly intake: Intake;
  readonly mailboxes: Pick<MailStore, 'findMailbox'>;
  /** Who looks into senders, and what is done then; asked by `mx` only. By default nobody does. */
  readonly checks?: (MailChecks & { readonly checker: Pick<MailChecker, 'begin'> }) | undefined;
  /** Counts what domains are told of (RFC 9990); by default nobody does. */
  readonly reports?: Pick<ReportStore, 'count'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Whether STARTTLS is offered on connections in clear; true by default. */
  readonly tlsOffered?: boolean;
  /** Whether Received tells from where our own users send; false by default. */
  readonly tellClient?: boolean;
  /** Octets of content; 50 MiB by default. */
  readonly maxMessageSize?: number;
  /** Recipients of one message; 1000 by default. */
  readonly maxRecipients?: number;
  readonly mechanisms?: readonly SaslMechanism[];
  readonly limits?: Partial<SmtpLimits>;
  /** Who may use XCLIENT, by IP address; nobody by default. */
  readonly trustsProxy?: (address: string) => boolean;
  /** Whose connections are served, by IP address; everybody's by default. */
  readonly serves?: (address: string) => boolean;
  /** For `mx`: how strangers are let in; without it all are, at once. */
  readonly reception?: Pick<Reception, 'visit'>;
  /** One for all listeners of a process; by default the handler has its own. */
  readonly memory?: ContentMemory;
  /** Gets the steps S1, S2, S3 and S6 as they happen. */
  readonly onStep?: JourneyObserver;
  /** Our end of a connection as DNS knows it, where an address map or a NAT stands between; else what the socket says. */
  readonly publicAddress?: (local: Endpoint) => Endpoint;
}

const usualMessageSize = 50 * 1024 * 1024;
const usualRecipients = 1000;
/** Of the largest size, which may arrive at the same time. */
const usualMessages = 12;

/** TLS at once is the listener's matter: a connection whose `tls` is set is taken as secured. */
export function smtpConnectionHandler(options: SmtpServerOptions): ConnectionHandler {
  const settings: SmtpSettings = {
    role: options.role,
    hostname: options.hostname,
    maxMessageSize: options.maxMessageSize ?? usualMessageSize,
    maxRecipients: options.maxRecipients ?? usualRecipients,
    tlsOffered: options.tlsOffered ?? true,
    mechanisms: options.mechanisms ?? saslMechanisms,
    tellClient: options.tellClient ?? false,
    checks: options.role === 'mx' ? options.checks : undefined,
  };
  const { directory, senders, login, intake, mailboxes, checks, reports, clock, random, log, onStep } =
    options;
  const reception = options.role === 'mx' ? options.reception : undefined;
  const limits = { ...usualSmtpLimits, ...options.limits };
  const memory =
    options.memory ?? new ContentMemory(clock, contentMemoryLimits(usualMessages * settings.maxMessageSize));
  const checker = checks?.checker;
  return async (connection, signal) => {
    if (options.serves?.(connection.remote.address) === false) {
      log.info('connection refused', { from: connection.remote.address, why: 'not configured' });
      await connection.write(encodeReply(reply('notForYou', { hostname: settings.hostname })));
      return;
    }
    const local = options.publicAddress?.(connection.local) ?? connection.local;
    const mayChangeClient =
      options.role !== 'lmtp' && options.trustsProxy?.(connection.remote.address) === true;
    const context = { ...settings, mayChangeClient, clock, random, local, remote: connection.remote };
    const ports = {
      directory,
      senders,
      login,
      intake,
      mailboxes,
      checker,
      reports,
      memory,
      log,
      reception,
      onStep,
    };
    await new SmtpConnection(connection, signal, context, ports, limits).run();
  };
}

/** What a listener tells a client in clear that it has no connection left for. */
export function smtpRefusal(hostname: string): Uint8Array {
  return encodeReply(reply('tooManyConnections', { hostname }));
}

function encodeReply(answer: Reply): Uint8Array {
  return Buffer.from(formatReply(answer), 'latin1');
}
