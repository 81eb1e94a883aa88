// Tells the secondaries of a zone that it has a new serial (RFC 1996), each until it answers. However many changes come meanwhile, a
// secondary is told once at a time, and of the newest.
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import type { Network } from '../../lib/transport.ts';
import { primaryLabel } from '../transfer/in/primary.ts';
import type { Primary } from '../transfer/in/primary.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneKeeper } from '../zone/zone-keeper.ts';
import { sayNotify } from './say-notify.ts';

/** A secondary: where it is, the key that what we say to it is signed by, and whether it is told over TLS. */
export type NotifyTarget = Primary;

export interface NotifySenderOptions {
  readonly keeper: Pick<ZoneKeeper, 'view' | 'watch'>;
  /** Who is told of that zone. */
  readonly targets: (origin: DomainName) => readonly NotifyTarget[];
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Secondaries being told at once in all, and zones of which one is told at once; default 128 and 16. */
  readonly limits?: { readonly total: number; readonly perTarget: number };
}

/** Pauses before a secondary that hasn't answered is told again; milliseconds (RFC 1996 §3.6 proposes 60 seconds, growing). */
const pauses: readonly number[] = [60_000, 120_000, 240_000, 480_000, 960_000];

/** That one secondary is to be told of one zone. */
interface Errand {
  readonly origin: DomainName;
  readonly lane: Lane;
  /** How often it didn't answer. */
  failures: number;
  phase: 'waiting' | 'telling' | 'pausing';
  timer: Timer | undefined;
}

/** One secondary, with what it is to be told. */
interface Lane {
  readonly target: NotifyTarget;
  /** By origin. */
  readonly errands: Map<string, Errand>;
  /** Those that can go, in their order. */
  readonly waiting: Set<Errand>;
  telling: number;
}

export class NotifySender implements Disposable {
  readonly #options: NotifySenderOptions;
  readonly #limits: { readonly total: number; readonly perTarget: number };
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that have room of their own and wait for room in all. */
  readonly #held = new Set<Lane>();
  readonly #stopping = new AbortController();
  #stopWatching: (() => void) | undefined;
  #telling = 0;

  constructor(options: NotifySenderOptions) {
    this.#options = options;
    this.#limits = options.limits ?? { total: 128, perTarget: 16 };
  }

  /**
   * Tells of these zones, because nobody knows what has changed before the start, and of every change from now on. To be called once, when
   * who has been told can come and look.
   */
  start(origins: Iterable<DomainName>): void {
    this.#stopWatching = this.#options.keeper.watch(({ kind, origin }) => {
      if (kind === 'removed') this.#forget(origin);
      else this.#notify(origin);
    });
    for (const origin of origins) this.#notify(origin);
  }

  #notify(origin: DomainName): void {
    for (const target of this.#options.targets(origin)) {
      const lane = this.#lane(target);
      const errand = lane.errands.get(origin.key);
      if (errand === undefined) {
        const added: Errand = { origin, lane, failures: 0, phase: 'waiting', timer: undefined };
        lane.errands.set(origin.key, added);
        this.#wait(added);
      } else if (errand.phase === 'pausing') {
        errand.timer?.cancel();
        errand.failures = 0;
        this.#wait(errand);
      }
      this.#proceed(lane);
    }
  }

  /** How many secondaries are still to be told of how many zones together. */
  get pending(): number {
    let count = 0;
    for (const { errands } of this.#lanes.values()) count += errands.size;
    return count;
  }

  [Symbol.dispose](): void {
    this.#stopWatching?.();
    this.#stopping.abort();
    for (const { errands } of this.#lanes.values()) for (const { timer } of errands.values()) timer?.cancel();
    this.#lanes.clear();
  }

  #lane(target: NotifyTarget): Lane {
    const label = `${primaryLabel(target)} ${target.key?.name.key ?? ''}`;
    const known = this.#lanes.get(label);
    if (known !== undefined) return known;
    const lane: Lane = { target, errands: new Map(), waiting: new Set(), telling: 0 };
    this.#lanes.set(label, lane);
    return lane;
  }

  #proceed(lane: Lane): void {
    for (const errand of lane.waiting) {
      if (lane.telling >= this.#limits.perTarget) return;
      if (this.#telling >= this.#limits.total) {
        this.#held.add(lane);
        return;
      }
      lane.waiting.delete(errand);
      void this.#tell(errand);
    }
  }

  async #tell(errand: Errand): Promise<void> {
    const { lane, origin } = errand;
    const { keeper, log } = this.#options;
    errand.phase = 'telling';
    lane.telling += 1;
    this.#telling += 1;
    const view = keeper.view(origin);
    const outcome =
      view === undefined
        ? undefined
        : await sayNotify(view, lane.target, this.#options, this.#stopping.signal);
    lane.telling -= 1;
    this.#telling -= 1;
    if (this.#stopping.signal.aborted) return;
    const fields = { zone: origin.toString(), serial: view?.serial, to: primaryLabel(lane.target) };
    // Taken away meanwhile, or nothing to tell of.
    if (view === undefined || outcome === undefined || lane.errands.get(origin.key) !== errand)
      this.#drop(errand);
    else if (outcome.ok) {
      if (outcome.value === '') log.info('a secondary was notified', fields);
      else log.warn('a secondary doesn’t take our NOTIFY', { ...fields, answer: outcome.value });
      const now = keeper.view(origin)?.serial;
      // Changed meanwhile.
      if (now !== undefined && now !== view.serial) this.#wait(errand);
      else this.#drop(errand);
    } else this.#pause(errand, outcome.fault, fields);
    this.#proceed(lane);
    for (const held of this.#held) {
      this.#held.delete(held);
      this.#proceed(held);
      if (this.#telling >= this.#limits.total) break;
    }
  }

  /** To the end of its lane. */
  #wait(errand: Errand): void {
    errand.phase = 'waiting';
    errand.timer = undefined;
    errand.lane.waiting.add(errand);
  }

  #pause(
    errand: Errand,
    reason: string,
    fields: Readonly<Record<string, string | number | undefined>>,
  ): void {
    const { clock, log } = this.#options;
    const pause = pauses[errand.failures];
    errand.failures += 1;
    if (pause === undefined) {
      // It asks by itself when its refresh timer says so (RFC 1996 §3.6).
      log.warn('a secondary was not notified: it never answers', { ...fields, reason });
      this.#drop(errand);
      return;
    }
    log.debug('a secondary didn’t answer NOTIFY', { ...fields, reason, again: pause / 1000 });
    errand.phase = 'pausing';
    errand.timer = clock.after(pause, () => {
      this.#wait(errand);
      this.#proceed(errand.lane);
    });
  }

  #drop(errand: Errand): void {
    errand.timer?.cancel();
    const { lane, origin } = errand;
    lane.waiting.delete(errand);
    if (lane.errands.get(origin.key) === errand) lane.errands.delete(origin.key);
  }

  #forget(origin: DomainName): void {
    for (const { errands } of this.#lanes.values()) {
      const errand = errands.get(origin.key);
      if (errand !== undefined) this.#drop(errand);
    }
  }
}
