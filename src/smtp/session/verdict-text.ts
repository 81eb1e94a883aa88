// What the checks of a message have found, in sentences for its journey.
import type { JourneyDetail } from '../../lib/journey.ts';
import type { MailVerdicts } from '../../mailauth/verdicts.ts';

export function verdictText({ spf, dkim, dmarc, arc, iprev }: MailVerdicts): string {
  const sentences = [
    `SPF ${spf.result}: ${spf.reason}`,
    ...(dkim.length === 0 ? ['DKIM none: the message has no signature'] : []),
    ...dkim.map(
      ({ result, domain, reason }) => `DKIM ${result}${domain === '' ? '' : ` for ${domain}`}: ${reason}`,
    ),
    ...(arc.sets === 0 ? [] : [`ARC ${arc.result}: ${arc.reason}`]),
    `DMARC ${dmarc.result}: ${dmarc.reason}`,
    `Reverse DNS ${iprev.result}: ${iprev.reason}`,
  ];
  return sentences.map((sentence) => `${sentence}.`).join(' ');
}

export function verdictDetail({ spf, dkim, dmarc, arc, iprev }: MailVerdicts): JourneyDetail {
  return {
    spf: spf.result,
    dkim: dkim.length === 0 ? ['none'] : dkim.map(({ result, domain }) => `${result} ${domain}`.trim()),
    dmarc: dmarc.result,
    arc: arc.result,
    iprev: iprev.result,
  };
}
