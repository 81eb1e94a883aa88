// One connection as the reception sees it, from its coming to its end.
import { DnsQuestions } from '../mailauth/dns-questions.ts';
import { checkIprev } from '../mailauth/iprev.ts';
import { timeLimit } from '../mailauth/time-limit.ts';
import type { IprevVerdict } from '../mailauth/verdicts.ts';
import type { Hit } from './dns-lists/dns-lists.ts';
import { checkHello } from './hello-check.ts';
import type { HelloClaim } from './hello-check.ts';
import { formOpinion, trustedOpinion } from './opinion.ts';
import type { Opinion } from './opinion.ts';
import { originOf } from './networks.ts';
import type { Origin } from './networks.ts';
import type { Reception } from './reception.ts';
import type { Counted } from './sender-limits.ts';

/** Whether a connection is greeted. */
export type Arrival =
  | {
      readonly kind: 'greeted';
      /** Milliseconds that the greeting is held back while the client is to be silent; 0: not at all. */
      readonly afterMs: number;
      readonly refuseEarlyTalker: boolean;
    }
  /** Too many connections are open, came in a minute, or have met with refusals only. */
  | { readonly kind: 'refused'; readonly why: 'open' | 'often' | 'errors'; readonly retryMs: number };

/** Whether one more message or recipient may come; 0: yes, now. */
export interface Admission {
  readonly retryMs: number;
}

/** What a refused command costs. */
export interface Penalty {
  /** Milliseconds before its reply is sent. */
  readonly pauseMs: number;
  /** The connection ends, and the network may come again after so many milliseconds; 0: it goes on. */
  readonly banMs: number;
}

export type Refused = 'error' | 'unknown-recipient';

/** What a client says of itself. */
export interface Claims {
  readonly hello: HelloClaim;
  /** Of MAIL FROM; `undefined` for the null reverse-path. */
  readonly domain: string | undefined;
}

export interface Visit extends Disposable {
  /** Once, before anything is said. */
  arrive(): Arrival;
  /** Counts one where it may come. */
  admit(what: 'message' | 'recipient'): Admission;
  refused(what: Refused): Penalty;
  /** What is thought of the client: waits for DNS, for some seconds at most. */
  opinion(claims: Claims): Promise<Opinion>;
  /** So much was read. */
  received(octets: number): void;
  /** A message was kept: whoever brought it is no stranger any more. */
  accepted(): void;
  /** Takes a place among those that are kept waiting; false: there is none, and nobody waits. */
  beginWait(): boolean;
  endWait(): void;
}

/** For whoever is let in without all this. */
export const unlimitedVisit: Visit = {
  arrive: () => ({ kind: 'greeted', afterMs: 0, refuseEarlyTalker: false }),
  admit: () => ({ retryMs: 0 }),
  refused: () => ({ pauseMs: 0, banMs: 0 }),
  opinion: () => Promise.resolve(trustedOpinion),
  received: () => undefined,
  accepted: () => undefined,
  beginWait: () => false,
  endWait: () => undefined,
  [Symbol.dispose]: () => undefined,
};

export function openVisit(reception: Reception, ip: string): Visit {
  return new CountedVisit(reception, originOf(ip));
}

/** What "try again" says where it isn't known when a connection ends. */
const openRetryMs = 60_000;
const reverseNameMs = 5000;

class CountedVisit implements Visit {
  readonly #reception: Reception;
  readonly #origin: Origin;
  #entered = false;
  #found: Promise<readonly Hit[]> | undefined;
  #reverse: Promise<IprevVerdict> | undefined;

  constructor(reception: Reception, origin: Origin) {
    this.#reception = reception;
    this.#origin = origin;
  }

  arrive(): Arrival {
    const { limits, settings, acquaintances } = this.#reception;
    const errorsMs = Math.max(this.#waitMs('errors'), this.#waitMs('unknown-recipients'));
    if (errorsMs > 0) return { kind: 'refused', why: 'errors', retryMs: errorsMs };
    const often = this.#waitMs('connections');
    if (often > 0) return { kind: 'refused', why: 'often', retryMs: often };
    limits.charge(this.#origin, 'connections');
    this.#entered = limits.enter(this.#origin);
    if (!this.#entered) return { kind: 'refused', why: 'open', retryMs: openRetryMs };
    // While the client waits for the greeting, and speaks, DNS is asked about it.
    this.#found = this.#reception.lists.findAddress(this.#origin.ip);
    if (settings.opinion.noReverseName !== 'ignore') this.#reverse = this.#reverseName();
    const known = acquaintances.has(this.#origin.address);
    return {
      kind: 'greeted',
      afterMs: known ? 0 : settings.greetingDelayMs,
      refuseEarlyTalker: settings.refuseEarlyTalkers,
    };
  }

  admit(what: 'message' | 'recipient'): Admission {
    if (what === 'recipient') {
      const retryMs = this.#waitMs('recipients');
      if (retryMs === 0) this.#reception.limits.charge(this.#origin, 'recipients');
      return { retryMs };
    }
    const retryMs = Math.max(this.#waitMs('messages'), this.#waitMs('octets'));
    if (retryMs === 0) this.#reception.limits.charge(this.#origin, 'messages');
    return { retryMs };
  }

  refused(what: Refused): Penalty {
    const { limits, tarpit, settings } = this.#reception;
    const counted = what === 'error' ? 'errors' : 'unknown-recipients';
    limits.charge(this.#origin, counted);
    const { address } = this.#origin;
    if (settings.tarpit.firstMs > 0) tarpit.fail(address);
    return { pauseMs: tarpit.waitMs(address), banMs: this.#waitMs(counted) };
  }

  async opinion({ hello, domain }: Claims): Promise<Opinion> {
    const { lists, own, settings } = this.#reception;
    const { ip } = this.#origin;
    const [reverse, ofAddress, ofDomains] = await Promise.all([
      this.#reverse,
      this.#found ?? [],
      lists.findDomains(domain === undefined ? [hello.text] : [domain, hello.text]),
    ]);
    return formOpinion(settings.opinion, checkHello(hello, ip, own), reverse, [...ofAddress, ...ofDomains]);
  }

  received(octets: number): void {
    this.#reception.limits.charge(this.#origin, 'octets', octets);
  }

  accepted(): void {
    this.#reception.acquaintances.add(this.#origin.address);
  }

  beginWait(): boolean {
    return this.#reception.beginWait();
  }

  endWait(): void {
    this.#reception.endWait();
  }

  [Symbol.dispose](): void {
    if (this.#entered) this.#reception.limits.leave(this.#origin);
    this.#entered = false;
  }

  async #reverseName(): Promise<IprevVerdict> {
    const { clock, lookup } = this.#reception;
    using limit = timeLimit(clock, reverseNameMs);
    return await checkIprev(this.#origin.ip, new DnsQuestions(lookup, limit));
  }

  #waitMs(counted: Counted): number {
    return this.#reception.limits.waitMs(this.#origin, counted);
  }
}
