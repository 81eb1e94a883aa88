// What the cache proves of names that nobody has asked for: below a name that isn't there nothing is (RFC 8020), what lies in a gap between two names
// of a signed zone isn't there either (RFC 8198 §5.1, §5.2), and a wildcard that is known stands for it (RFC 8198 §5.3).
import { nameFromWire } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { Inference } from './aggressive-denials.ts';
import type { Alias } from './alias-chain.ts';
import { credibility } from './answer-cache.ts';
import type { CachedAnswer, Credibility, KeptAnswer } from './answer-cache.ts';
import type { Engine, Work } from './engine.ts';

export type Inferred =
  /** `ttl`: seconds. */
  | { readonly kind: 'answer'; readonly answer: CachedAnswer; readonly ttl: number }
  | { readonly kind: 'alias'; readonly alias: Alias };

/** `undefined` where somebody must be asked. */
export function inferred(engine: Engine, work: Work, name: DomainName, type: number): Inferred | undefined {
  if (!engine.aggressive || work.renew) return undefined;
  return belowAbsent(engine, work, name) ?? inGap(engine, work, name, type);
}

/** Keeps what was proved of more names than the one that was asked for: gaps, and the wildcard that an answer was made of. */
export function learn(engine: Engine, answer: KeptAnswer, ttl: number, rank: Credibility): void {
  if (answer.security !== 'secure' || !engine.aggressive) return;
  if (answer.kind !== 'records') {
    engine.denials.note(answer.authorities, ttl);
    return;
  }
  const { rrset, signatures, proofs } = answer;
  // A verified set has proofs with it only where a wildcard made it.
  if (proofs.length === 0) return;
  engine.denials.note(proofs, Math.min(ttl, engine.limits.maxNegativeTtl));
  const labels = signatures[0]?.rdata[labelsInRrsig] ?? Number.POSITIVE_INFINITY;
  const wildcard = labels < rrset.owner.labelCount ? rrset.owner.ancestor(labels).wildcard() : undefined;
  const isOfOne = signatures.every(({ rdata }) => rdata[labelsInRrsig] === labels);
  if (wildcard === undefined || !isOfOne || neverByWildcard.has(rrset.type)) return;
  // What is signed is the wildcard's own set (RFC 4035 §5.3.2).
  const own: KeptAnswer = {
    ...answer,
    rrset: { ...rrset, owner: wildcard },
    signatures: ownedBy(wildcard, signatures),
    proofs: [],
  };
  engine.answers.put(wildcard, rrset.type, own, ttl, rank);
}

/** RFC 4034 §3.1: how many labels the name has that was signed. */
const labelsInRrsig = 3;
/** RFC 4592 §4: at a wildcard they mean nothing, or nothing for other names. */
const neverByWildcard: ReadonlySet<number> = new Set([
  rrType.DNAME,
  rrType.NS,
  rrType.DS,
  rrType.SOA,
  rrType.NSEC,
]);

/** RFC 8020 §2: where a name is not there, nothing below it is. */
function belowAbsent(engine: Engine, work: Work, name: DomainName): Inferred | undefined {
  for (let labels = name.labelCount - 1; labels > 0; labels--) {
    const above = name.ancestor(labels);
    const hit = engine.answers.absence(above, work.checking ? 'checked' : 'any');
    if (hit?.answer.kind !== 'nxdomain' || isServedApart(engine, name, above)) continue;
    const { security } = hit.answer;
    // What nobody has validated may come of a server that denies empty non-terminals, or of a forger.
    const isSure =
      security === 'secure' || (security === 'insecure' && hit.rank === credibility.authoritativeAnswer);
    if (isSure) return { kind: 'answer', answer: hit.answer, ttl: hit.ttl };
  }
  return undefined;
}

function inGap(engine: Engine, work: Work, name: DomainName, type: number): Inferred | undefined {
  // Whoever checks for himself gets what the servers say (CD); and where nothing is validated any more, nothing is proved.
  if (!work.checking || engine.trust.anchors.closest(name) === undefined) return undefined;
  const inference = engine.denials.infer(name, type, work.budget);
  if (inference === undefined || isServedApart(engine, name, inference.zone)) return undefined;
  if (inference.kind === 'denied') return { ...inference, kind: 'answer' };
  return byWildcard(engine, inference, name, type);
}

/** RFC 8198 §5.3: the wildcard's own records, which are known, with the name in its place; or the alias that it is. */
function byWildcard(
  engine: Engine,
  { wildcard, proofs, ttl: proved }: Inference & { readonly kind: 'wildcard' },
  name: DomainName,
  type: number,
): Inferred | undefined {
  if (neverByWildcard.has(type)) return undefined;
  for (const known of type === rrType.CNAME ? [type] : [type, rrType.CNAME]) {
    const hit = engine.answers.get(wildcard, known, 'checked');
    if (hit?.answer.kind !== 'records' || hit.answer.security !== 'secure') continue;
    const ttl = Math.min(hit.ttl, proved);
    const signatures = ownedBy(name, hit.answer.signatures);
    const answer = { ...hit.answer, rrset: { ...hit.answer.rrset, owner: name, ttl }, signatures, proofs };
    if (known === type) return { kind: 'answer', answer, ttl };
    const to = nameFromWire(answer.rrset.rdatas[0] ?? new Uint8Array(0));
    return to.ok ? { kind: 'alias', alias: { ...answer, from: name, to: to.value, ttl } } : undefined;
  }
  return undefined;
}

function ownedBy(owner: DomainName, records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  return records.map((record) => ({ ...record, owner }));
}

/** Whether servers that the operator names for a zone below `above` speak for the name: the world knows nothing of it. */
function isServedApart(engine: Engine, name: DomainName, above: DomainName): boolean {
  return engine.routes.deepest(name)?.delegation.zone.isBelow(above) === true;
}
