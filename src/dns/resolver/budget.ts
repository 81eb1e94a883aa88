// The work that one client query may cause. All its sub-queries share the one budget, and nothing ever resets it: whatever a zone
// says (NXNSAttack, long chains, slow servers), the work ends.
import type { Clock } from '../../lib/clock.ts';
import type { ResolverLimits } from './limits.ts';

export class Budget {
  readonly #clock: Clock;
  readonly #deadline: number;
  #queries: number;
  #targets: number;
  #aliases: number;

  constructor(limits: ResolverLimits, clock: Clock) {
    this.#clock = clock;
    this.#deadline = clock.monotonic() + limits.timeMs;
    this.#queries = limits.queries;
    this.#targets = limits.targets;
    this.#aliases = limits.aliases;
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

  /** Takes one question to an upstream server. */
  takeQuery(): boolean {
    if (this.exhausted !== undefined) return false;
    this.#queries -= 1;
    return true;
  }

  /** Takes the look-up of one name server's addresses. */
  takeTarget(): boolean {
    if (this.#targets <= 0) return false;
    this.#targets -= 1;
    return true;
  }

  /** Takes one step of a CNAME or DNAME chain. */
  takeAlias(): boolean {
    if (this.#aliases <= 0) return false;
    this.#aliases -= 1;
    return true;
  }
}
