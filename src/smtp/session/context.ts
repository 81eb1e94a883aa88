// What one SMTP session knows of the world: its role, its limits, the two ends of the connection, time and chance.
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { Random } from '../../lib/random.ts';
import type { SaslMechanism } from '../../sasl/mechanism.ts';
import type { MailChecks } from './mail-checks.ts';

/**
 * `mx` takes mail for our domains from anyone; `submission` takes mail for anyone from our users (RFC 6409); `lmtp` takes mail for
 * our mailboxes from a mail system that has already answered for it (RFC 2033).
 */
export type SmtpRole = 'mx' | 'submission' | 'lmtp';

export interface SmtpSettings {
  readonly role: SmtpRole;
  /** Our name in the greeting, EHLO and Received. */
  readonly hostname: string;
  /** Octets of content; announced by SIZE (RFC 1870). */
  readonly maxMessageSize: number;
  /** Recipients of one message; RFC 5321 §4.5.3.1.8 asks for 100 at least. */
  readonly maxRecipients: number;
  /** Whether STARTTLS is offered on connections in clear. */
  readonly tlsOffered: boolean;
  /** Whether Received tells from where our own users send (RFC 5321 §7.2). */
  readonly tellClient: boolean;
  /** Offered under `submission` only. */
  readonly mechanisms: readonly SaslMechanism[];
  /** Under `mx` only: what is done for what SPF, DKIM, DMARC and reverse DNS say; `undefined`: they aren't asked. */
  readonly checks: MailChecks | undefined;
}

export interface SmtpContext extends SmtpSettings {
  /** Whether the client may say whose connection this is (XCLIENT). */
  readonly mayChangeClient: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Our end as DNS knows it, for the journey. */
  readonly local: Endpoint;
  readonly remote: Endpoint;
}
