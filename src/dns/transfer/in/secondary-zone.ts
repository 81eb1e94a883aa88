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

/** What most zones have; never changed. */
const none: ((outcome: RefreshOutcome) => void)[] = [];

/** A zone's place in a queue. */
export class Turn implements Due {
  at = 0;
  place = -1;
  readonly zone: SecondaryZone;

  constructor(zone: SecondaryZone) {
    this.zone = zone;
  }
}

/** A class and no literal, since there may be a hundred thousand of them. Times are milliseconds of the monotonic clock. */
export class SecondaryZone {
  readonly origin: DomainName;
  readonly primaries: readonly Primary[];
  /** As it is kept in the store. */
  state: ZoneState;
  /** Of the content, be it expired; `undefined` where there is none. */
  serial: number | undefined = undefined;
  timers: SoaTimers | undefined = undefined;
  expired = false;
  /** `waiting`: for its turn to be asked for. */
  phase: 'idle' | 'waiting' | 'running' = 'idle';
  checkAt: number;
  expireAt: number = Number.POSITIVE_INFINITY;
  checkedAt: number = Number.NEGATIVE_INFINITY;
  failures = 0;
  /** Index of the primary that did well last. */
  preferred = 0;
  /** A NOTIFY came while it was being asked for. */
  again = false;
  /** The serial that a NOTIFY told, and the address it came from. */
  announced: number | undefined = undefined;
  notifier: string | undefined = undefined;
  /** By hand: the whole zone is wanted, whatever its serial; who waits for the outcome. */
  whole = false;
  askers: ((outcome: RefreshOutcome) => void)[] = none;
  /** Ends what runs for it where it is no more ours. */
  running: AbortController | undefined = undefined;
  readonly timer: Turn;
  readonly turn: Turn;

  constructor(origin: DomainName, primaries: readonly Primary[], state: ZoneState, now: number) {
    this.origin = origin;
    this.primaries = primaries;
    this.state = state;
    this.checkAt = now;
    this.timer = new Turn(this);
    this.turn = new Turn(this);
  }

  /** Who waited until now. */
  takeAskers(): readonly ((outcome: RefreshOutcome) => void)[] {
    const askers = this.askers;
    this.askers = none;
    return askers;
  }
}
