// Asks the primaries of one zone in turn for something new, and takes it from the first that has it (RFC 1034 §4.3.5).
import type { Log } from '../../../lib/log.ts';
import { formatRecord } from '../../wire/presentation.ts';
import { isLater } from '../../wire/serial-arithmetic.ts';
import { askSerial } from './ask-soa.ts';
import { primaryLabel } from './primary.ts';
import type { Primary, PrimaryMeans } from './primary.ts';
import { PrimaryBook } from './primary-book.ts';
import type { SecondaryLimits } from './secondary-limits.ts';
import type { RefreshOutcome, SecondaryZone } from './secondary-zone.ts';
import { Slots } from './slots.ts';
import { soaTimersOf } from './soa-timers.ts';
import { transferZone } from './transfer-zone.ts';
import type { ContentCheck, Transferred, TransferMeans } from './transfer-zone.ts';
import type { ZoneKeeper } from '../../zone/zone-keeper.ts';

export interface VisitOptions extends PrimaryMeans {
  readonly keeper: ZoneKeeper;
  readonly check?: ContentCheck;
  readonly limits: SecondaryLimits;
  readonly log: Log;
}

export class PrimaryVisits {
  readonly #options: VisitOptions;
  readonly #book: PrimaryBook;
  readonly #slots: Slots;

  constructor(options: VisitOptions) {
    const { transfers, transfersEach } = options.limits;
    this.#options = options;
    this.#book = new PrimaryBook(options.clock);
    this.#slots = new Slots(transfers, transfersEach);
  }

  /** Zones that wait for their transfer to begin. */
  get waiting(): number {
    return this.#slots.waiting;
  }

  /** Milliseconds until one of the zone's primaries may be asked again, where none may be now. */
  pauseOf({ primaries }: SecondaryZone): number {
    return Math.min(...primaries.map((primary) => this.#book.pauseOf(primaryLabel(primary))));
  }

  /** `signal` aborts where the zone is no more wanted; `uncount` is called when asking for serials is over and a transfer begins. */
  async visit(
    zone: SecondaryZone,
    wish: { readonly whole: boolean; readonly byHand: boolean },
    signal: AbortSignal,
    uncount: () => void,
  ): Promise<RefreshOutcome> {
    const { origin } = zone;
    const faults: string[] = [];
    let current = false;
    for (const [index, primary] of this.#inTurn(zone)) {
      const label = primaryLabel(primary);
      const called = wish.byHand || primary.endpoint.address === zone.notifier;
      if (!called && this.#book.isDown(label)) {
        faults.push(`${label}: it was not there a short time ago`);
        continue;
      }
      const asked = await askSerial(origin, primary, this.#options, signal, this.#options.limits.patience);
      if (signal.aborted) break;
      if (!asked.ok) {
        if (asked.fault.kind === 'gone') this.#book.wasSilent(label);
        faults.push(`${label}: ${asked.fault.reason}`);
        continue;
      }
      this.#book.isThere(label);
      const { serial } = zone;
      if (serial !== undefined && !wish.whole && !isLater(asked.value, serial)) {
        current = true;
        if (asked.value !== serial) this.#tellOlder(zone, label, asked.value, serial);
        else if (zone.announced === undefined || !isLater(zone.announced, serial)) break;
        // Another primary may have what was announced, or what this one has lost.
        continue;
      }
      uncount();
      const taken = await this.#transfer(zone, primary, wish.whole, signal);
      if (taken.kind === 'failed') {
        faults.push(`${label}: ${taken.reason}`);
        continue;
      }
      zone.preferred = index;
      return taken;
    }
    if (current && zone.serial !== undefined) return { kind: 'current', serial: zone.serial };
    return { kind: 'failed', reason: faults.length === 0 ? 'given up' : faults.join('; ') };
  }

  /** RFC 1034 §4.3.5: nothing older is taken. Whoever means it to be asks for the whole zone by hand. */
  #tellOlder(zone: SecondaryZone, primary: string, theirs: number, ours: number): void {
    this.#options.log.warn('a primary has an older serial than we do; its zone is not taken', {
      zone: zone.origin.toString(),
      primary,
      theirs,
      ours,
    });
  }

  async #transfer(
    zone: SecondaryZone,
    primary: Primary,
    whole: boolean,
    gone: AbortSignal,
  ): Promise<RefreshOutcome> {
    const label = primaryLabel(primary);
    const { origin } = zone;
    await this.#slots.enter(label);
    const late = new AbortController();
    const timer = this.#options.clock.after(this.#options.limits.transferMs, () => late.abort());
    try {
      const { patience, transfer: limits } = this.#options.limits;
      const means: TransferMeans = { ...this.#options, patience, limits };
      const signal = AbortSignal.any([gone, late.signal]);
      const taken = await transferZone({ origin, whole }, primary, means, signal);
      if (!taken.ok) {
        const reason = late.signal.aborted ? 'the transfer took too long' : taken.fault.reason;
        return { kind: 'failed', reason };
      }
      return this.#taken(zone, label, taken.value);
    } finally {
      timer.cancel();
      this.#slots.leave(label);
    }
  }

  #taken(zone: SecondaryZone, from: string, transferred: Transferred): RefreshOutcome {
    const { how, view, steps, instead, unfit } = transferred;
    zone.serial = view.serial;
    zone.timers = soaTimersOf(view);
    if (how === 'current') return { kind: 'current', serial: view.serial };
    const name = zone.origin.toString();
    const { serial } = view;
    this.#options.log.info('a zone was taken from its primary', {
      zone: name,
      primary: from,
      serial,
      how: how === 'whole' ? 'AXFR' : 'IXFR',
      ...(how === 'steps' && { steps }),
      ...(instead !== undefined && { instead }),
    });
    if (unfit !== undefined)
      this.#options.log.warn('a zone has data that other servers will refuse, and the zone with it', {
        zone: name,
        primary: from,
        record: formatRecord(unfit),
      });
    return { kind: 'taken', serial, from, steps: how === 'steps' ? steps : undefined };
  }

  /** Who sent the NOTIFY first, then whoever did well last, then the others as they stand in the config. */
  #inTurn(zone: SecondaryZone): readonly (readonly [number, Primary])[] {
    const rank = (index: number, primary: Primary): number => {
      if (primary.endpoint.address === zone.notifier) return -2;
      return index === zone.preferred ? -1 : index;
    };
    return [...zone.primaries.entries()].sort(([i, a], [j, b]) => rank(i, a) - rank(j, b));
  }
}
