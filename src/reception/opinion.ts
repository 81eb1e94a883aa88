// What is thought of a client before its mail is seen: by what it calls itself, by whether its address has a name, by the lists that
// have it. Looked for from the moment it connects, needed when it names a recipient.
import type { IprevVerdict } from '../mailauth/verdicts.ts';
import { unreachable } from '../lib/result.ts';
import type { Hit } from './dns-lists/dns-lists.ts';
import type { HelloFault } from './hello-check.ts';

/** What becomes of it: `slow` keeps the answer to the first recipient of a message back, `mark` only tells. */
export type Treatment = 'refuse' | 'slow' | 'mark' | 'ignore';

export interface OpinionPolicy {
  readonly hello: Readonly<Record<HelloFault, Treatment>>;
  /** Where the address has no name that leads back to it. Refusing for it is a mail check's matter. */
  readonly noReverseName: 'slow' | 'mark' | 'ignore';
  /** Milliseconds, for whoever is to be slow. */
  readonly slowMs: number;
}

export type Finding =
  | { readonly kind: 'hello'; readonly fault: HelloFault; readonly treatment: Treatment }
  | { readonly kind: 'no-reverse-name'; readonly treatment: Treatment }
  | { readonly kind: 'blocked'; readonly hit: Hit; readonly treatment: Treatment }
  | { readonly kind: 'welcomed'; readonly hit: Hit; readonly treatment: 'mark' };

export interface Opinion {
  readonly findings: readonly Finding[];
  /** What no mail is taken for; the first of them. */
  readonly refusal: Finding | undefined;
  /** Milliseconds that the answer to a message's first recipient is kept back. */
  readonly slowMs: number;
  /** A list, or the config, thinks well of it. */
  readonly welcome: boolean;
}

export const noOpinion: Opinion = { findings: [], refusal: undefined, slowMs: 0, welcome: false };

/** Of whoever is exempt. */
export const trustedOpinion: Opinion = { ...noOpinion, welcome: true };

/** RFC 5782 §1: what a welcome list has, block lists don't count for. */
export function formOpinion(
  policy: OpinionPolicy,
  hello: HelloFault | undefined,
  iprev: IprevVerdict | undefined,
  hits: readonly Hit[],
): Opinion {
  const findings: Finding[] = [];
  if (hello !== undefined) findings.push({ kind: 'hello', fault: hello, treatment: policy.hello[hello] });
  // Where DNS can't say, it isn't said that there is none.
  if (iprev?.result === 'fail' || iprev?.result === 'permerror')
    findings.push({ kind: 'no-reverse-name', treatment: policy.noReverseName });
  const welcomed = hits.filter(({ list }) => list.kind === 'welcome');
  const welcome = welcomed.length > 0;
  findings.push(...welcomed.map((hit): Finding => ({ kind: 'welcomed', hit, treatment: 'mark' })));
  for (const hit of hits) {
    if (hit.list.kind === 'block')
      findings.push({ kind: 'blocked', hit, treatment: welcome ? 'mark' : hit.list.action });
  }
  return {
    findings: findings.filter(({ treatment }) => treatment !== 'ignore'),
    refusal: findings.find(({ treatment }) => treatment === 'refuse'),
    slowMs: !welcome && findings.some(({ treatment }) => treatment === 'slow') ? policy.slowMs : 0,
    welcome,
  };
}

/** In a few words, for a header field: `helo=own-name`, `list=bl.example (127.0.0.2)`. Printable ASCII. */
export function findingWords(finding: Finding): string {
  switch (finding.kind) {
    case 'hello':
      return `helo=${finding.fault}`;
    case 'no-reverse-name':
      return 'reverse-name=none';
    case 'blocked':
    case 'welcomed': {
      const { list, codes } = finding.hit;
      return `${finding.kind}=${list.zone} (${codes.slice(0, 4).join(' ')})`;
    }
    default:
      return unreachable(finding);
  }
}
