// Response rate limiting over UDP, as Knot and BIND do it: so many answers a second of one kind, about one name, to one network. Who forges
// a victim's address then can't use us to flood it; a real client behind that address gets a truncated answer now and then (a "slip"),
// and asks over TCP.
//
// A hot path: a table of fixed size, made once; a check makes no object. Each worker has a table of its own. The system gives a client's
// queries to one worker as long as its port stays the same, so a flood from many ports may get the limit of each worker.
import { AddressBlocks } from '../../lib/address-blocks.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';

/** Of what kind an answer is, and what `about` tells its likes apart by. */
export const answerKind = {
  /** The name asked for, or the wildcard that made it. */
  positive: 0,
  /** The cut. */
  referral: 1,
  /** The name asked for. */
  nodata: 2,
  /** The zone: names that don't exist are without number. */
  nxdomain: 3,
  /** Nothing (0): all errors count together. */
  error: 4,
} as const;

export const rateVerdict = { send: 0, drop: 1, slip: 2 } as const;

export interface RateLimiterSettings {
  /** Answers a second; 0: no limit. */
  readonly perSecond: number;
  /** Every so-many-th answer over the limit is sent truncated; 0: none, 1: all. */
  readonly slip: number;
  /** CIDR blocks without a limit. Throws where one is none: the config has checked them. */
  readonly exempt: readonly string[];
}

/** Answers are counted to networks: most that one subscriber can send from (as BIND's and Knot's defaults have it). */
const octetsOfV4Network = 3;
const octetsOfV6Network = 7;

/** Each 13 octets: less than 1 MiB. A flood from more networks at once than this makes some of them be forgotten. */
const defaultSlots = 65_536;
/** Neighbouring slots that a count may be in. */
const groupSize = 4;
/** Counts are in thousandths of an answer, so that a millisecond gives whole ones. */
const oneAnswer = 1000;

export class RateLimiter {
  readonly #perSecond: number;
  readonly #slip: number;
  readonly #exempt: AddressBlocks;
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #mask: number;
  /** Per slot: whose it is (0: nobody's), how much it may still get, when that was reckoned, and how often it was over the limit. */
  readonly #owners: Int32Array;
  readonly #credits: Int32Array;
  readonly #times: Int32Array;
  readonly #overs: Uint8Array;
  /** Milliseconds, going around after 49 days. */
  #now = 0;

  /** `slots` is a power of two, {@link groupSize} at least. `random` keeps others from choosing names that meet in one slot. */
  constructor(settings: RateLimiterSettings, clock: Clock, random: Random, slots: number = defaultSlots) {
    this.#perSecond = settings.perSecond;
    this.#slip = settings.slip;
    this.#exempt = new AddressBlocks(settings.exempt);
    this.#clock = clock;
    this.#seed = random.below(0x1_0000_0000) | 0;
    const used = settings.perSecond > 0 ? slots : groupSize;
    this.#mask = used - 1;
    this.#owners = new Int32Array(used);
    this.#credits = new Int32Array(used);
    this.#times = new Int32Array(used);
    this.#overs = new Uint8Array(used);
    this.tick();
  }

  /** Whether there is a limit at all: without one, neither `tick` nor `check` need be called. */
  get active(): boolean {
    return this.#perSecond > 0;
  }

  /** Takes the time for all checks until the next call: once for each batch of datagrams. */
  tick(): void {
    this.#now = Math.floor(this.#clock.monotonic()) | 0;
  }

  /**
   * Counts an answer of that {@link answerKind} about what `about` is a hash of, to the client whose address is 4 or 16 octets of `addresses`;
   * gives a {@link rateVerdict}. A client with a right cookie needn't be checked: its address isn't forged.
   */
  check(
    addresses: Uint8Array,
    addressAt: number,
    addressLength: number,
    kind: number,
    about: number,
  ): number {
    if (this.#perSecond === 0) return rateVerdict.send;
    const owner = this.#ownerOf(addresses, addressAt, addressLength, kind, about);
    const slot = this.#slotOf(owner);
    const credit = this.#creditOf(slot);
    this.#times[slot] = this.#now;
    if (credit >= oneAnswer) {
      this.#credits[slot] = credit - oneAnswer;
      return rateVerdict.send;
    }
    this.#credits[slot] = credit;
    if (this.#exempt.include(addresses, addressAt, addressLength)) return rateVerdict.send;
    if (this.#slip === 0) return rateVerdict.drop;
    const overs = (this.#overs[slot] ?? 0) + 1;
    this.#overs[slot] = overs >= this.#slip ? 0 : overs;
    return overs >= this.#slip ? rateVerdict.slip : rateVerdict.drop;
  }

  #ownerOf(addresses: Uint8Array, at: number, length: number, kind: number, about: number): number {
    const octets = length === 4 ? octetsOfV4Network : octetsOfV6Network;
    let hash = this.#seed ^ (kind << 8) ^ length;
    for (let i = 0; i < octets; i++) hash = Math.imul(hash ^ (addresses[at + i] ?? 0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16) ^ about, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
    return hash === 0 ? 1 : hash;
  }

  /** The owner's slot; a new owner gets the one of its group whose count means least. */
  #slotOf(owner: number): number {
    const first = owner & this.#mask & -groupSize;
    let least = first;
    let most = -1;
    for (let slot = first; slot < first + groupSize; slot++) {
      if (this.#owners[slot] === owner) return slot;
      // One with its full credit is as good as none.
      const credit = this.#owners[slot] === 0 ? this.#full + 1 : this.#creditOf(slot);
      if (credit > most) [least, most] = [slot, credit];
    }
    this.#owners[least] = owner;
    this.#credits[least] = this.#full;
    this.#times[least] = this.#now;
    this.#overs[least] = 0;
    return least;
  }

  /** A second's worth of answers: what a silent client may get at once. */
  get #full(): number {
    return this.#perSecond * oneAnswer;
  }

  #creditOf(slot: number): number {
    const elapsed = (this.#now - (this.#times[slot] ?? 0)) >>> 0;
    // Above a second there is nothing to gain, and the product could grow too large.
    if (elapsed >= 1000) return this.#full;
    return Math.min(this.#full, (this.#credits[slot] ?? 0) + elapsed * this.#perSecond);
  }
}

/** What `about` is for a name: a hash of its octets, letters in either case alike. */
export function hashName(wire: Uint8Array): number {
  let hash = 0;
  for (const octet of wire) {
    const lower = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
    hash = Math.imul(hash ^ lower, 0x01000193);
  }
  return hash;
}
