// Who is let in where other servers bring mail, and how fast: one for all connections of the role, a `Visit` for each of them.
// Knows no protocol: what is told to whom it refuses, the session says.
import { AddressRanges } from '../lib/address-ranges.ts';
import type { Clock } from '../lib/clock.ts';
import { Throttle } from '../lib/throttle.ts';
import { Acquaintances } from './acquaintances.ts';
import { SenderLimits } from './sender-limits.ts';
import type { SenderLimitSettings } from './sender-limits.ts';
import { openVisit, unlimitedVisit } from './visit.ts';
import type { Visit } from './visit.ts';

export interface ReceptionSettings {
  readonly limits: SenderLimitSettings;
  /** CIDR blocks of whoever is let in without all this. */
  readonly exempt: readonly string[];
  /** Milliseconds that strangers wait for the greeting; 0: none. */
  readonly greetingDelayMs: number;
  readonly refuseEarlyTalkers: boolean;
  readonly tarpit: TarpitSettings;
}

export interface TarpitSettings {
  /** Refused commands of an address that cost nothing. */
  readonly free: number;
  /** Milliseconds before the reply to the first one beyond; doubled with each one more, up to `longestMs`. 0: no tarpit. */
  readonly firstMs: number;
  readonly longestMs: number;
}

export interface ReceptionServices {
  readonly clock: Clock;
}

/** An address that was refused nothing for this long begins anew. */
const forgetRefusalsMs = 600_000;
const mostRefused = 20_000;
/** Connections that are kept waiting at one time: above it nobody is, so that a tarpit can't fill a listener. */
const mostWaiting = 200;

export class Reception {
  readonly settings: ReceptionSettings;
  readonly clock: Clock;
  readonly limits: SenderLimits;
  readonly tarpit: Throttle;
  readonly acquaintances: Acquaintances;
  readonly #exempt: AddressRanges;
  #waiting = 0;

  /** Throws where a block of `exempt` is none: the config has checked them. */
  constructor(settings: ReceptionSettings, { clock }: ReceptionServices) {
    this.settings = settings;
    this.clock = clock;
    this.limits = new SenderLimits(settings.limits, clock);
    const { free, firstMs, longestMs } = settings.tarpit;
    this.tarpit = new Throttle(
      {
        free,
        firstWaitMs: firstMs,
        longestWaitMs: longestMs,
        forgetMs: forgetRefusalsMs,
        mostKeys: mostRefused,
      },
      clock,
    );
    this.acquaintances = new Acquaintances(clock);
    const exempt = AddressRanges.parse(settings.exempt);
    if (!exempt.ok) throw new Error(exempt.fault);
    this.#exempt = exempt.value;
  }

  /** For the connection from that IP address. To be disposed of with it. */
  visit(ip: string): Visit {
    return this.#exempt.include(ip) ? unlimitedVisit : openVisit(this, ip);
  }

  /** Takes a place among those that are kept waiting; false where there is none left. */
  beginWait(): boolean {
    if (this.#waiting >= mostWaiting) return false;
    this.#waiting++;
    return true;
  }

  endWait(): void {
    this.#waiting--;
  }
}
