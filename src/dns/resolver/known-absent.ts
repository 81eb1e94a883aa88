// What the cache proves of names that nobody has asked for: below a name that isn't there nothing is (RFC 8020), and what lies in a gap between two names
// of a signed zone isn't there either (RFC 8198).
import type { DomainName } from '../wire/name.ts';
import { credibility } from './answer-cache.ts';
import type { CachedAnswer } from './answer-cache.ts';
import type { Engine, Work } from './engine.ts';

export interface KnownAbsent {
  readonly answer: CachedAnswer;
  /** Seconds. */
  readonly ttl: number;
}

/** `undefined` where somebody must be asked. */
export function knownAbsent(
  engine: Engine,
  work: Work,
  name: DomainName,
  type: number,
): KnownAbsent | undefined {
  if (!engine.aggressive || work.renew) return undefined;
  return belowAbsent(engine, work, name) ?? inGap(engine, work, name, type);
}

/** RFC 8020 §2: where a name is not there, nothing below it is. */
function belowAbsent(engine: Engine, work: Work, name: DomainName): KnownAbsent | undefined {
  for (let labels = name.labelCount - 1; labels > 0; labels--) {
    const above = name.ancestor(labels);
    const hit = engine.answers.absence(above, work.checking ? 'checked' : 'any');
    if (hit?.answer.kind !== 'nxdomain' || isServedApart(engine, name, above)) continue;
    const { security } = hit.answer;
    // What nobody has validated may come of a server that denies empty non-terminals, or of a forger.
    const isSure =
      security === 'secure' || (security === 'insecure' && hit.rank === credibility.authoritativeAnswer);
    if (isSure) return { answer: hit.answer, ttl: hit.ttl };
  }
  return undefined;
}

function inGap(engine: Engine, work: Work, name: DomainName, type: number): KnownAbsent | undefined {
  // Whoever checks for himself gets what the servers say (CD); and where nothing is validated any more, nothing is proved.
  if (!work.checking || engine.trust.anchors.closest(name) === undefined) return undefined;
  const denied = engine.denials.denial(name, type, work.budget);
  const soa = denied?.answer.kind === 'records' ? undefined : denied?.answer.authorities[0]?.owner;
  return soa === undefined || isServedApart(engine, name, soa) ? undefined : denied;
}

/** Whether servers that the operator names for a zone below `above` speak for the name: the world knows nothing of it. */
function isServedApart(engine: Engine, name: DomainName, above: DomainName): boolean {
  return engine.routes.deepest(name)?.delegation.zone.isBelow(above) === true;
}
