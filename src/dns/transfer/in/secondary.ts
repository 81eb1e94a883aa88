// The life of the zones that we take from primaries (RFC 1034 §4.3.5): each is asked for when its refresh time is over, when a NOTIFY
// says that it has changed (RFC 1996), again after its retry time where that fails, and is no longer served when its expiry
// comes before a primary does. Bounded for any number of zones: one timer, and so many questions and transfers at once.
import type { Clock, Timer } from '../../../lib/clock.ts';
import type { Endpoint } from '../../../lib/endpoint.ts';
import type { Log } from '../../../lib/log.ts';
import type { Random } from '../../../lib/random.ts';
import { unreachable } from '../../../lib/result.ts';
import type { Network } from '../../../lib/transport.ts';
import type { DomainName } from '../../wire/name.ts';
import { isLater } from '../../wire/serial-arithmetic.ts';
import type { ZoneKeeper } from '../../zone/zone-keeper.ts';
import type { ZoneState, ZoneStore } from '../../zone/zone-store.ts';
import type { ZoneView } from '../../zone/zone-view.ts';
import { DueQueue } from './due-queue.ts';
import type { Primary } from './primary.ts';
import { defaultSecondaryLimits } from './secondary-limits.ts';
import type { SecondaryLimits } from './secondary-limits.ts';
import { SecondaryZone } from './secondary-zone.ts';
import type { RefreshOutcome, Turn } from './secondary-zone.ts';
import { soaTimersOf, waitWithoutContent } from './soa-timers.ts';
import type { ContentCheck } from './transfer-zone.ts';
import { PrimaryVisits } from './visit-primaries.ts';

export interface SecondaryOptions {
  readonly keeper: ZoneKeeper;
  readonly store: Pick<ZoneStore, 'saveState'>;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Looks at what was transferred before it is served (ZONEMD). */
  readonly check?: ContentCheck;
  readonly limits?: Partial<SecondaryLimits>;
}

export interface SecondarySource {
  readonly origin: DomainName;
  /** The first first; at least one. */
  readonly primaries: readonly Primary[];
  /** As the store has it. */
  readonly state: ZoneState;
}

/** Times are milliseconds since the epoch. */
export interface SecondaryStatus {
  readonly origin: DomainName;
  readonly serial: number | undefined;
  readonly expired: boolean;
  readonly phase: SecondaryZone['phase'];
  readonly refreshedAt: number | undefined;
  readonly expiresAt: number | undefined;
  readonly nextCheckAt: number;
}

/** Zones that wait for a transfer to begin, above which no more are asked for. */
const mostWaiting = 10_000;
/** The state is written when the kept one is so much older than the truth; a restart may then expire a zone that much early. */
const longestUnsaved = 60_000;

export class Secondary {
  readonly #options: SecondaryOptions;
  readonly #limits: SecondaryLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #zones = new Map<string, SecondaryZone>();
  /** By the time of the next check or of the expiry. */
  readonly #timers = new DueQueue<Turn>();
  /** Zones to be asked for, in the order of their numbers. */
  readonly #turns = new DueQueue<Turn>();
  readonly #visits: PrimaryVisits;
  readonly #running = new Set<Promise<void>>();
  #checks = 0;
  #order = 0;
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #closed = false;

  constructor(options: SecondaryOptions) {
    this.#options = options;
    this.#limits = { ...defaultSecondaryLimits, ...options.limits };
    this.#clock = options.clock;
    this.#log = options.log;
    this.#visits = new PrimaryVisits({ ...options, limits: this.#limits });
  }

  /**
   * Takes the zone from its primaries from now on, in place of what was said of it before. The keeper must know the zone and
   * have the content that is kept of it; where that has expired in the meantime, it is not served.
   */
  add(source: SecondarySource): void {
    this.remove(source.origin);
    if (this.#closed) return;
    const now = this.#clock.monotonic();
    const zone = new SecondaryZone(source.origin, source.primaries, source.state, now);
    this.#zones.set(zone.origin.key, zone);
    const view = this.#options.keeper.view(zone.origin);
    if (view !== undefined) this.#resume(zone, view, now);
    this.#schedule(zone);
  }

  /** Ends what is under way for it. Its content is the keeper's to forget. */
  remove(origin: DomainName): void {
    const zone = this.#zones.get(origin.key);
    if (zone === undefined) return;
    this.#zones.delete(origin.key);
    this.#timers.delete(zone.timer);
    this.#turns.delete(zone.turn);
    zone.running?.abort();
    this.#answerAskers(zone, { kind: 'failed', reason: 'the zone is no longer taken from anywhere' });
  }

  has(origin: DomainName): boolean {
    return this.#zones.has(origin.key);
  }

  /**
   * A NOTIFY has come (RFC 1996 §3.11) from somebody who may send one. `serial`: what it tells, a mere hint. Gives whether the zone
   * is one of ours. However many come, the primaries are asked once at a time and not more often than the limits say.
   */
  notified(origin: DomainName, serial: number | undefined, from: Endpoint): boolean {
    const zone = this.#zones.get(origin.key);
    if (zone === undefined) return false;
    const known =
      serial !== undefined && zone.serial !== undefined && !zone.expired && !isLater(serial, zone.serial);
    if (known) return true;
    if (serial !== undefined && (zone.announced === undefined || isLater(serial, zone.announced)))
      zone.announced = serial;
    zone.notifier = from.address;
    // RFC 1996 §4.4: while one is being attended to, others wait for it to be over.
    if (zone.phase === 'running') {
      zone.again = true;
      return true;
    }
    const now = this.#clock.monotonic();
    zone.checkAt = Math.min(zone.checkAt, Math.max(now, zone.checkedAt + this.#limits.notifyGapMs));
    this.#schedule(zone);
    return true;
  }

  /** Asks the primaries now, as an operator wishes; `undefined` where the zone is none of ours. `whole`: takes all of it, whatever its serial. */
  refresh(origin: DomainName, whole = false): Promise<RefreshOutcome> | undefined {
    const zone = this.#zones.get(origin.key);
    if (zone === undefined) return undefined;
    zone.whole ||= whole;
    return new Promise((resolve) => {
      zone.askers = [...zone.askers, resolve];
      if (zone.phase === 'running') zone.again = true;
      else {
        zone.checkAt = this.#clock.monotonic();
        this.#schedule(zone);
      }
    });
  }

  status(): readonly SecondaryStatus[] {
    const wall = this.#clock.now() - this.#clock.monotonic();
    return [...this.#zones.values()].map((zone) => ({
      origin: zone.origin,
      serial: zone.serial,
      expired: zone.expired,
      phase: zone.phase,
      refreshedAt: zone.state.refreshedAt,
      expiresAt: Number.isFinite(zone.expireAt) ? zone.expireAt + wall : undefined,
      nextCheckAt: zone.checkAt + wall,
    }));
  }

  /** Breaks off what runs, and waits for it to be over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.timer.cancel();
    for (const zone of this.#zones.values()) this.remove(zone.origin);
    await Promise.all(this.#running);
  }

  /** Goes on with content that is there. */
  #resume(zone: SecondaryZone, view: ZoneView, now: number): void {
    const timers = soaTimersOf(view);
    // Without a word of when it was refreshed it may be of any age; a fresh start is what its operator would expect.
    const age = Math.max(0, this.#clock.now() - (zone.state.refreshedAt ?? this.#clock.now()));
    zone.serial = view.serial;
    zone.timers = timers;
    zone.expireAt = now + timers.expire - age;
    zone.checkAt =
      zone.state.refreshedAt === undefined ? now : Math.max(now, now + this.#jittered(timers.refresh) - age);
    if (zone.expireAt <= now) this.#expire(zone);
  }

  #schedule(zone: SecondaryZone): void {
    const checkAt = zone.phase === 'idle' ? zone.checkAt : Number.POSITIVE_INFINITY;
    const at = Math.min(checkAt, zone.expireAt);
    if (Number.isFinite(at)) this.#timers.set(zone.timer, at);
    else this.#timers.delete(zone.timer);
    this.#wind();
  }

  /** Sets the one timer to what is due first. */
  #wind(): void {
    const at = this.#timers.first?.at;
    if (at === undefined || this.#closed) return;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => this.#ring());
    this.#timer = { timer, at };
  }

  #ring(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let due = this.#timers.first; due !== undefined && due.at <= now; due = this.#timers.first) {
      const { zone } = due;
      if (zone.expireAt <= now) this.#expire(zone);
      if (zone.phase === 'idle' && zone.checkAt <= now) {
        zone.phase = 'waiting';
        // Who was called for, by hand or NOTIFY, and who has nothing to serve goes before those whose time is merely over.
        const urgent = zone.askers.length > 0 || zone.notifier !== undefined || zone.serial === undefined;
        this.#turns.set(zone.turn, (this.#order += 1) - (urgent ? Number.MAX_SAFE_INTEGER / 2 : 0));
      }
      this.#schedule(zone);
    }
    this.#wind();
    this.#begin();
  }

  #begin(): void {
    while (this.#checks < this.#limits.checks && this.#visits.waiting < mostWaiting) {
      const turn = this.#turns.first;
      if (turn === undefined) return;
      this.#turns.delete(turn);
      const run = this.#run(turn.zone).finally(() => this.#running.delete(run));
      this.#running.add(run);
    }
  }

  async #run(zone: SecondaryZone): Promise<void> {
    zone.phase = 'running';
    zone.checkedAt = this.#clock.monotonic();
    zone.again = false;
    const gone = new AbortController();
    zone.running = gone;
    const [askers, whole] = [zone.takeAskers(), zone.whole];
    zone.whole = false;
    this.#checks += 1;
    // A transfer has its own bound, so its zone makes room for others to be asked for.
    let counted = true;
    const uncount = (): void => {
      if (counted) this.#checks -= 1;
      counted = false;
    };
    let outcome: RefreshOutcome;
    try {
      outcome = await this.#visits.visit(zone, { whole, byHand: askers.length > 0 }, gone.signal, uncount);
    } catch (error) {
      // The keeper's disk is full, or there is a bug: neither may end the zone's life.
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error('a zone could not be taken', { zone: zone.origin.toString(), reason });
      outcome = { kind: 'failed', reason };
    }
    uncount();
    zone.phase = 'idle';
    zone.running = undefined;
    if (this.#zones.get(zone.origin.key) === zone) this.#settle(zone, outcome);
    for (const asker of askers) asker(outcome);
    this.#begin();
  }

  #settle(zone: SecondaryZone, outcome: RefreshOutcome): void {
    const now = this.#clock.monotonic();
    switch (outcome.kind) {
      case 'taken':
      case 'current':
        this.#refreshed(zone, now);
        break;
      case 'failed': {
        zone.failures += 1;
        const { timers } = zone;
        const wait = timers === undefined ? waitWithoutContent(zone.failures) : timers.retry;
        // Before one of the primaries may be asked again, another look is of no use.
        const pause = this.#visits.pauseOf(zone);
        zone.checkAt = now + (pause > wait ? pause + this.#options.random.below(wait) : this.#jittered(wait));
        this.#log.warn('no primary gave a zone', { zone: zone.origin.toString(), reason: outcome.reason });
        break;
      }
      default:
        unreachable(outcome);
    }
    const { announced, serial } = zone;
    zone.announced = undefined;
    zone.notifier = undefined;
    const served = serial !== undefined && announced !== undefined && !isLater(announced, serial);
    if (zone.askers.length > 0) zone.checkAt = now;
    else if (zone.again && !served)
      zone.checkAt = Math.min(zone.checkAt, zone.checkedAt + this.#limits.notifyGapMs);
    this.#schedule(zone);
  }

  #refreshed(zone: SecondaryZone, now: number): void {
    const { timers } = zone;
    if (timers === undefined) return;
    zone.failures = 0;
    zone.checkAt = now + this.#jittered(timers.refresh);
    zone.expireAt = now + timers.expire;
    if (zone.expired) {
      zone.expired = false;
      this.#options.keeper.revive(zone.origin);
      this.#log.info('an expired zone is served again', { zone: zone.origin.toString() });
    }
    const refreshedAt = this.#clock.now();
    const saved = zone.state.refreshedAt ?? Number.NEGATIVE_INFINITY;
    if (refreshedAt - saved < Math.min(longestUnsaved, timers.expire / 10)) return;
    zone.state = { ...zone.state, refreshedAt };
    this.#options.store.saveState(zone.origin, zone.state).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error("a zone's state could not be kept", { zone: zone.origin.toString(), reason });
    });
  }

  #expire(zone: SecondaryZone): void {
    zone.expired = true;
    zone.expireAt = Number.POSITIVE_INFINITY;
    this.#options.keeper.expire(zone.origin);
    this.#log.error('a zone has expired: no primary answered for too long, and it is no longer served', {
      zone: zone.origin.toString(),
    });
  }

  /** Somewhat less, so that what began together doesn't go on together. */
  #jittered(ms: number): number {
    return ms - this.#options.random.below(Math.floor(Math.min(ms, 2 ** 33) / 4) + 1);
  }

  #answerAskers(zone: SecondaryZone, outcome: RefreshOutcome): void {
    for (const asker of zone.takeAskers()) asker(outcome);
  }
}
