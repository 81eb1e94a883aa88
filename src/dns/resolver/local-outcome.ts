// What the resolver says of its own accord, as a step of a resolution: block lists and local zones count for each name of a chain of aliases.
import { unreachable } from '../../lib/result.ts';
import type { LocalAnswer } from '../policy/local-answer.ts';
import { rcode } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { nameFromWire } from '../wire/name.ts';
import { emptyZoneTtl } from '../policy/empty-zone.ts';
import type { AliasChain } from './alias-chain.ts';
import type { CachedAnswer } from './answer-cache.ts';
import type { Outcome } from './engine.ts';

/** RFC 6840 §5.7: nothing of it is proved, so AD is never set. */
const unproved = { security: 'insecure' } as const;

export function takeLocal(chain: AliasChain, answer: LocalAnswer): Outcome | 'followed' {
  const checked = { ...unproved, ...(answer.note !== undefined && { fault: answer.note }) };
  switch (answer.kind) {
    case 'records': {
      const { rrset } = answer;
      return ended(chain, { kind: 'records', rrset, signatures: [], proofs: [], ...checked }, rrset.ttl);
    }
    case 'nodata':
    case 'nxdomain': {
      const { kind, soa } = answer;
      const ttl = soa?.ttl ?? emptyZoneTtl;
      return ended(chain, { kind, authorities: soa === undefined ? [] : [soa], ...checked }, ttl);
    }
    case 'alias': {
      const { rrset } = answer;
      const to = nameFromWire(rrset.rdatas[0] ?? new Uint8Array());
      if (!to.ok) return chain.fail('a CNAME record of the configuration leads nowhere');
      const { owner: from, ttl } = rrset;
      const alias = { rrset, signatures: [], proofs: [], from, to: to.value.lowerCase(), ttl };
      return chain.follow({ ...alias, ...checked }) ?? 'followed';
    }
    case 'refuse':
      return chain.end(withheld(answer, 'names like this are not resolved here'), 0);
    case 'drop':
      return chain.end({ ...withheld(answer, 'names like this get no answer here'), silent: true }, 0);
    default:
      return unreachable(answer);
  }
}

/** The name's own data is from here, so that the answer is authoritative where no alias of the world's led here. */
function ended(chain: AliasChain, answer: CachedAnswer, ttl: number): Outcome {
  const outcome = chain.end(answer, ttl);
  return outcome.aliases.length === 0 ? { ...outcome, authoritative: true } : outcome;
}

function withheld(answer: LocalAnswer, otherwise: string): Extract<CachedAnswer, { kind: 'failure' }> {
  const { code, reason } = answer.note ?? { code: extendedError.PROHIBITED, reason: otherwise };
  return { kind: 'failure', reason, extendedError: code, rcode: rcode.REFUSED };
}
