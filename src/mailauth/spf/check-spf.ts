// SPF (RFC 7208) for one SMTP transaction: may this client send for this domain?
import type { Lookup } from '../../dns/lookup.ts';
import type { Clock } from '../../lib/clock.ts';
import { DnsQuestions, questionName, shownName } from '../dns-questions.ts';
import { timeLimit } from '../time-limit.ts';
import type { MailEnvelope, SpfVerdict } from '../verdicts.ts';
import { clientAddress } from './client-address.ts';
import { SpfEvaluation } from './evaluation.ts';

export interface SpfServices {
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** Our own host name, as explanations show it. */
  readonly hostname: string;
  /** Milliseconds for all of its questions; RFC 7208 §4.6.4 wants 20 seconds at least. */
  readonly spfTime?: number;
  readonly signal?: AbortSignal;
}

/** RFC 7208 §4.6.4. */
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
  using limit = timeLimit(services.clock, services.spfTime ?? usualSpfTime);
  const signal =
    services.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, services.signal]);
  const evaluation = new SpfEvaluation(new DnsQuestions(services.lookup, signal), {
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
