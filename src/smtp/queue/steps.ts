// S4 and S5 of a message's journey, in sentences for a person.
import type { Clock } from '../../lib/clock.ts';
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { JourneyDetail, JourneyStep } from '../../lib/journey.ts';
import { formatMailAddress } from '../../lib/mail-address.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import { unreachable } from '../../lib/result.ts';
import type { TlsInfo } from '../../lib/transport.ts';
import type { MailHost, MailHosts } from './mail-hosts.ts';
import type { RelayFacts, RelayOutcome, RelayTarget, Verdict } from './relay-transport.ts';

/** When a step began, by both clocks. */
export interface Began {
  readonly at: number;
  readonly monotonic: number;
}

export class StepMaker {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): Began {
    return { at: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }

  /** S4: the recipient's domain was resolved. */
  resolved(began: Began, domain: string, found: MailHosts): JourneyStep {
    // A resolver without a listener has no address of its own: then it is the first server that it asked.
    const resolver = found.steps.find((step) => step.server !== undefined)?.server;
    return {
      ...this.#timed(began),
      step: 'S4',
      ok: found.kind === 'hosts',
      ...(resolver === undefined ? {} : { server: resolver }),
      text: found.kind === 'hosts' ? hostsText(domain, found.hosts) : found.text,
      detail:
        found.kind === 'hosts'
          ? { domain, hosts: found.hosts.map((host) => hostDetail(host)) }
          : { domain, status: found.status },
      steps: found.steps,
    };
  }

  /** S5: a server was connected to and offered the message. */
  handedOver(
    began: Began,
    target: RelayTarget,
    recipients: readonly MailAddress[],
    outcome: RelayOutcome,
  ): JourneyStep {
    const server = { name: target.name, address: formatEndpoint(target.endpoint) };
    const timed = this.#timed(began);
    switch (outcome.kind) {
      case 'aborted':
        return {
          ...timed,
          step: 'S5',
          ok: false,
          server,
          text: 'Stopped before the message was handed over.',
        };
      case 'unanswered':
        return {
          ...timed,
          step: 'S5',
          ok: false,
          server,
          text: `${target.name} was not handed the message. ${outcome.reason}`,
          detail: {
            ...factsDetail(outcome.facts),
            ...(outcome.reply === undefined ? {} : { reply: outcome.reply }),
          },
        };
      case 'answered':
        return {
          ...timed,
          step: 'S5',
          ok: outcome.verdicts.every((verdict) => verdict.kind === 'taken'),
          server,
          text: answeredText(target, outcome.verdicts, outcome.facts),
          detail: {
            ...factsDetail(outcome.facts),
            recipients: recipients.map(formatMailAddress),
            replies: outcome.verdicts.map((verdict) => verdict.reply ?? verdict.text),
          },
        };
      default:
        return unreachable(outcome);
    }
  }

  /** S5 that was left out, because the destination doesn't answer at the moment. */
  rested(began: Began, domain: string, why: string): JourneyStep {
    return {
      ...this.#timed(began),
      step: 'S5',
      ok: false,
      text: `Not tried: ${domain} could not be reached a moment ago. ${why}`,
    };
  }

  #timed(began: Began): Pick<JourneyStep, 'at' | 'ms'> {
    return { at: began.at, ms: this.#clock.monotonic() - began.monotonic };
  }
}

function hostsText(domain: string, hosts: readonly MailHost[]): string {
  const [first, ...others] = hosts.map((host) => `${host.name} (${host.addresses.join(', ')})`);
  const names = others.length === 0 ? (first ?? '') : `${first ?? ''}, else ${others.join(', else ')}`;
  return `Mail for ${domain} goes to ${names}.`;
}

function hostDetail(host: MailHost): string {
  return `${host.preference} ${host.name} ${host.addresses.join(' ')}`;
}

function answeredText(target: RelayTarget, verdicts: readonly Verdict[], facts: RelayFacts): string {
  const how = facts.tls === undefined ? 'in clear' : `over ${facts.tls.protocol}`;
  const taken = verdicts.filter((verdict) => verdict.kind === 'taken');
  const said = (verdict: Verdict | undefined): string => verdict?.reply ?? verdict?.text ?? '';
  if (taken.length === verdicts.length) {
    const whom = taken.length === 1 ? '' : ` for ${taken.length} recipients`;
    return `${target.name} took the message${whom} ${how}: ${said(taken[0])}`;
  }
  const other = verdicts.find((verdict) => verdict.kind !== 'taken');
  const verb = other?.kind === 'refused' ? 'refused' : 'put off';
  if (taken.length === 0) return `${target.name} ${verb} the message (${how}): ${said(other)}`;
  return `${target.name} took the message ${how} for ${taken.length} of ${verdicts.length} recipients; it ${verb} others: ${said(other)}`;
}

function factsDetail(facts: RelayFacts): JourneyDetail {
  return {
    tls: facts.tls === undefined ? 'none' : tlsDetail(facts.tls),
    reused: facts.reused,
    ...(facts.tlsFailure === undefined ? {} : { tlsFailure: facts.tlsFailure }),
    ...(facts.banner === undefined ? {} : { banner: facts.banner }),
  };
}

function tlsDetail(tls: TlsInfo): string {
  const verdict =
    tls.verified === true
      ? 'certificate verified'
      : `certificate not verified${tls.verifyError === undefined ? '' : `: ${tls.verifyError}`}`;
  return `${tls.protocol} ${tls.cipher}, ${verdict}`;
}
