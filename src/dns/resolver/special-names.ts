// Names that the resolver answers itself, because no server of the world should be asked about them (RFC 6761).
import { rrClass } from '../wire/codes.ts';
import { domainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { CachedAnswer } from './answer-cache.ts';
import type { Outcome, Sought } from './engine.ts';

const localhost = domainName('localhost.');
const invalid = domainName('invalid.');
const loopbackReverse = domainName('127.in-addr.arpa.');
const loopbackReverse6 = domainName(`1.${'0.'.repeat(31)}ip6.arpa.`);
/** Seconds; RFC 6303 §3 leaves it to us. */
const ttl = 10_800;

/** The answer for a special name, or `undefined` for all others. */
export function specialOutcome(sought: Sought): Outcome | undefined {
  const { name, type } = sought;
  // RFC 6761 §6.3 point 4: localhost and all below it have the loopback addresses, whatever is asked by whom.
  if (name.isAtOrBelow(localhost)) {
    if (type === rrType.A) return outcome(sought, records(sought, Uint8Array.of(127, 0, 0, 1)));
    if (type === rrType.AAAA) {
      const loopback = new Uint8Array(16);
      loopback[15] = 1;
      return outcome(sought, records(sought, loopback));
    }
    return outcome(sought, { kind: 'nodata', authorities: [], security: 'insecure' });
  }
  // RFC 6761 §6.4 point 4: names under "invalid" never exist.
  if (name.isAtOrBelow(invalid))
    return outcome(sought, { kind: 'nxdomain', authorities: [], security: 'insecure' });
  // RFC 6303 §4.2 and §4.3: the reverse names of the loopback addresses would otherwise leak to the root.
  if (name.isAtOrBelow(loopbackReverse) || name.isAtOrBelow(loopbackReverse6)) {
    if (type === rrType.PTR && (name.labelCount === 6 || name.equals(loopbackReverse6)))
      return outcome(sought, records(sought, localhost.wire));
    return outcome(sought, { kind: 'nodata', authorities: [], security: 'insecure' });
  }
  return undefined;
}

function records(sought: Sought, rdata: Uint8Array): CachedAnswer {
  const rrset = { owner: sought.name, type: sought.type, class: rrClass.IN, ttl, rdatas: [rdata] };
  return { kind: 'records', rrset, signatures: [], proofs: [], security: 'insecure' };
}

function outcome(sought: Sought, end: CachedAnswer): Outcome {
  return { aliases: [], aliasProofs: [], name: sought.name, end, security: 'insecure', ttl, endTtl: ttl };
}
