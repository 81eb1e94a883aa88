// How far a zone is trusted, once somebody has found out: with which keys it signs, that it is insecure, that its keys are not what its parent says; or that
// there is no zone of that name. Kept for as long as the records that say so are valid, and shared by all questions.
import type { Clock } from '../../lib/clock.ts';
import type { ChainLink } from '../../lib/journey.ts';
import type { ValidationFault } from '../dnssec/security.ts';
import type { ZoneKeys } from '../dnssec/zone-key.ts';
import type { DomainName } from '../wire/name.ts';
import { BoundedCache } from './bounded-cache.ts';

interface TrustFacts {
  readonly zone: DomainName;
  /** The links of the chain that lead here from the zone above, or from the anchor. */
  readonly links: readonly ChainLink[];
  /** The zone that vouches for it; none above an anchor. */
  readonly above: ZoneTrust | undefined;
  /** By the monotonic clock, in milliseconds. */
  readonly expires: number;
}

/** A zone's keys may sign its names. */
export type SecureZone = TrustFacts & { readonly kind: 'secure'; readonly keys: ZoneKeys };

export type ZoneTrust =
  | SecureZone
  /** `fault`: why, where it isn't that the parent has no DS records for it (RFC 8914 codes 1, 2, 27). */
  | (TrustFacts & { readonly kind: 'insecure'; readonly fault: ValidationFault | undefined })
  | (TrustFacts & { readonly kind: 'bogus'; readonly fault: ValidationFault });

/** What is known of a name that may be a zone's. */
export type CutStatus =
  | ZoneTrust
  /** It is no zone's: a name of `within`. `absent`: nor is anything below it. */
  | {
      readonly kind: 'no-cut';
      readonly within: SecureZone;
      readonly absent: boolean;
      readonly expires: number;
    };

/** Bogus keys are asked for again after a while, each time a longer one, seconds (RFC 9520 §3.2 allows 300). */
const longestBogus = 300;

interface Kept {
  readonly status: CutStatus;
  /** How often in turn it was bogus. */
  readonly failures: number;
}

export class TrustCache {
  readonly #clock: Clock;
  readonly #entries: BoundedCache<Kept>;
  readonly #inFlight = new Map<string, ((status: CutStatus | undefined) => void)[]>();

  constructor(clock: Clock, octets: number) {
    this.#clock = clock;
    this.#entries = new BoundedCache(octets);
  }

  get octets(): number {
    return this.#entries.octets;
  }

  get(zone: DomainName): CutStatus | undefined {
    const kept = this.#entries.get(zone.key);
    return kept !== undefined && kept.status.expires > this.#clock.monotonic() ? kept.status : undefined;
  }

  put(zone: DomainName, status: CutStatus): void {
    const before = this.#entries.peek(zone.key);
    const failures = status.kind === 'bogus' ? (before?.failures ?? 0) + 1 : 0;
    const now = this.#clock.monotonic();
    const expires =
      status.kind === 'bogus'
        ? now + Math.min((status.expires - now) * 2 ** (failures - 1), longestBogus * 1000)
        : status.expires;
    if (expires <= now) return;
    this.#entries.set(zone.key, { status: { ...status, expires }, failures }, octetsOf(status));
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Whether somebody is finding out about the zone: `done` is called once they have, with `undefined` where they could not. */
  join(zone: DomainName, done: (status: CutStatus | undefined) => void): boolean {
    const waiting = this.#inFlight.get(zone.key);
    waiting?.push(done);
    return waiting !== undefined;
  }

  isSought(zone: DomainName): boolean {
    return this.#inFlight.has(zone.key);
  }

  /** Whoever calls this finds out, and calls what it returns in any case. */
  begin(zone: DomainName): (status: CutStatus | undefined) => void {
    const waiting: ((status: CutStatus | undefined) => void)[] = [];
    this.#inFlight.set(zone.key, waiting);
    return (status) => {
      this.#inFlight.delete(zone.key);
      for (const each of waiting) each(status);
    };
  }
}

/** Estimated: the objects of an entry and its links, and a prepared key for each key of a secure zone. */
function octetsOf(status: CutStatus): number {
  if (status.kind === 'no-cut') return 400;
  const keys = status.kind === 'secure' ? 1_500 * status.keys.keys.length : 0;
  return 1_000 + keys + 600 * status.links.length;
}
