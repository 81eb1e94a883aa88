// Takes addresses out of an answer for a client.
import { extendedError } from '../wire/edns-option.ts';
import { rrType } from '../wire/rr-type.ts';
import type { CachedAnswer } from './answer-cache.ts';
import type { Engine, Outcome } from './engine.ts';

/** Without the private addresses of names that aren't the operator's: of what was resolved, and of what the cache has. */
export function withoutPrivate(engine: Engine, outcome: Outcome): Outcome {
  const { privateAddresses } = engine.translation;
  const { name, authoritative } = outcome;
  if (privateAddresses === undefined || authoritative === true) return outcome;
  // Zones that the operator sends elsewhere are his, but for everything.
  if (engine.routes.deepest(name)?.delegation.zone.isRoot === false) return outcome;
  return without(outcome, (rdata) => privateAddresses.forbids(name, rdata));
}

/** Without some of its addresses: what is left isn't signed, and nothing left is a denial. */
export function without(outcome: Outcome, isUnwanted: (rdata: Uint8Array) => boolean): Outcome {
  const { end } = outcome;
  if (end.kind !== 'records' || (end.rrset.type !== rrType.A && end.rrset.type !== rrType.AAAA))
    return outcome;
  const rdatas = end.rrset.rdatas.filter((rdata) => !isUnwanted(rdata));
  if (rdatas.length === end.rrset.rdatas.length) return outcome;
  const security = 'insecure';
  const fault = {
    code: extendedError.FILTERED,
    reason: 'addresses that this name may not have were taken out',
  };
  const left: CachedAnswer =
    rdatas.length === 0
      ? { kind: 'nodata', authorities: [], security, fault }
      : { kind: 'records', rrset: { ...end.rrset, rdatas }, signatures: [], proofs: [], security, fault };
  return { ...outcome, end: left, security };
}
