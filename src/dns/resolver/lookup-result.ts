// What a resolution comes to for those who look names up through the port of mail (`dns/lookup.ts`).
import { unreachable } from '../../lib/result.ts';
import type { LookupResult } from '../lookup.ts';
import { recordsOf } from '../wire/record.ts';
import type { Resolved } from './resolver-options.ts';

export function lookupResultOf(resolved: Resolved): LookupResult {
  const { end, name, ttl, journey } = resolved;
  switch (end.kind) {
    case 'records':
      return {
        kind: 'records',
        canonicalName: name,
        records: recordsOf({ ...end.rrset, ttl: resolved.endTtl }),
        ttl,
        secure: resolved.security === 'secure',
        journey,
      };
    case 'nodata':
    case 'nxdomain':
      return { kind: end.kind, canonicalName: name, ttl, secure: resolved.security === 'secure', journey };
    case 'failure':
      return { kind: 'failure', reason: end.reason, secure: false, journey };
    default:
      return unreachable(end);
  }
}
