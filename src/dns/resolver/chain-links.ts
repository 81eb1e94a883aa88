// Tells each link of a chain of trust as a step of the journey, once: from the anchor down, the one that broke last.
import type { ChainLink } from '../../lib/journey.ts';
import { unreachable } from '../../lib/result.ts';
import { algorithmInWords } from '../dnssec/algorithm.ts';
import type { ValidationFault } from '../dnssec/security.ts';
import type { VerifiedRRset } from '../dnssec/verify-rrset.ts';
import type { ZoneKeys } from '../dnssec/zone-key.ts';
import type { DomainName } from '../wire/name.ts';
import { formatType } from '../wire/rr-type.ts';
import type { Engine, Work } from './engine.ts';
import { sentence } from './words.ts';
import type { ZoneTrust } from './zone-trust.ts';

interface LinkFacts {
  readonly zone: DomainName;
  readonly checks: ChainLink['checks'];
  readonly name: DomainName;
  readonly type: number;
  readonly dsTags?: readonly number[];
  readonly anchored?: boolean;
  readonly keys?: ZoneKeys | undefined;
  readonly verified?: VerifiedRRset | undefined;
  readonly verdict: ChainLink['verdict'];
  readonly fault?: ValidationFault | undefined;
}

export function chainLink(facts: LinkFacts): ChainLink {
  const { zone, checks, name, type, verified, verdict, fault } = facts;
  return {
    zone: zone.toString(),
    checks,
    records: `${name.toString()} ${formatType(type)}`,
    dsTags: facts.dsTags ?? [],
    anchored: facts.anchored ?? false,
    keyTags: facts.keys?.keys.map(({ tag }) => tag) ?? [],
    ...(verified !== undefined && {
      signedBy: verified.key.tag,
      algorithm: algorithmInWords(verified.key.algorithm),
    }),
    verdict,
    ...(fault !== undefined && { reason: fault.reason, extendedError: fault.code }),
  };
}

/** Writes the chain that ends in this zone, as far as this journey hasn't told it yet. */
export function tellChain(engine: Engine, work: Work, trust: ZoneTrust): void {
  if (!work.journal.isWatched) return;
  if (trust.above !== undefined) tellChain(engine, work, trust.above);
  for (const link of trust.links) tellLink(engine, work, link);
}

export function tellLink(engine: Engine, work: Work, link: ChainLink): void {
  if (!work.journal.isNewLink(link)) return;
  const ok = link.verdict !== 'bogus';
  work.journal.add(() => ({ step: 'D8', ok, server: engine.self, text: sentence(linkInWords(link)), link }));
}

function linkInWords(link: ChainLink): string {
  const zone = link.zone === '.' ? 'the root' : link.zone.slice(0, -1);
  const by = link.signedBy === undefined ? '' : `, signed by key ${link.signedBy}`;
  const why = link.reason === undefined ? '' : `: ${link.reason}`;
  if (link.verdict === 'bogus') return `Does not believe ${link.records}${why}`;
  switch (link.checks) {
    case 'keys':
      return `Trusts the keys of ${zone}, by ${link.anchored ? 'a trust anchor' : 'its DS records'}${by}`;
    case 'delegation':
      return link.verdict === 'secure'
        ? `Trusts ${link.records}${by}`
        : `Finds that ${link.records} leads to no signed zone${why}`;
    case 'answer':
      return link.verdict === 'secure'
        ? `Trusts ${link.records}${by}`
        : `Takes ${link.records} as insecure${why}`;
    case 'denial':
      return link.verdict === 'secure'
        ? `Trusts that there is no ${link.records}${by}`
        : `Takes it as insecure that there is no ${link.records}${why}`;
    default:
      return unreachable(link.checks);
  }
}
