// How much the resolver does for one question, and how long it remembers. One record of constants, so that what bounds the work of a
// hostile zone stands in one place; docs/resolver-limits.md compares them with those of other resolvers.
import { mostIterations } from '../dnssec/nsec3-denials.ts';

export interface ResolverLimits {
  /** Milliseconds for one client query, all its sub-queries included. */
  readonly timeMs: number;
  /** Questions to upstream servers for one client query, retries and sub-queries included. */
  readonly queries: number;
  /** Names of name servers without glue that are looked up for one client query (against NXNSAttack). */
  readonly targets: number;
  /** Such names that turn out to have no address before no more are looked up. */
  readonly failedTargets: number;
  /** How deep such look-ups may nest. */
  readonly depth: number;
  /** CNAME and DNAME steps for one client query. */
  readonly aliases: number;
  /** Checks of signatures for one client query (against KeyTrap, CVE-2023-50387). A cold name takes about two for each zone on its way. */
  readonly signatureChecks: number;
  /** Keys that are compared with DS records for one client query. */
  readonly keyDigests: number;
  /** Hashes of names for NSEC3 proofs for one client query (against CVE-2023-50868). */
  readonly nsec3Hashes: number;
  /** Iterations of each of these; a zone with more counts as unsigned (RFC 9276 §3.2). */
  readonly nsec3Iterations: number;
  /** Questions for DS records of names that may be cuts, for one client query. */
  readonly dsLookups: number;
  /** Questions repeated to another server for one client query because an answer didn't hold. */
  readonly secondOpinions: number;
  /** Questions to the servers of one zone before giving that zone up. */
  readonly triesPerZone: number;
  /** Steps by which one resolution may descend: a name has at most 127 labels, but no honest tree is that deep. */
  readonly descents: number;
  /** Seconds that an answer is kept at most (RFC 2181 §8, RFC 8767 §4 recommend a cap). */
  readonly maxTtl: number;
  /** Seconds that an answer is kept at least, whatever its TTL: more than 0 is against RFC 1035 §3.2.1, and for operators who must. */
  readonly minTtl: number;
  /** Seconds that a negative answer is kept at most (RFC 2308 §5 allows 1 to 3 hours). */
  readonly maxNegativeTtl: number;
  /** Seconds that a failure is remembered at first, and at most: each in turn for twice as long (RFC 9520 §3.2: 1 to 300). */
  readonly failureTtl: number;
  readonly longestFailureTtl: number;
  /** Seconds that an answer is kept after it has expired, to be given where no server can be asked (RFC 8767 §4: 1 to 3 days); 0: not at all. */
  readonly maxStale: number;
  /** Seconds of its TTL then (RFC 8767 §5.2: 30). */
  readonly staleTtl: number;
  /** Milliseconds after which a client gets what has expired (RFC 8767 §5: 1.8 s). */
  readonly staleAfterMs: number;
  /** Seconds until servers are asked again that failed where there is something that has expired (RFC 8767 §5: 30). */
  readonly staleRecheck: number;
  /** Renewals of what is popular and near its end that run at one time; 0: none. */
  readonly renewals: number;
  /** Questions to upstream servers for one of them. */
  readonly renewalQueries: number;
  /** Seconds that a bogus answer is remembered (RFC 4035 §4.7). */
  readonly bogusTtl: number;
  /** Octets of each cache: answers, delegations, what is known of servers. */
  readonly cacheOctets: number;
  /** Questions in flight, clients' joined ones counted once; more are failed at once. */
  readonly inFlight: number;
  /** Callers that may wait for one and the same question; more are failed at once (against DNSBomb: one answer must not become a burst). */
  readonly joined: number;
  /** Resolutions that ask the servers of one zone at one time; not of the root and of what is right below it, which are everybody's. */
  readonly perZone: number;
  /** Questions in flight to one server. */
  readonly perServer: number;
  /** The same while it is silent: so that names in a dead zone ("water torture") don't take the place of all others. */
  readonly perSilentServer: number;
}

export const defaultLimits: ResolverLimits = {
  timeMs: 7_000,
  queries: 50,
  targets: 10,
  failedTargets: 5,
  depth: 4,
  aliases: 10,
  signatureChecks: 30,
  keyDigests: 32,
  nsec3Hashes: 64,
  nsec3Iterations: mostIterations,
  dsLookups: 20,
  secondOpinions: 5,
  triesPerZone: 16,
  descents: 40,
  maxTtl: 86_400,
  minTtl: 0,
  maxNegativeTtl: 3_600,
  failureTtl: 5,
  longestFailureTtl: 300,
  maxStale: 0,
  staleTtl: 30,
  staleAfterMs: 1800,
  staleRecheck: 30,
  renewals: 0,
  renewalQueries: 24,
  bogusTtl: 60,
  cacheOctets: 64 * 1024 * 1024,
  inFlight: 2_000,
  joined: 100,
  perZone: 500,
  perServer: 1_000,
  perSilentServer: 50,
};
