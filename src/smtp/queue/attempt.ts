// One attempt: the recipients of one message at one domain, offered to its mail hosts until somebody has dealt with each.
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { JourneyStep } from '../../lib/journey.ts';
import { findMailHosts } from './mail-hosts.ts';
import type { MailHost, MailHostsNeeds } from './mail-hosts.ts';
import type { QueueLimits } from './queue-options.ts';
import type { RelayMail, RelayRecipient, RelayTarget, RelayTransport, Verdict } from './relay-transport.ts';
import type { StepMaker } from './steps.ts';

export interface RecipientResult {
  readonly recipient: RelayRecipient;
  readonly verdict: Verdict;
  /** Whose verdict it is: a host's name, `undefined` where no server was asked. */
  readonly remote: string | undefined;
}

export type AttemptResult =
  | {
      readonly kind: 'ended';
      /** In the order of the recipients. */
      readonly results: readonly RecipientResult[];
      /** Nobody answered: others who go there needn't try now. A sentence that says why. */
      readonly unreached: string | undefined;
    }
  /** The signal aborted: a recipient without a result is as if nothing had been tried. */
  | { readonly kind: 'aborted'; readonly results: readonly (RecipientResult | undefined)[] };

export interface AttemptNeeds extends MailHostsNeeds {
  readonly transport: RelayTransport;
  readonly limits: QueueLimits;
  readonly steps: StepMaker;
}

/** RFC 5321 §2.3.4 leaves the port to us: relaying uses 25. */
const relayPort = 25;
/** Servers that answered but deferred: after this many, it is the message, not the server. */
const maxAnswers = 2;

export async function attempt(
  domain: string,
  mail: RelayMail,
  recipients: readonly RelayRecipient[],
  needs: AttemptNeeds,
  onStep: (step: JourneyStep) => void,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const began = needs.steps.begin();
  const found = await findMailHosts(domain, needs, signal);
  if (signal.aborted) return { kind: 'aborted', results: [] };
  onStep(needs.steps.resolved(began, domain, found));
  if (found.kind !== 'hosts') {
    const verdict: Verdict = { kind: found.kind, status: found.status, reply: undefined, text: found.text };
    const results = recipients.map((recipient) => ({ recipient, verdict, remote: undefined }));
    return { kind: 'ended', results, unreached: found.kind === 'deferred' ? found.text : undefined };
  }
  // RFC 8689 §4.2.1: whose certificate is asked for must be certain, too.
  if (mail.envelope.terms?.requireTls === true && !found.secure) {
    const text = `DNS does not prove which servers take mail for ${domain}, and the message may only go to proven ones.`;
    const verdict: Verdict = { kind: 'refused', status: '5.7.30', reply: undefined, text };
    const results = recipients.map((recipient) => ({ recipient, verdict, remote: undefined }));
    return { kind: 'ended', results, unreached: undefined };
  }
  return await offer(domain, found.hosts, mail, recipients, needs, onStep, signal);
}

async function offer(
  domain: string,
  hosts: readonly MailHost[],
  mail: RelayMail,
  recipients: readonly RelayRecipient[],
  needs: AttemptNeeds,
  onStep: (step: JourneyStep) => void,
  signal: AbortSignal,
): Promise<AttemptResult> {
  const results: (RecipientResult | undefined)[] = recipients.map(() => undefined);
  let open = recipients.map((_, index) => index);
  let tries = 0;
  let answers = 0;
  let lastFailure: { text: string; reply: string | undefined; remote: string } | undefined;
  for (const host of hosts) {
    for (const address of host.addresses) {
      if (tries === needs.limits.addressesPerAttempt || answers === maxAnswers) break;
      tries += 1;
      const target: RelayTarget = { name: host.name, endpoint: { address, port: relayPort } };
      const offered = open.flatMap((index) => recipients[index] ?? []);
      const began = needs.steps.begin();
      const outcome = await needs.transport.relay(target, mail, offered, signal);
      if (outcome.kind === 'aborted') return { kind: 'aborted', results };
      onStep(needs.steps.handedOver(began, target, offered, outcome));
      if (outcome.kind === 'unanswered') {
        const text = `${target.name} (${formatEndpoint(target.endpoint)}): ${outcome.reason}`;
        lastFailure = { text, reply: outcome.reply, remote: host.name };
        continue;
      }
      answers += 1;
      open = recordVerdicts(outcome.verdicts, open, recipients, host.name, results);
      // Another address of the same server would say the same.
      break;
    }
    if (open.length === 0) break;
  }
  const text = lastFailure?.text ?? `No mail host of ${domain} could be tried.`;
  // RFC 3463 §3.5: X.4.1, no answer from host.
  const verdict: Verdict = { kind: 'deferred', status: '4.4.1', reply: lastFailure?.reply, text };
  return {
    kind: 'ended',
    results: recipients.map(
      (recipient, index) => results[index] ?? { recipient, verdict, remote: lastFailure?.remote },
    ),
    unreached: answers === 0 ? text : undefined,
  };
}

/** Keeps the verdicts for the recipients at the places `offered`, and gives the places that another server may still help. */
function recordVerdicts(
  verdicts: readonly Verdict[],
  offered: readonly number[],
  recipients: readonly RelayRecipient[],
  remote: string,
  results: (RecipientResult | undefined)[],
): number[] {
  return offered.filter((place, index) => {
    const [recipient, verdict] = [recipients[place], verdicts[index]];
    if (recipient === undefined || verdict === undefined) {
      throw new Error('a transport gave fewer verdicts than recipients');
    }
    results[place] = { recipient, verdict, remote };
    return verdict.kind === 'deferred';
  });
}
