// What is known about names: RRsets, that a name or a type doesn't exist (RFC 2308), and failures (RFC 9520). Only what a zone's servers
// said in answer to a question enters: glue and the NS records of referrals stay with their delegation, so that they can never be given as an
// answer (RFC 2181 §5.4.1). What has expired stays for a while, for when nobody can be asked (RFC 8767).
import type { Clock } from '../../lib/clock.ts';
import type { Random } from '../../lib/random.ts';
import type { Checked, Security } from '../dnssec/security.ts';
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import {
  answerFromOctets,
  answerToOctets,
  kindInOctets,
  plainAnswerToOctets,
  securityInOctets,
} from './answer-octets.ts';
import type { PlainRecords } from './answer-octets.ts';
import { EntryStore } from './entry-store.ts';
import type { StoredOctets, StorePlace } from './entry-store.ts';

/** RFC 2181 §5.4.1, as far as such data is kept at all: what is worth more is never replaced by what is worth less. */
export const credibility = {
  /** Answers without AA, and what follows the first owner of an answer with AA (RFC 1035 §4.1.1: AA speaks of that one). */
  answer: 1,
  authoritativeAnswer: 2,
} as const;
export type Credibility = (typeof credibility)[keyof typeof credibility];

export interface Failure {
  readonly kind: 'failure';
  /** A sentence for logs, journeys and the EDE of RFC 8914. */
  readonly reason: string;
  readonly extendedError: number;
  /** SERVFAIL, the YXDOMAIN of RFC 6672 §2.2, or the REFUSED of what is withheld. */
  readonly rcode: number;
  /** The client gets no reply. */
  readonly silent?: true;
}

export type KeptAnswer =
  | (Checked & {
      readonly kind: 'records';
      readonly rrset: RRset;
      /** Its RRSIGs. */
      readonly signatures: readonly ResourceRecord[];
      /** NSEC or NSEC3 with RRSIGs that prove a wildcard answer (RFC 4035 §3.1.3.3). */
      readonly proofs: readonly ResourceRecord[];
    })
  | (Checked & {
      readonly kind: 'nodata' | 'nxdomain';
      /** The SOA, and the proofs. */
      readonly authorities: readonly ResourceRecord[];
    });

export type CachedAnswer = KeptAnswer | Failure;

/** Whether an answer may be one that nobody has validated. */
export type Use = 'checked' | 'any';

export interface CacheHit {
  readonly answer: CachedAnswer;
  /** Whole seconds that it stays valid. */
  readonly ttl: number;
  /** Whether it is in the last tenth of its time, when who is popular is asked for again. */
  readonly nearEnd: boolean;
  readonly rank: Credibility;
}

/** What the cache holds of a name and type, for people to read. */
export interface CacheItem {
  readonly name: DomainName;
  /** `undefined`: that the name doesn't exist holds for all types. */
  readonly type: number | undefined;
  readonly answer: CachedAnswer;
  readonly rank: Credibility;
  /** Whole seconds; less than 0 where it has expired. */
  readonly ttl: number;
  /** Where a later look goes on behind it. */
  readonly next: StorePlace;
}

/** A name error holds for all types: it is kept under a type number that no question can have. */
const everyType = 0;
/** A failure stands beside what was known before, which may be served stale. */
const failureOf = 0x1_0000;

/** When many are looked at. */
const entriesInStep = 500;

/** Octets of an entry's head: when it expires by the monotonic clock, the TTL it came with, its rank, and how often in turn asking failed. */
const head = { expires: 0, ttl: 8, rank: 12, failures: 13, length: 14 } as const;

export interface AnswerCacheOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Of memory, at most. */
  readonly octets: number;
  /** Seconds that an answer stays after it has expired (RFC 8767 §4); none, unless given. */
  readonly maxStale?: number;
  /** Seconds of its TTL then. */
  readonly staleTtl?: number;
}

export class AnswerCache {
  readonly #clock: Clock;
  readonly #store: EntryStore;
  readonly #staleMs: number;
  readonly #staleTtl: number;
  /** When the last DNAME record of those kept can't even be given stale any more, by the monotonic clock. */
  #dnamesUntil = 0;

  constructor({ clock, random, octets, maxStale = 0, staleTtl = 30 }: AnswerCacheOptions) {
    this.#clock = clock;
    this.#store = new EntryStore(octets, random);
    this.#staleMs = maxStale * 1000;
    this.#staleTtl = staleTtl;
  }

  /** Of memory. */
  get octets(): number {
    return this.#store.octets;
  }

  get size(): number {
    return this.#store.size;
  }

  /** Whether there may be a DNAME record that speaks for names below it: there are few in the world, and looking for one takes a look at each zone above. */
  get hasDnames(): boolean {
    return this.#dnamesUntil > this.#clock.monotonic();
  }

  /** What is known of the type at the name, failures too. What is bogus is given, too: whoever checks must look. */
  get(name: DomainName, type: number, use: Use): CacheHit | undefined {
    return (
      this.#live(name, type, type, use) ??
      this.#live(name, everyType, type, use) ??
      this.#live(name, failureOf + type, type, use)
    );
  }

  /** That the name doesn't exist, if that is known. */
  absence(name: DomainName, use: Use): CacheHit | undefined {
    return this.#live(name, everyType, everyType, use);
  }

  /** What was known of the type at the name when it expired not too long ago, and may still be given (RFC 8767 §5), with a TTL of its own. */
  stale(name: DomainName, type: number, use: Use): CacheHit | undefined {
    return this.#expired(name, type, type, use) ?? this.#expired(name, everyType, type, use);
  }

  /** Whether anything is kept, expired or not, that may become an answer of the type at the name. */
  mayKnow(name: DomainName, type: number): boolean {
    const { wire } = name;
    return (
      this.hasDnames ||
      this.#store.has(wire, type) ||
      this.#store.has(wire, everyType) ||
      this.#store.has(wire, rrType.CNAME)
    );
  }

  /** Whether asking failed a moment ago. */
  failedLately(name: DomainName, type: number): boolean {
    return this.#live(name, failureOf + type, type, 'any') !== undefined;
  }

  /** Keeps an answer for `ttl` seconds; a TTL of 0 is for the question in hand only (RFC 1035 §3.2.1), but ends what was known. */
  put(name: DomainName, type: number, answer: KeptAnswer, ttl: number, rank: Credibility): void {
    const number = answer.kind === 'nxdomain' ? everyType : type;
    const known = this.#store.peek(name.wire, number);
    if (known !== undefined && this.#leftOf(known) > 0 && outranks(known, rank, answer)) return;
    // Newer knowledge of the same name replaces the older: a name that has records exists, and one that doesn't exist has none.
    this.#store.delete(name.wire, answer.kind === 'nxdomain' ? type : everyType);
    this.#store.delete(name.wire, failureOf + type);
    if (ttl > 0) this.#write(name, number, answer, ttl, rank, 0);
    else this.#store.delete(name.wire, number);
  }

  /** As `put`, of an authoritative answer as `plainAnswerToOctets` takes it, from `asked` on, by the monotonic clock. */
  putPlain(name: DomainName, type: number, records: PlainRecords, ttl: number, asked: number): void {
    this.#store.delete(name.wire, everyType);
    this.#store.delete(name.wire, failureOf + type);
    const octets = plainAnswerToOctets(records, type, head.length);
    this.#store.set(
      name.wire,
      type,
      this.#withHead(octets, asked + ttl * 1000, ttl, credibility.authoritativeAnswer, 0),
    );
  }

  /**
   * Keeps for `ttl` seconds that asking failed; for twice as long each time that it fails again, up to `longest` (RFC 9520 §3.2).
   * What was known before stays.
   */
  putFailure(name: DomainName, type: number, failure: Failure, ttl: number, longest: number): void {
    const before = this.#store.peek(name.wire, failureOf + type);
    const inTurn =
      before === undefined || this.#leftOf(before) < -1000 * ttlOf(before)
        ? 0
        : (before.bytes[before.at + head.failures] ?? 0);
    const seconds = Math.min(ttl * 2 ** inTurn, longest);
    this.#write(name, failureOf + type, failure, seconds, credibility.answer, Math.min(inTurn + 1, 20));
  }

  /** Forgets what is known of one type at the name, and that there is no such name. */
  forget(name: DomainName, type: number): void {
    for (const number of [type, everyType, failureOf + type]) this.#store.delete(name.wire, number);
  }

  /** Forgets all that is known of the names that are meant, in slices: each step looks at some hundreds of entries. */
  *forgetting(isMeant: (name: DomainName) => boolean): Generator<undefined, void> {
    let looked = 0;
    for (const { bytes, nameAt, at, number } of this.#store.entries()) {
      const name = DomainName.unchecked(bytes.slice(nameAt, at));
      if (isMeant(name)) this.#store.delete(name.wire, number);
      looked += 1;
      if (looked % entriesInStep === 0) yield;
    }
  }

  /** What it holds, from `from` on. It may change between two items: what was put meanwhile may or may not come, and an item may come twice. */
  *items(from?: StorePlace): Generator<CacheItem> {
    for (const entry of this.#store.entries(from)) {
      const { number, next } = entry;
      const type = number % failureOf;
      const { name, answer } = this.#read(entry, type);
      const rank = rankOf(entry);
      const ttl = Math.floor(this.#leftOf(entry) / 1000);
      yield { name, type: number === everyType ? undefined : type, answer, rank, ttl, next };
    }
  }

  clear(): void {
    this.#store.clear();
  }

  #write(
    name: DomainName,
    number: number,
    answer: CachedAnswer,
    ttl: number,
    rank: Credibility,
    failures: number,
  ): void {
    const owner = answer.kind === 'records' && answer.rrset.owner.equals(name) ? answer.rrset.owner : name;
    if (number === rrType.DNAME)
      this.#dnamesUntil = Math.max(this.#dnamesUntil, this.#clock.monotonic() + ttl * 1000 + this.#staleMs);
    const octets = answerToOctets(answer, owner, head.length);
    const expires = this.#clock.monotonic() + ttl * 1000;
    this.#store.set(owner.wire, number, this.#withHead(octets, expires, ttl, rank, failures));
  }

  #withHead(
    octets: Uint8Array,
    expires: number,
    ttl: number,
    rank: Credibility,
    failures: number,
  ): Uint8Array {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    view.setFloat64(head.expires, expires);
    view.setUint32(head.ttl, ttl);
    octets[head.rank] = rank;
    octets[head.failures] = failures;
    return octets;
  }

  #live(name: DomainName, number: number, type: number, use: Use): CacheHit | undefined {
    const entry = this.#store.get(name.wire, number);
    if (entry === undefined) return undefined;
    const left = this.#leftOf(entry);
    if (left <= 0) {
      this.#dropUseless(name, number, entry, left);
      return undefined;
    }
    if (use === 'checked' && securityInOctets(entry.bytes, entry.at + head.length) === 'unchecked')
      return undefined;
    const nearEnd = left <= ttlOf(entry) * 100;
    return {
      answer: this.#read(entry, type).answer,
      ttl: Math.floor(left / 1000),
      nearEnd,
      rank: rankOf(entry),
    };
  }

  #expired(name: DomainName, number: number, type: number, use: Use): CacheHit | undefined {
    const entry = this.#store.peek(name.wire, number);
    if (entry === undefined) return undefined;
    const left = this.#leftOf(entry);
    if (left > 0 || left <= -this.#staleMs) return undefined;
    const security = securityInOctets(entry.bytes, entry.at + head.length);
    if (security === 'bogus' || (use === 'checked' && security === 'unchecked')) return undefined;
    return {
      answer: this.#read(entry, type).answer,
      ttl: this.#staleTtl,
      nearEnd: false,
      rank: rankOf(entry),
    };
  }

  /** What has expired is kept where it may be served stale, and a failure for its own time again, to make the next one last longer. */
  #dropUseless(name: DomainName, number: number, entry: StoredOctets, left: number): void {
    const isFailure = kindInOctets(entry.bytes, entry.at + head.length) === 'failure';
    const keptMs = isFailure ? ttlOf(entry) * 1000 : this.#staleMs;
    if (left <= -keptMs) this.#store.delete(name.wire, number);
  }

  #read(entry: StoredOctets, type: number): { readonly name: DomainName; readonly answer: CachedAnswer } {
    const { bytes, nameAt, at, end } = entry;
    const octets = bytes.slice(nameAt, end);
    const name = DomainName.unchecked(octets.subarray(0, at - nameAt));
    const answer = answerFromOctets(octets, at - nameAt + head.length, name, type, ttlOf(entry));
    return { name, answer };
  }

  /** Milliseconds. */
  #leftOf({ bytes, at }: StoredOctets): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, head.length);
    return view.getFloat64(head.expires) - this.#clock.monotonic();
  }
}

function ttlOf({ bytes, at }: StoredOctets): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, head.length).getUint32(head.ttl);
}

function rankOf({ bytes, at }: StoredOctets): Credibility {
  return bytes[at + head.rank] === credibility.authoritativeAnswer
    ? credibility.authoritativeAnswer
    : credibility.answer;
}

const securityRank: Readonly<Record<Security, number>> = { secure: 3, insecure: 2, bogus: 1, unchecked: 0 };

/**
 * Whether what is known stays: it was proved where the new answer is not, was validated where that was not (RFC 4035 §4.7: a forger's answer doesn't
 * push out the true one), or is worth more by RFC 2181 §5.4.1.
 */
function outranks(known: StoredOctets, rank: Credibility, answer: CachedAnswer): boolean {
  const now = securityInOctets(known.bytes, known.at + head.length);
  const next = securityOf(answer);
  // A zone that was secure may have become insecure, and that was proved.
  const isWorse = next === 'unchecked' || next === 'bogus';
  if (isWorse && securityRank[now] > securityRank[next]) return true;
  const knownRank = rankOf(known);
  return next === 'secure' && now !== 'secure' ? false : knownRank > rank;
}

/** A failure is nobody's data. */
export function securityOf(answer: CachedAnswer): Security {
  return answer.kind === 'failure' ? 'insecure' : answer.security;
}
