// SPF (RFC 7208) for one SMTP transaction: may this client send for this domain?
import type { Clock } from '../../lib/clock.ts';
import { questionName, shownName } from '../dns-questions.ts';
import type { DnsQuestions } from '../dns-questions.ts';
import type { MailEnvelope, SpfVerdict } from '../verdicts.ts';
import { clientAddress } from './client-address.ts';
import { SpfEvaluation } from './evaluation.ts';

export interface SpfServices {
  /** Within a time of 20 seconds at least (RFC 7208 §4.6.4). */
  readonly questions: DnsQuestions;
  readonly clock: Pick<Clock, 'now'>;
  /** Our own host name, as explanations show it. */
  readonly hostname: string;
}

/** RFC 7208 §4.6.4, milliseconds. */
export const usualSpfTime = 20_000;

/** Checks MAIL FROM, or the HELO name in its place where the reverse path is empty (RFC 7208 §2.4). Never rejects. */
export async function checkSpf(envelope: MailEnvelope, services: SpfServices): Promise<SpfVerdict> {
  const { mailFrom, helo } = envelope;
  const identity = mailFrom === undefined ? 'helo' : 'mailfrom';
  const domain = mailFrom?.domain ?? helo;
  const name = questionName(domain);
  // RFC 7208 §4.3: malformed, no fully qualified name, or an address literal.
  if (name === undefined || name.labelCount < 2 || domain.startsWith('['))
    return { result: 'none', identity, domain: '', reason: 'there is no domain to check' };
  const shown = shownName(name);
  const client = clientAddress(envelope.ip);
  if (client === undefined)
    return { result: 'none', identity, domain: shown, reason: 'the client has no IP address' };
  const evaluation = new SpfEvaluation(services.questions, {
    client,
    // RFC 7208 §4.3: a sender without a local part is the postmaster.
    localPart: mailFrom === undefined || mailFrom.localPart === '' ? 'postmaster' : mailFrom.localPart,
    senderDomain: domain.replace(/\.$/, ''),
    helo,
    receiver: services.hostname,
    now: services.clock.now(),
  });
  return { identity, domain: shown, ...(await evaluation.run(name)) };
}
