// The bound on the octets of all messages that are arriving at the same time, over all connections of the process.
import type { Clock } from '../../lib/clock.ts';

export interface ContentMemoryLimits {
  /** Above this, no further message is begun: its connection waits, unread. */
  readonly soft: number;
  /** Above this, messages that have begun are refused as they grow. */
  readonly hard: number;
}

/** Of the octets that all messages may have: half of them are for those that have begun. */
export function contentMemoryLimits(octets: number): ContentMemoryLimits {
  return { soft: Math.floor(octets / 2), hard: octets };
}

/**
 * Two limits, because with one alone connections that each hold half a message could wait for each other for ever.
 * Between them only messages grow that have begun.
 */
export class ContentMemory {
  readonly #limits: ContentMemoryLimits;
  readonly #clock: Clock;
  readonly #waiting = new Set<(granted: boolean) => void>();
  #used = 0;

  constructor(clock: Clock, limits: ContentMemoryLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Octets reserved. */
  get used(): number {
    return this.#used;
  }

  /** Takes octets for a message that has begun; false above the hard limit, and then nothing is taken. */
  reserve(octets: number): boolean {
    if (this.#used + octets > this.#limits.hard) return false;
    this.#used += octets;
    return true;
  }

  release(octets: number): void {
    this.#used -= octets;
    for (const grant of this.#waiting) {
      if (this.#used >= this.#limits.soft) return;
      grant(true);
    }
  }

  /** Resolves when a message may begin: at once, in turn when others end, or with `false` after `waitMs`. */
  async room(waitMs: number): Promise<boolean> {
    if (this.#used < this.#limits.soft) return true;
    return new Promise((resolve) => {
      const answer = (granted: boolean): void => {
        timer.cancel();
        this.#waiting.delete(answer);
        resolve(granted);
      };
      const timer = this.#clock.after(waitMs, () => answer(false));
      this.#waiting.add(answer);
    });
  }
}
