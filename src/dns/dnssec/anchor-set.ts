// Which trust anchor a name is below, and where validation is turned off by a negative one (RFC 7646).
import type { Clock } from '../../lib/clock.ts';
import type { DomainName } from '../wire/name.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** What validation asks. */
export interface TrustAnchors {
  /** The one nearest above the name or at it; `undefined` where there is none, or a negative one is as near: the name is insecure then. */
  closest(name: DomainName): TrustAnchor | undefined;
}

export interface NegativeAnchor {
  readonly zone: DomainName;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** The anchors of one resolver. Anchors change by roll-over (RFC 5011), negative ones by command. */
export class AnchorSet implements TrustAnchors {
  readonly #clock: Clock;
  readonly #anchors = new Map<string, TrustAnchor>();
  readonly #negative = new Map<string, NegativeAnchor>();

  constructor(clock: Clock, anchors: readonly TrustAnchor[]) {
    this.#clock = clock;
    for (const anchor of anchors) this.put(anchor);
  }

  closest(name: DomainName): TrustAnchor | undefined {
    if (this.#negative.size === 0 && this.#anchors.size === 1) {
      // As with most: the root's alone. It is asked for several times for each answer.
      const [anchor] = this.#anchors.values();
      return anchor !== undefined && name.isAtOrBelow(anchor.zone) ? anchor : undefined;
    }
    for (let labels = name.labelCount; labels >= 0; labels--) {
      const { key } = name.ancestor(labels);
      if (this.#isNegative(key)) return undefined;
      const anchor = this.#anchors.get(key);
      if (anchor !== undefined) return anchor;
    }
    return undefined;
  }

  /** In place of whatever the zone had. */
  put(anchor: TrustAnchor): void {
    this.#anchors.set(anchor.zone.key, anchor);
  }

  /** RFC 5011 §5: a zone whose keys are all revoked is as one that never had an anchor. */
  remove(zone: DomainName): void {
    this.#anchors.delete(zone.key);
  }

  /** Turns validation off at and below a name (RFC 7646 §2), but for zones below with anchors of their own. In place of one that was there. */
  putNegative(negative: NegativeAnchor): void {
    this.#negative.set(negative.zone.key, negative);
  }

  /** Whether there was one. */
  removeNegative(zone: DomainName): boolean {
    return this.#negative.delete(zone.key);
  }

  /** Those that have not expired, by name. */
  negatives(): readonly NegativeAnchor[] {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#negative) if (until <= now) this.#negative.delete(key);
    return [...this.#negative.values()].sort((a, b) => a.zone.compare(b.zone));
  }

  #isNegative(key: string): boolean {
    if (this.#negative.size === 0) return false;
    const negative = this.#negative.get(key);
    return negative !== undefined && negative.until > this.#clock.now();
  }
}
