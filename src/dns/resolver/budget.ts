// The work that one client query may cause. All its sub-queries share the one budget, and nothing ever resets it: whatever a zone
// says (NXNSAttack, long chains, slow servers), the work ends.
import type { Clock } from '../../lib/clock.ts';
import type { ValidationWork } from '../dnssec/work.ts';
import type { ResolverLimits } from './limits.ts';

export class Budget implements ValidationWork {
  readonly mostIterations: number;
  readonly #clock: Clock;
  readonly #whole: Budget | undefined;
  readonly #deadline: number;
  readonly #mostHashes: number;
  #queries: number;
  #targets: number;
  #failedTargets: number;
  #aliases: number;
  #checks: number;
  #digests: number;
  #hashes: number;
  #dsLookups: number;
  #secondOpinions: number;
  #validationSpent = false;

  /** `whole`: the budget that this is a part of: what is asked within this one, is asked within that one. */
  constructor(limits: ResolverLimits, clock: Clock, whole?: Budget) {
    this.#clock = clock;
    this.#whole = whole;
    this.#deadline = clock.monotonic() + Math.min(limits.timeMs, whole?.timeLeft ?? limits.timeMs);
    this.#queries = limits.queries;
    this.#targets = limits.targets;
    this.#failedTargets = limits.failedTargets;
    this.#aliases = limits.aliases;
    this.#checks = limits.signatureChecks;
    this.#digests = limits.keyDigests;
    this.#hashes = limits.nsec3Hashes;
    this.#mostHashes = limits.nsec3Hashes;
    this.mostIterations = limits.nsec3Iterations;
    this.#dsLookups = limits.dsLookups;
    this.#secondOpinions = limits.secondOpinions;
  }

  /** Milliseconds left; 0 when the time is over. */
  get timeLeft(): number {
    return Math.max(0, this.#deadline - this.#clock.monotonic());
  }

  /** Why no more may be asked, as a sentence, or `undefined` while there is budget. */
  get exhausted(): string | undefined {
    if (this.timeLeft <= 0) return 'the time for one question is over';
    if (this.#queries <= 0) return 'too many servers had to be asked for one question';
    return undefined;
  }

  /** Whether anything that it takes to find a server with an answer is used up: what fails then may be there for another question. */
  get spent(): boolean {
    return this.exhausted !== undefined || this.#targets <= 0 || this.#failedTargets <= 0;
  }

  /** Takes one question to an upstream server. */
  takeQuery(): boolean {
    if (this.exhausted !== undefined || this.#whole?.takeQuery() === false) return false;
    this.#queries -= 1;
    return true;
  }

  /** Takes the look-up of one name server's addresses. */
  takeTarget(): boolean {
    if (this.#targets <= 0 || this.#failedTargets <= 0) return false;
    this.#targets -= 1;
    return true;
  }

  /** Notes that one of them has no address. */
  targetFailed(): void {
    this.#failedTargets -= 1;
  }

  /** Takes one step of a CNAME or DNAME chain. */
  takeAlias(): boolean {
    if (this.#aliases <= 0) return false;
    this.#aliases -= 1;
    return true;
  }

  /** Whether validation had to stop for want of budget: what it says then may be no fault of the zone's. */
  get validationSpent(): boolean {
    return this.#validationSpent;
  }

  /** Takes one check of a signature (KeyTrap, CVE-2023-50387). */
  takeCheck(): boolean {
    return this.#granted(this.#checks-- > 0);
  }

  /** Takes one comparison of a key with a DS record. */
  takeDigest(): boolean {
    return this.#granted(this.#digests-- > 0);
  }

  /** Takes one NSEC3 hash (CVE-2023-50868). */
  takeHash(): boolean {
    return this.#granted(this.#hashes-- > 0);
  }

  /** Takes one hash for what may save a question, while half of them are left for what must be validated. */
  takeSpareHash(): boolean {
    if (this.#hashes <= this.#mostHashes / 2) return false;
    this.#hashes -= 1;
    return true;
  }

  /** Takes one question for the DS records of a name that may be a cut. */
  takeDsLookup(): boolean {
    return this.#granted(this.#dsLookups-- > 0);
  }

  /** Takes one question more to another server, because what the last one said didn't hold. */
  takeSecondOpinion(): boolean {
    return this.exhausted === undefined && this.#secondOpinions-- > 0;
  }

  #granted(enough: boolean): boolean {
    if (!enough) this.#validationSpent = true;
    return enough;
  }
}
