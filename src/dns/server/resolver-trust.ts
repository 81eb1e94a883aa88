// What a running resolver trusts: the anchors of the config as they have been rolled over since (RFC 5011), and where validation is turned off, by
// the config or by command (RFC 7646).
import { join } from 'node:path';
import type { ResolverConfig } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { AnchorKeeper } from '../dnssec/anchor-keeper.ts';
import type { AskKeys } from '../dnssec/anchor-keeper.ts';
import { AnchorSet } from '../dnssec/anchor-set.ts';
import type { NegativeAnchor } from '../dnssec/anchor-set.ts';
import { parseTrustAnchors } from '../dnssec/trust-anchor.ts';
import type { TrustAnchor } from '../dnssec/trust-anchor.ts';
import { KeyRing } from '../dnssec/zone-key.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { AnchorFile, NegativeAnchorFile } from './anchor-file.ts';

export interface ResolverTrustParts {
  readonly config: Pick<ResolverConfig, 'trustAnchors' | 'negativeTrustAnchors'>;
  /** The folder that everything durable lives under. */
  readonly data: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is asked of the resolver that is given to {@link ResolverTrust.follow}. */
export type FollowingResolver = Pick<Resolver, 'flush' | 'resolveAfresh'>;

/** RFC 7646 §2: one that is set by hand should not be forgotten: a week at most. */
export const longestNegative: number = 7 * 86_400_000;
/** Of commands: each is looked at by hand. */
const mostNegatives = 1000;

export class ResolverTrust {
  readonly anchors: AnchorSet;
  readonly ring: KeyRing = new KeyRing();
  readonly #parts: ResolverTrustParts;
  readonly #keeper: AnchorKeeper;
  readonly #fixed: ReadonlySet<string>;
  readonly #file: NegativeAnchorFile;
  #resolver: FollowingResolver | undefined;

  private constructor(
    parts: ResolverTrustParts,
    configured: readonly TrustAnchor[],
    fixed: readonly DomainName[],
  ) {
    const { data, clock, log } = parts;
    this.#parts = parts;
    this.anchors = new AnchorSet(clock, []);
    this.#keeper = new AnchorKeeper(
      {
        clock,
        log,
        ring: this.ring,
        anchors: this.anchors,
        store: new AnchorFile(join(data, 'trust-anchors.json'), log),
        ask: (zone, done) => this.#askKeys(zone, done),
      },
      configured,
    );
    this.#file = new NegativeAnchorFile(join(data, 'negative-trust-anchors.json'), log);
    this.#fixed = new Set(fixed.map(({ key }) => key));
    for (const negative of this.#file.read()) this.anchors.putNegative(negative);
    for (const zone of fixed) this.anchors.putNegative({ zone, until: Number.POSITIVE_INFINITY });
  }

  /** Reads what was kept; asks nobody. The fault is a sentence about the config. */
  static open(parts: ResolverTrustParts): Result<ResolverTrust> {
    const anchors = parseTrustAnchors(parts.config.trustAnchors);
    if (!anchors.ok) return fault(`resolver.trust-anchors: ${anchors.fault}`);
    const fixed: DomainName[] = [];
    for (const text of parts.config.negativeTrustAnchors) {
      const name = parseName(text);
      if (!name.ok) return fault(`resolver.negative-trust-anchors: ${name.fault}`);
      fixed.push(name.value);
    }
    return ok(new ResolverTrust(parts, anchors.value, fixed));
  }

  /** Follows the anchors' keys from now on, by that resolver, which validates by {@link anchors}. */
  follow(resolver: FollowingResolver): void {
    this.#resolver = resolver;
    this.#keeper.start();
  }

  stop(): void {
    this.#keeper.stop();
  }

  /** Those set by command, and those of the config, whose end is never. */
  negatives(): readonly NegativeAnchor[] {
    return this.anchors.negatives();
  }

  /** Turns validation off at and below the name for `ms` milliseconds, {@link longestNegative} at most; over a restart, too. */
  addNegative(zone: DomainName, ms: number): Result<NegativeAnchor> {
    if (this.#fixed.has(zone.key)) return fault('the config has that negative trust anchor, for ever');
    if (!(ms > 0 && ms <= longestNegative))
      return fault('a negative trust anchor is for a time of up to 7 days (RFC 7646)');
    if (this.negatives().length >= mostNegatives) return fault(`there are ${mostNegatives} already`);
    const negative: NegativeAnchor = { zone, until: this.#parts.clock.now() + ms };
    this.anchors.putNegative(negative);
    this.#keep();
    return ok(negative);
  }

  /** What is wrong, or nothing. */
  removeNegative(zone: DomainName): Result<undefined> {
    if (this.#fixed.has(zone.key))
      return fault('that negative trust anchor stands in the config, and has to be taken out there');
    if (!this.anchors.removeNegative(zone)) return fault('there is no such negative trust anchor');
    this.#keep();
    return ok(undefined);
  }

  #keep(): void {
    // What is known was judged by the anchors as they were.
    this.#resolver?.flush();
    this.#file.write(this.negatives().filter(({ zone }) => !this.#fixed.has(zone.key)));
  }

  readonly #askKeys: AskKeys = (zone, done) => {
    this.#resolver?.resolveAfresh({ name: zone, type: rrType.DNSKEY }, ({ end }) => {
      done(end.kind === 'records' ? { rrset: end.rrset, signatures: end.signatures } : undefined);
    });
  };
}
