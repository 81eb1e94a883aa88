// How much a secondary does at once, and how long it waits.
import { usualPatience } from './primary.ts';
import type { PrimaryPatience } from './primary.ts';
import { defaultTransferLimits } from './transfer-decoder.ts';
import type { TransferLimits } from './transfer-decoder.ts';

export interface SecondaryLimits {
  /** Primaries asked for a serial at once. */
  readonly checks: number;
  /** Transfers at once, in all and from each primary. */
  readonly transfers: number;
  readonly transfersEach: number;
  /** Milliseconds that a transfer may take. */
  readonly transferMs: number;
  /** Milliseconds between two questions for one zone that NOTIFY causes. */
  readonly notifyGapMs: number;
  readonly patience: PrimaryPatience;
  readonly transfer: TransferLimits;
}

export const defaultSecondaryLimits: SecondaryLimits = {
  checks: 100,
  transfers: 10,
  transfersEach: 4,
  transferMs: 2 * 3_600_000,
  notifyGapMs: 500,
  patience: usualPatience,
  transfer: defaultTransferLimits,
};
