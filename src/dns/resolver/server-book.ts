// What is known of upstream servers, by address: how fast they answer, whether they answer at all, what they can't do. Chooses whom to
// ask next by smoothed round-trip time (as TCP does, RFC 6298 §2), and leaves silent servers alone for a while.
import { concatBytes } from '../../lib/bytes.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import { BoundedCache } from './bounded-cache.ts';
import { clientCookieLength } from './upstream-cookie.ts';
import type { UpstreamCookie } from './upstream-cookie.ts';

export type Family = 'ipv4' | 'ipv6';

/** Milliseconds. */
const firstTimeout = 400;
const shortestTimeout = 200;
const longestTimeout = 3_000;
/** A server that wasn't asked for this long is unknown again. */
const memory = 15 * 60_000;
/** Servers this close to the quickest are asked in turn: a forger can't foresee which one (RFC 5452 §9.1). */
const closeEnough = 20;
const silentTries = 3;
const firstBackOff = 5_000;
const longestBackOff = 15 * 60_000;
const familyBackOff = 60_000;
/** A client cookie doesn't live longer, so that it tells little of where we have been (RFC 9018 §8.1). */
const cookieLife = 3_600_000;
const entryOctets = 500;

interface Entry {
  smoothed: number | undefined;
  variation: number;
  /** Unanswered questions in a row. */
  silent: number;
  backOffUntil: number;
  heardAt: number;
  withoutEdns: boolean;
  losesCase: boolean;
  cookie: { readonly value: UpstreamCookie; readonly until: number } | undefined;
  /** It sends cookies now and then, or some of the servers behind one address do: none is required of it. */
  losesCookies: boolean;
  /** Zones that it doesn't serve although it should, by key, until when. */
  lame: Map<string, number> | undefined;
}

interface Scored {
  readonly address: string;
  readonly score: number;
}

export interface Choice {
  readonly address: string;
  /** It is chosen although it has been silent or lame lately, as there is no better one. */
  readonly lastResort: boolean;
}

/** A server that is asked without more ado. */
export interface PlainServer {
  readonly address: string;
  readonly timeoutMs: number;
  /** The octets of the cookie option that is sent (RFC 7873 §4). */
  readonly cookie: Uint8Array;
  readonly cookieRequired: boolean;
}

export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

export class ServerBook {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #families: ReadonlySet<Family>;
  readonly #entries: BoundedCache<Entry>;
  readonly #familyDownUntil = new Map<Family, number>();

  constructor(options: {
    readonly clock: Clock;
    readonly random: Random;
    readonly families: readonly Family[];
    readonly octets: number;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#families = new Set(options.families);
    this.#entries = new BoundedCache(options.octets);
  }

  /** Whether addresses of this family are of any use now. */
  reachable(family: Family): boolean {
    if (!this.#families.has(family)) return false;
    // With neither family the host is cut off, maybe just for now: then both are tried again with each question.
    return !this.#isDown(family) || [...this.#families].every((each) => this.#isDown(each));
  }

  #isDown(family: Family): boolean {
    return (this.#familyDownUntil.get(family) ?? 0) > this.#clock.monotonic();
  }

  /**
   * The server to ask next for `zone`, or `undefined` when none is fit. Servers never asked before count as quick, so that each is tried
   * once; then the quickest ones share the questions.
   */
  choose(addresses: Iterable<string>, zone: string): Choice | undefined {
    const now = this.#clock.monotonic();
    const fit: Scored[] = [];
    const unfit: Scored[] = [];
    for (const address of addresses) {
      if (!this.reachable(familyOf(address))) continue;
      const entry = this.#read(address);
      if ((entry?.lame?.get(zone) ?? 0) > now) {
        // It may have been lame for one question only: where there is no other server, the zone would be gone for minutes.
        unfit.push({ address, score: Number.MAX_SAFE_INTEGER });
      } else if (entry !== undefined && entry.backOffUntil > now)
        unfit.push({ address, score: entry.backOffUntil });
      else fit.push({ address, score: scoreOf(entry) });
    }
    const lastResort = fit.length === 0;
    const from = lastResort ? unfit : fit;
    const [first] = from;
    if (first === undefined || from.length === 1) return first && { address: first.address, lastResort };
    const best = Math.min(...from.map((each) => each.score));
    const close = from.filter((each) => each.score <= best + closeEnough);
    const chosen = close[this.#random.below(close.length)];
    return chosen && { address: chosen.address, lastResort };
  }

  /**
   * Of these servers for `zone`, those that `choose` would choose from and that are known to answer as they should, with EDNS and in the case they were
   * asked in; and what they are asked with.
   */
  plainServers(addresses: Iterable<string>, zone: string): readonly PlainServer[] {
    const now = this.#clock.monotonic();
    const fit: { readonly address: string; readonly smoothed: number }[] = [];
    for (const address of addresses) {
      const entry = this.#read(address);
      if (entry?.smoothed === undefined || entry.silent > 0 || entry.backOffUntil > now) continue;
      if (entry.withoutEdns || entry.losesCase || (entry.lame?.get(zone) ?? 0) > now) continue;
      // Over TLS it is no plain matter.
      if (address.includes('#') || !this.reachable(familyOf(address))) continue;
      fit.push({ address, smoothed: entry.smoothed });
    }
    const best = Math.min(...fit.map(({ smoothed }) => smoothed));
    return fit
      .filter(({ smoothed }) => smoothed <= best + closeEnough)
      .map(({ address }) => {
        const { client, server, required } = this.cookie(address);
        return {
          address,
          timeoutMs: this.timeout(address),
          cookie: server === undefined ? client : concatBytes([client, server]),
          cookieRequired: required,
        };
      });
  }

  /** How long to wait for this server's answer, in milliseconds: RFC 6298 §2, doubled for each silence. */
  timeout(address: string): number {
    const entry = this.#read(address);
    const base =
      entry?.smoothed === undefined ? firstTimeout : entry.smoothed + Math.max(50, 4 * entry.variation);
    // The shortest time, too, is doubled: a server that is quick as a rule may pause for longer than that.
    return Math.min(longestTimeout, Math.max(shortestTimeout, base) * 2 ** Math.min(entry?.silent ?? 0, 3));
  }

  answered(address: string, ms: number): void {
    const entry = this.#write(address);
    if (entry.smoothed === undefined) {
      entry.smoothed = ms;
      entry.variation = ms / 2;
    } else {
      entry.variation = 0.75 * entry.variation + 0.25 * Math.abs(entry.smoothed - ms);
      entry.smoothed = 0.875 * entry.smoothed + 0.125 * ms;
    }
    entry.silent = 0;
    entry.backOffUntil = 0;
  }

  /** No answer within its timeout, or the system says that the server can't be reached. */
  silent(address: string): void {
    const entry = this.#write(address);
    entry.silent += 1;
    if (entry.silent < silentTries) return;
    const backOff = Math.min(longestBackOff, firstBackOff * 2 ** Math.min(20, entry.silent - silentTries));
    entry.backOffUntil = this.#clock.monotonic() + backOff;
  }

  /** It has not answered so often in a row that it is left alone where there is another. */
  isSilent(address: string): boolean {
    return (this.#read(address)?.silent ?? 0) >= silentTries;
  }

  familyUnreachable(family: Family): void {
    this.#familyDownUntil.set(family, this.#clock.monotonic() + familyBackOff);
  }

  /** It doesn't serve `zone` (or fails to): asked for it as the last resort only, during `ms`. */
  markLame(address: string, zone: string, ms: number): void {
    const entry = this.#write(address);
    entry.lame ??= new Map();
    if (entry.lame.size >= 16) entry.lame.clear();
    entry.lame.set(zone, this.#clock.monotonic() + ms);
  }

  markWithoutEdns(address: string): void {
    this.#write(address).withoutEdns = true;
  }

  withoutEdns(address: string): boolean {
    return this.#read(address)?.withoutEdns ?? false;
  }

  markLosesCase(address: string): void {
    this.#write(address).losesCase = true;
  }

  losesCase(address: string): boolean {
    return this.#read(address)?.losesCase ?? false;
  }

  /** The cookie to send to this server. */
  cookie(address: string): UpstreamCookie {
    const entry = this.#write(address);
    const now = this.#clock.monotonic();
    if (entry.cookie === undefined || entry.cookie.until <= now) {
      const value = { client: this.#random.bytes(clientCookieLength), server: undefined, required: false };
      entry.cookie = { value, until: now + cookieLife };
    }
    return entry.cookie.value;
  }

  /** Notes what the server sent in answer to that cookie. */
  cookieCame(address: string, sent: UpstreamCookie, server: Uint8Array): void {
    const entry = this.#write(address);
    if (entry.cookie?.value.client !== sent.client) return;
    entry.cookie = { ...entry.cookie, value: { client: sent.client, server, required: !entry.losesCookies } };
  }

  /** It answers without a cookie although it sent one before, and nobody stands between: none is required any more. */
  markLosesCookies(address: string): void {
    const entry = this.#write(address);
    entry.losesCookies = true;
    entry.cookie = undefined;
  }

  #read(address: string): Entry | undefined {
    const entry = this.#entries.get(address);
    if (entry === undefined) return undefined;
    const now = this.#clock.monotonic();
    if (entry.heardAt + memory > now || entry.backOffUntil > now) return entry;
    this.#entries.delete(address);
    return undefined;
  }

  #write(address: string): Entry {
    const now = this.#clock.monotonic();
    const known = this.#read(address);
    if (known !== undefined) {
      known.heardAt = now;
      return known;
    }
    const entry: Entry = {
      smoothed: undefined,
      variation: 0,
      silent: 0,
      backOffUntil: 0,
      heardAt: now,
      withoutEdns: false,
      losesCase: false,
      cookie: undefined,
      losesCookies: false,
      lame: undefined,
    };
    this.#entries.set(address, entry, entryOctets);
    return entry;
  }
}

function scoreOf(entry: Entry | undefined): number {
  if (entry === undefined) return 0;
  // A silence counts like a slow answer until an answer comes.
  return (entry.smoothed ?? 0) + entry.silent * firstTimeout;
}
