// What the stages of a resolution share: the resolver's memory and means (`Engine`), and one question's own state (`Work`).
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import type { LocalAnswer } from '../policy/local-answer.ts';
import type { DomainName } from '../wire/name.ts';
import type { Security } from '../dnssec/security.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { AggressiveDenials } from './aggressive-denials.ts';
import type { AnswerCache, CachedAnswer } from './answer-cache.ts';
import type { Budget } from './budget.ts';
import type { Delegation, DelegationCache } from './delegation-cache.ts';
import type { Exchanges } from './exchange.ts';
import type { Journal } from './journal.ts';
import type { ResolverLimits } from './limits.ts';
import type { PlainWays } from './plain-ways.ts';
import type { Routes } from './routes.ts';
import type { ServerAddresses } from './server-address.ts';
import type { Translation } from './client-resolution.ts';
import type { ServerBook } from './server-book.ts';
import type { Task } from './task.ts';
import type { VerifiedSets } from './verified-sets.ts';
import type { ZoneLoad } from './zone-load.ts';
import type { TrustCache } from './zone-trust.ts';
import type { TrustAnchors } from '../dnssec/anchor-set.ts';
import type { KeyRing } from '../dnssec/zone-key.ts';
import type { UpstreamFigures } from './upstream-figures.ts';

/** Type and name, class IN. */
export interface Sought {
  readonly name: DomainName;
  readonly type: number;
}

export interface Engine {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: ResolverLimits;
  /** Whether servers are told no more of a name than they need. */
  readonly minimise: boolean;
  readonly answers: AnswerCache;
  readonly delegations: DelegationCache;
  /** What proved denials say of other names. */
  readonly denials: AggressiveDenials;
  /** Whether they are made use of, and that nothing is below a name that isn't there (RFC 8020). */
  readonly aggressive: boolean;
  readonly book: ServerBook;
  readonly exchanges: Exchanges;
  /** Where zones may send us to. */
  readonly serverAddresses: ServerAddresses;
  /** What waits for each zone's servers. */
  readonly load: ZoneLoad;
  readonly trust: {
    readonly anchors: TrustAnchors;
    readonly ring: KeyRing;
    readonly zones: TrustCache;
    readonly verified: VerifiedSets;
  };
  /** What is counted of servers, for the operator. */
  readonly figures: UpstreamFigures;
  /** Who takes the steps of a journey that the resolver takes itself. */
  readonly self: { readonly name: string; readonly address: string } | undefined;
  /** Where threads may ask for themselves; none where there are no such threads. */
  ways(): PlainWays | undefined;
  /** Zones whose servers the operator names. */
  readonly routes: Routes;
  /** What is done to answers for clients. */
  readonly translation: Translation;
  /** What is answered, or withheld, without asking anybody. `filtered`: a client asks, whom block lists are for. */
  local(sought: Sought, filtered: boolean): LocalAnswer | undefined;
  /** The root's servers, primed (RFC 8109) where that is due. */
  root(work: Work): Task<Delegation>;
  /** Resolves what is needed on the way, such as a name server's address, within the same budget. */
  resolveWithin(sought: Sought, work: Work): Task<Outcome>;
}

export interface Work {
  readonly budget: Budget;
  readonly journal: Journal;
  /**
   * Whether what is found must be validated. Not where the client checks for itself (CD), and not for what the resolver needs on its way, such as name
   * servers' addresses: a wrong one leads to wrong answers at worst, and those are validated.
   */
  readonly checking: boolean;
  /** Block lists count: a client asks. */
  readonly filtered: boolean;
  /** What the cache has in the last tenth of its time doesn't count. */
  readonly renew: boolean;
  /** 0 for the client's own question, 1 for what that needs, and so on. */
  readonly depth: number;
  /** What is being resolved on the way here, to notice what needs itself. */
  readonly trail: Trail | undefined;
}

/** Of what is being resolved, and what needs it: as deep as `ResolverLimits.depth` at most. */
export interface Trail {
  readonly sought: Sought;
  readonly above: Trail | undefined;
}

/** Whether it is being resolved already, on the way here. */
export function isOnTrail(trail: Trail | undefined, { name, type }: Sought): boolean {
  for (let at = trail; at !== undefined; at = at.above)
    if (at.sought.type === type && at.sought.name.equals(name)) return true;
  return false;
}

/** How a resolution ends. */
export interface Outcome {
  /** CNAMEs and DNAMEs on the way, in order, with their RRSIGs; TTLs as they are now. */
  readonly aliases: readonly ResourceRecord[];
  /** What proves those of them that wildcards stand for (RFC 4035 §3.1.3.3). */
  readonly aliasProofs: readonly ResourceRecord[];
  /** The name at the end of them: the owner of what was found, or what nothing was found for. */
  readonly name: DomainName;
  readonly end: CachedAnswer;
  /** The resolver says so of its own accord (AA, RFC 6303 §3). */
  readonly authoritative?: true;
  /** Of the whole: its weakest part's. */
  readonly security: Security;
  /** Seconds that the whole stays valid: the least of the chain. */
  readonly ttl: number;
  /** Seconds of the end alone. */
  readonly endTtl: number;
  /** It has expired, and nothing newer was to be had. */
  readonly stale?: true;
  /** Some of it came from the cache in the last tenth of its time. */
  readonly nearEnd?: boolean;
}
