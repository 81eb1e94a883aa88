// What the bench found: one row a figure and server.
import type { Part } from './options.ts';

export interface Row {
  readonly part: Part;
  readonly figure: string;
  readonly unit: string;
  /** Which direction is good. */
  readonly better: 'less' | 'more';
  readonly server: string;
  readonly ours: boolean;
  /** One a round. */
  readonly samples: readonly number[];
}

export interface Skipped {
  readonly part: Part;
  readonly server: string;
  readonly reason: string;
}

export interface Findings {
  readonly rows: readonly Row[];
  readonly skipped: readonly Skipped[];
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
