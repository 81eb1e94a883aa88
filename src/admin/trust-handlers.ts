// What the admin API does with negative trust anchors (RFC 7646): names at and below which the resolver validates nothing for a time.
import type { NegativeAnchor } from '../dns/dnssec/anchor-set.ts';
import { parseName } from '../dns/wire/name.ts';
import type { DomainName } from '../dns/wire/name.ts';
import { fault, ok } from '../lib/result.ts';
import type { Result } from '../lib/result.ts';
import type { Admin, NegativeAnchorView } from './api.ts';

export interface TrustPort {
  negatives(): readonly NegativeAnchor[];
  addNegative(zone: DomainName, ms: number): Result<NegativeAnchor>;
  removeNegative(zone: DomainName): Result<undefined>;
}

type Calls = Pick<Admin, 'listNegativeAnchors' | 'addNegativeAnchor' | 'removeNegativeAnchor'>;

/** `undefined`: no server runs. */
export function trustHandlers(trust: TrustPort | undefined): Calls {
  const none = fault({
    kind: 'unavailable',
    message: 'no server is running, so there is no resolver that validates',
  } as const);
  return {
    listNegativeAnchors: () =>
      Promise.resolve(trust === undefined ? none : ok(trust.negatives().map(viewOf))),
    addNegativeAnchor: ({ name, seconds }) => {
      if (trust === undefined) return Promise.resolve(none);
      const zone = parseName(name);
      if (!zone.ok) return Promise.resolve(fault({ kind: 'invalid', message: zone.fault }));
      const added = trust.addNegative(zone.value, seconds * 1000);
      return Promise.resolve(
        added.ok ? ok(viewOf(added.value)) : fault({ kind: 'conflict', message: added.fault }),
      );
    },
    removeNegativeAnchor: ({ name }) => {
      if (trust === undefined) return Promise.resolve(none);
      const zone = parseName(name);
      if (!zone.ok) return Promise.resolve(fault({ kind: 'invalid', message: zone.fault }));
      const removed = trust.removeNegative(zone.value);
      return Promise.resolve(removed.ok ? ok({}) : fault({ kind: 'not-found', message: removed.fault }));
    },
  };
}

function viewOf({ zone, until }: NegativeAnchor): NegativeAnchorView {
  return {
    name: zone.toString(),
    until: Number.isFinite(until) ? new Date(until).toISOString() : null,
  };
}
