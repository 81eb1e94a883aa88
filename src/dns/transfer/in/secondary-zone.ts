// What a secondary knows of one zone that it takes from elsewhere.
import type { DomainName } from '../../wire/name.ts';
import type { ZoneState } from '../../zone/zone-store.ts';
import type { Due } from './due-queue.ts';
import type { Primary } from './primary.ts';
import type { SoaTimers } from './soa-timers.ts';

/** What came of asking the primaries. */
export type RefreshOutcome =
  /** New content is served; `steps`: how many, where it came by them. */
  | {
      readonly kind: 'taken';
      readonly serial: number;
      readonly from: string;
      readonly steps: number | undefined;
    }
  /** What we have is what there is. */
  | { readonly kind: 'current'; readonly serial: number }
  /** `reason`: a sentence for each primary. */
  | { readonly kind: 'failed'; readonly reason: string };

/** A place in a queue. */
export interface Turn extends Due {
  readonly zone: SecondaryZone;
}

export interface SecondaryZone {
  readonly origin: DomainName;
  readonly primaries: readonly Primary[];
  /** As it is kept in the store. */
  state: ZoneState;
  /** Of the content, be it expired; `undefined` where there is none. */
  serial: number | undefined;
  timers: SoaTimers | undefined;
  expired: boolean;
  /** `waiting`: for its turn to be asked for. */
  phase: 'idle' | 'waiting' | 'running';
  /** Milliseconds of the monotonic clock, as are those below. */
  checkAt: number;
  expireAt: number;
  checkedAt: number;
  failures: number;
  /** Index of the primary that did well last. */
  preferred: number;
  /** A NOTIFY came while it was being asked for. */
  again: boolean;
  /** The serial that a NOTIFY told, and the address it came from. */
  announced: number | undefined;
  notifier: string | undefined;
  /** By hand: the whole zone is wanted, whatever its serial; who waits for the outcome. */
  whole: boolean;
  readonly askers: ((outcome: RefreshOutcome) => void)[];
  /** Ends what runs for it where it is no more ours. */
  running: AbortController | undefined;
  readonly timer: Turn;
  readonly turn: Turn;
}
