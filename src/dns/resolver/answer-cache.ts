// What is known about names: RRsets, that a name or a type doesn't exist (RFC 2308), and failures (RFC 9520). Only what a zone's servers
// said in answer to a question enters; glue stays with its delegation, so that it can never be given as an answer (RFC 2181 §5.4.1).
import type { Clock } from '../../lib/clock.ts';
import type { Checked, Security } from '../dnssec/security.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { BoundedCache } from './bounded-cache.ts';

/** RFC 2181 §5.4.1, as far as such data is kept at all: what is worth more is never replaced by what is worth less. */
export const credibility = {
  /** Answers without AA, and what follows the first owner of an answer with AA (RFC 1035 §4.1.1: AA speaks of that one). */
  answer: 1,
  authoritativeAnswer: 2,
} as const;
export type Credibility = (typeof credibility)[keyof typeof credibility];

export type CachedAnswer =
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
    })
  | {
      readonly kind: 'failure';
      /** A sentence for logs, journeys and the EDE of RFC 8914. */
      readonly reason: string;
      readonly extendedError: number;
      /** SERVFAIL, the YXDOMAIN of RFC 6672 §2.2, or the REFUSED of what is withheld. */
      readonly rcode: number;
      /** The client gets no reply. */
      readonly silent?: true;
    };

/** Whether an answer may be one that nobody has validated. */
export type Use = 'checked' | 'any';

export interface CacheHit {
  readonly answer: CachedAnswer;
  /** Whole seconds that it stays valid. */
  readonly ttl: number;
}

interface Entry {
  readonly answer: CachedAnswer;
  readonly rank: Credibility;
  /** By the monotonic clock, in milliseconds. */
  readonly expires: number;
}

/** A name error holds for all types: it is kept under a type number that no question can have. */
const everyType = 0;

export class AnswerCache {
  readonly #clock: Clock;
  readonly #entries: BoundedCache<Entry>;

  constructor(clock: Clock, octets: number) {
    this.#clock = clock;
    this.#entries = new BoundedCache(octets);
  }

  get octets(): number {
    return this.#entries.octets;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is known of the type at the name. What is bogus is given, too: whoever checks must look. */
  get(name: DomainName, type: number, use: Use): CacheHit | undefined {
    return this.#live(keyOf(name, type), use) ?? this.#live(keyOf(name, everyType), use);
  }

  /** Keeps an answer for `ttl` seconds; a TTL of 0 is for the question in hand only (RFC 1035 §3.2.1). */
  put(name: DomainName, type: number, answer: CachedAnswer, ttl: number, rank: Credibility): void {
    if (ttl <= 0) return;
    const key = keyOf(name, answer.kind === 'nxdomain' ? everyType : type);
    const known = this.#entries.peek(key);
    if (known !== undefined && known.expires > this.#clock.monotonic() && outranks(known, rank, answer))
      return;
    // Newer knowledge of the same name replaces the older: a name that has records exists, and one that doesn't exist has none.
    if (answer.kind === 'records' || answer.kind === 'nodata') this.#entries.delete(keyOf(name, everyType));
    if (answer.kind === 'nxdomain') this.#entries.delete(keyOf(name, type));
    this.#entries.set(
      key,
      { answer, rank, expires: this.#clock.monotonic() + ttl * 1000 },
      octetsOf(key, answer),
    );
  }

  /** Of the type at the name alone. */
  forget(name: DomainName, type: number): void {
    this.#entries.delete(keyOf(name, type));
  }

  clear(): void {
    this.#entries.clear();
  }

  #live(key: string, use: Use): CacheHit | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const left = entry.expires - this.#clock.monotonic();
    if (left > 0 && use === 'checked' && securityOf(entry.answer) === 'unchecked') return undefined;
    if (left > 0) return { answer: entry.answer, ttl: Math.floor(left / 1000) };
    this.#entries.delete(key);
    return undefined;
  }
}

function keyOf(name: DomainName, type: number): string {
  return `${type} ${name.key}`;
}

/** Whether what is known stays: it is worth more by RFC 2181 §5.4.1, or was validated where the new answer was not. */
function outranks(known: Entry, rank: Credibility, answer: CachedAnswer): boolean {
  if (known.rank !== rank) return known.rank > rank;
  return securityOf(answer) === 'unchecked' && securityOf(known.answer) === 'secure';
}

/** A failure is nobody's data. */
export function securityOf(answer: CachedAnswer): Security {
  return answer.kind === 'failure' ? 'insecure' : answer.security;
}

/** Measured with 100,000 entries: about 350 octets for the objects of an entry and 120 for each record beside its data. */
function octetsOf(key: string, answer: CachedAnswer): number {
  let octets = 350 + 2 * key.length;
  const add = (records: readonly ResourceRecord[]): void => {
    for (const record of records) octets += 120 + record.rdata.length + record.owner.wire.length;
  };
  switch (answer.kind) {
    case 'records':
      for (const rdata of answer.rrset.rdatas) octets += 120 + rdata.length;
      add(answer.signatures);
      add(answer.proofs);
      break;
    case 'nodata':
    case 'nxdomain':
      add(answer.authorities);
      break;
    case 'failure':
      octets += answer.reason.length;
      break;
  }
  return octets;
}
