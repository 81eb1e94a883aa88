// The sentences of a name's journey. Each is about the server that took the step: `Asked for the MX of example.org.` stands beside its name.
import type { NameStep } from '../../lib/journey.ts';
import { unreachable } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { formatRdata, formatType } from '../wire/rdata/registry.ts';
import type { RRset } from '../wire/record.ts';
import type { CachedAnswer } from './answer-cache.ts';
import type { Delegation } from './delegation-cache.ts';
import type { Sought } from './engine.ts';
import type { UpstreamTransport } from './upstream.ts';

/** `example.org`, without the dot at its end; `the root` for `.`. */
export function plainName(name: DomainName): string {
  return name.isRoot ? 'the root' : name.toString().slice(0, -1);
}

/** `the MX of example.org` */
export function soughtInWords(sought: Sought): string {
  return `the ${formatType(sought.type)} of ${plainName(sought.name)}`;
}

/** A whole sentence, which data that ends in a dot may end. */
export function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

/** What a server was asked, as the beginning of a sentence. */
export function askedInWords(sought: Sought, shortened: boolean, transport: UpstreamTransport): string {
  const by = transport === 'udp' ? '' : ` by ${transport.toUpperCase()}`;
  return shortened
    ? `Asked about ${plainName(sought.name)} only${by}`
    : `Asked for ${soughtInWords(sought)}${by}`;
}

/** D3, D5 or D7: a server of the root, of a top-level domain, or of a zone below is asked. */
export function askingStep(zone: DomainName): NameStep {
  if (zone.isRoot) return 'D3';
  return zone.labelCount === 1 ? 'D5' : 'D7';
}

/** D4 or D6: a server of this zone refers to a zone below. */
export function referringStep(zone: DomainName): NameStep {
  return zone.isRoot ? 'D4' : 'D6';
}

export function referralInWords(delegation: Delegation): string {
  return `Refers to ${plainName(delegation.zone)}: ${listed(delegation.servers.map(({ name }) => plainName(name)))}.`;
}

export function aliasInWords(from: DomainName, to: DomainName | undefined): string {
  return `${plainName(from)} is another name for ${to === undefined ? 'one that is too long' : plainName(to)}`;
}

export function answerInWords(sought: Sought, answer: CachedAnswer): string {
  switch (answer.kind) {
    case 'records':
      return listed(dataOf(answer.rrset));
    case 'nodata':
      return `${plainName(sought.name)} exists, but has no ${formatType(sought.type)}`;
    case 'nxdomain':
      return `${plainName(sought.name)} does not exist`;
    case 'failure':
      return answer.reason;
    default:
      return unreachable(answer);
  }
}

export function dataOf(rrset: RRset): readonly string[] {
  return rrset.rdatas.map((rdata) => formatRdata(rrset.type, rdata));
}

/** Four of a list, and how many more there are. */
export function listed(items: readonly string[]): string {
  const most = 4;
  const shown = items.slice(0, most).map((item) => (item.length > 120 ? `${item.slice(0, 117)}...` : item));
  return items.length > most ? `${shown.join(', ')} and ${items.length - most} more` : shown.join(', ');
}
