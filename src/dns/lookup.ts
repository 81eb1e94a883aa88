// The one port by which mail sees DNS. The resolver implements it, in this process or over the network.
import type { JourneyStep } from '../lib/journey.ts';
import type { DomainName } from './wire/name.ts';
import type { ResourceRecord } from './wire/record.ts';

export interface Lookup {
  /**
   * Asks for one type at one name, class IN. Expected failures are results, never exceptions.
   * An aborted signal gives `failure`.
   */
  lookup(name: DomainName, type: number, signal?: AbortSignal): Promise<LookupResult>;
}

interface LookupFacts {
  /** Proved by DNSSEC from a trust anchor on; false where the resolver has no trust anchors. */
  readonly secure: boolean;
  /** D1 to D8, as far as this look-up needed them. */
  readonly journey: readonly JourneyStep[];
}

export type LookupResult =
  /** At least one record of the type; `canonicalName` is its owner, after any CNAME and DNAME. `ttl` is the least of the chain, seconds. */
  | (LookupFacts & {
      readonly kind: 'records';
      readonly canonicalName: DomainName;
      readonly records: readonly ResourceRecord[];
      readonly ttl: number;
    })
  /** The name exists without the type, or doesn't exist (RFC 2308). */
  | (LookupFacts & {
      readonly kind: 'nodata' | 'nxdomain';
      readonly canonicalName: DomainName;
      readonly ttl: number;
    })
  /** Nobody could say: a temporary error for whoever asks. `reason` is a sentence for logs and journeys. */
  | (LookupFacts & { readonly kind: 'failure'; readonly reason: string });
