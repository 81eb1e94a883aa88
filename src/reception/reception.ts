// Who is let in where other servers bring mail, and how fast: one for all connections of the role, a `Visit` for each of them.
// Knows no protocol: what is told to whom it refuses, the session says.
import { AddressRanges } from '../lib/address-ranges.ts';
import type { Clock } from '../lib/clock.ts';
import { Throttle } from '../lib/throttle.ts';
import { limitLog } from '../lib/limited-log.ts';
import type { Log } from '../lib/log.ts';
import type { Lookup } from '../dns/lookup.ts';
import { Acquaintances } from './acquaintances.ts';
import { DnsLists } from './dns-lists/dns-lists.ts';
import type { DnsListSettings } from './dns-lists/list-settings.ts';
import type { OpinionPolicy } from './opinion.ts';
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
  readonly opinion: OpinionPolicy;
  readonly lists: readonly DnsListSettings[];
}

export interface TarpitSettings {
  /** Refused commands of an address that cost nothing. */
  readonly free: number;
  /** Milliseconds before the reply to the first one beyond; doubled with each one more, up to `longestMs`. 0: no tarpit. */
  readonly firstMs: number;
  readonly longestMs: number;
}

export interface ReceptionServices {
  readonly lookup: Lookup;
  readonly clock: Clock;
  readonly log: Log;
  /** Our names in lower case, and our addresses: no stranger has one of them. */
  readonly own: readonly string[];
}

/** An address that was refused nothing for this long begins anew. */
const forgetRefusalsMs = 600_000;
const mostRefused = 20_000;
/** Connections that are kept waiting at one time: above it nobody is, so that a tarpit can't fill a listener. */
const mostWaiting = 200;

export class Reception implements Disposable {
  readonly settings: ReceptionSettings;
  readonly clock: Clock;
  readonly lookup: Lookup;
  readonly own: ReadonlySet<string>;
  readonly lists: DnsLists;
  readonly limits: SenderLimits;
  readonly tarpit: Throttle;
  readonly acquaintances: Acquaintances;
  readonly #exempt: AddressRanges;
  #waiting = 0;

  /** Throws where a block of `exempt` is none: the config has checked them. */
  constructor(settings: ReceptionSettings, { clock, lookup, log, own }: ReceptionServices) {
    this.settings = settings;
    this.clock = clock;
    this.lookup = lookup;
    this.own = new Set(own);
    this.lists = new DnsLists(settings.lists, { lookup, clock, log: limitLog(log, clock) });
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

  /** Tests the lists; until then none is asked. */
  start(): Promise<void> {
    return this.lists.start();
  }

  [Symbol.dispose](): void {
    this.lists[Symbol.dispose]();
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
