// What a fuzz target is. `test/fuzz/targets/*.ts` each export one as `target`; `npm run fuzz` runs them at length,
// `fuzz.test.ts` a fixed share of it in every test run.
import type { Random } from '../../src/lib/random.ts';

export interface FuzzTarget {
  /** Unique, short: `dns-message`. */
  readonly name: string;
  /** Inputs to start mutating from: valid ones, and whatever ever broke us. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that mutation puts into inputs now and then: keywords, separators, magic numbers. */
  readonly words?: readonly Uint8Array[];
  /** Steps in every test run; 2,000 unless a step is dear. */
  readonly testSteps?: number;
  /** Octets of caches, bounded by themselves, that the target fills over a long campaign; none unless given. */
  readonly keeps?: number;
  /** What was done in all steps so far, where the number of steps doesn't tell it: told at the end of a campaign. */
  tally?(): Readonly<Record<string, number>>;
  /** Must neither throw nor hang, whatever `input` holds. Everything it needs to choose comes from `random`. */
  run(input: Uint8Array, random: Random): void | Promise<void>;
}
