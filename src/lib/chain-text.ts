// The chain of trust of a journey as people read it: zone below zone, each link with the tags of its keys, and where it breaks, why.
import type { ChainLink, JourneyStep } from './journey.ts';
import type { Paint } from './journey-text.ts';
import { oneLine } from './one-line.ts';
import { unreachable } from './result.ts';

const plain: Paint = (_code, text) => text;

/** The links of the question itself, in order; not those of what was looked up on the way. */
export function chainIn(steps: readonly JourneyStep[]): readonly ChainLink[] {
  return steps.flatMap(({ link }) => (link === undefined ? [] : [link]));
}

/** A line for each zone, indented as deep as it lies, and below it a line for each link; then the verdict. No line break at the end. */
export function formatChain(links: readonly ChainLink[], paint: Paint = plain): string {
  const lines: string[] = [];
  let zone: string | undefined;
  for (const link of links) {
    const indent = '  '.repeat(link.zone === '.' ? 0 : link.zone.split('.').length - 1);
    if (link.zone !== zone) lines.push(`${indent}${paint(1, oneLine(link.zone))}`);
    ({ zone } = link);
    lines.push(`${indent}${markOf(link, paint)} ${oneLine(linkText(link))}`);
  }
  lines.push(verdictOf(links));
  return lines.join('\n');
}

function markOf({ verdict }: ChainLink, paint: Paint): string {
  switch (verdict) {
    case 'secure':
      return paint(32, '✓');
    case 'insecure':
      return paint(33, '○');
    case 'bogus':
      return paint(31, '✗');
    default:
      return unreachable(verdict);
  }
}

function linkText(link: ChainLink): string {
  const facts: string[] = [];
  const { dsTags, keyTags, reason } = link;
  if (link.checks === 'keys' && dsTags.length > 0)
    facts.push(`${link.anchored ? 'trust anchor' : 'DS'} ${dsTags.join(', ')}`);
  if (link.signedBy !== undefined)
    facts.push(`signed by key ${link.signedBy}${link.algorithm === undefined ? '' : ` (${link.algorithm})`}`);
  // A link that breaks is told with all there is to choose from; one that holds, with the key that holds it.
  else if (link.checks !== 'keys' && link.verdict === 'bogus' && keyTags.length > 0)
    facts.push(`the zone's keys are ${keyTags.join(', ')}`);
  if (reason !== undefined) facts.push(reason);
  return `${subjectOf(link)}${facts.length === 0 ? '' : `: ${facts.join('; ')}`}`;
}

function subjectOf({ checks, records, dsTags, keyTags, verdict }: ChainLink): string {
  switch (checks) {
    case 'keys':
      return keyTags.length === 0 ? records : `${records} ${keyTags.join(', ')}`;
    case 'delegation':
      if (dsTags.length > 0) return `${records} ${dsTags.join(', ')}`;
      return verdict === 'insecure' ? `no ${records}` : records;
    case 'answer':
      return records;
    case 'denial':
      return `no ${records}`;
    default:
      return unreachable(checks);
  }
}

function verdictOf(links: readonly ChainLink[]): string {
  const broken = links.find(({ verdict }) => verdict === 'bogus');
  if (broken !== undefined) {
    const code = broken.extendedError === undefined ? '' : ` (extended error ${broken.extendedError})`;
    return `bogus: the chain breaks at ${oneLine(broken.records)}${code}`;
  }
  const loose = links.find(({ verdict }) => verdict === 'insecure');
  if (loose !== undefined) return `insecure: the chain ends at ${oneLine(loose.records)}`;
  return 'secure: each link holds';
}
