// What is counted of each upstream server, for its operator to look at: nothing here decides whom to ask (server-book.ts does).
// Bounded: the servers that weren't asked for longest are forgotten, their counts stay in the totals.
import { BoundedCache } from './bounded-cache.ts';
import type { ExchangeOutcome } from './exchange.ts';

/** Four steps to each doubling, from a tenth of a millisecond to 6.5 s: a percentile comes out within 10 % of what it was. */
const stepsInOctave = 4;
const firstStepMs = 0.1;
const steps = 64;
/** An RCODE beyond so many different ones is counted as {@link otherRcodes}. */
const mostRcodes = 12;
/** No RCODE: RFC 6891 §6.1.3 has 12 bits. */
export const otherRcodes = 0x1000;
/** Measured with 4,000 servers: 950. */
const entryOctets = 1000;

export interface UpstreamCounts {
  /** Questions sent, repetitions counted. */
  readonly queries: number;
  readonly overTcp: number;
  /** Responses that were taken, whatever they said. */
  readonly answers: number;
  readonly timeouts: number;
  /** The system said that it can't be reached. */
  readonly unreachable: number;
  /** Responses that can't be read, or came in the wrong case or without the server's cookie. */
  readonly unusable: number;
  /** So many wrong answers came that UDP was given up: somebody guessed. */
  readonly forged: number;
  readonly truncated: number;
  /** Times that it didn't serve a zone that it should. */
  readonly lame: number;
}

export interface UpstreamFigure extends UpstreamCounts {
  /** `address:port`, as DNS knows it. */
  readonly server: string;
  /** Milliseconds that half, or 95 of a hundred, of its UDP answers took at most; `undefined` where none came. */
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  /** Answers by RCODE, {@link otherRcodes} for those beyond {@link mostRcodes}. */
  readonly rcodes: ReadonlyMap<number, number>;
}

type Counts = { -readonly [Key in keyof UpstreamCounts]: number };

interface Entry {
  readonly server: string;
  readonly counts: Counts;
  readonly times: Uint32Array;
  readonly rcodes: Map<number, number>;
}

export class UpstreamFigures {
  readonly #entries: BoundedCache<Entry>;
  readonly #totals: Counts = noCounts();

  /** `octets`: of memory for them all. */
  constructor(octets: number) {
    this.#entries = new BoundedCache(octets);
  }

  /** Of all servers since the start, those that are forgotten included. */
  get totals(): UpstreamCounts {
    return this.#totals;
  }

  get servers(): number {
    return this.#entries.size;
  }

  /** Counts one question and what came of it. */
  note(server: string, transport: 'udp' | 'tcp' | 'tls', outcome: ExchangeOutcome): void {
    const entry = this.#entryOf(server);
    this.#count(entry, 'queries');
    if (transport !== 'udp') this.#count(entry, 'overTcp');
    switch (outcome.kind) {
      case 'timeout':
        this.#count(entry, 'timeouts');
        return;
      case 'unreachable':
        this.#count(entry, 'unreachable');
        return;
      case 'forged':
        this.#count(entry, 'forged');
        return;
      case 'malformed':
      case 'case-lost':
      case 'cookie-lost':
        this.#count(entry, 'unusable');
        return;
      case 'reply':
        break;
    }
    const { message, ms } = outcome;
    if (message.truncated) this.#count(entry, 'truncated');
    // A connection's first answer takes round trips that say nothing of the server.
    this.#noteAnswer(entry, message.rcode, transport === 'udp' ? ms : undefined);
  }

  /** Counts a question by UDP that was answered, whole. */
  answered(server: string, rcode: number, ms: number): void {
    const entry = this.#entryOf(server);
    this.#count(entry, 'queries');
    this.#noteAnswer(entry, rcode, ms);
  }

  #noteAnswer(entry: Entry, rcode: number, ms: number | undefined): void {
    this.#count(entry, 'answers');
    if (ms !== undefined) {
      const step = stepOf(ms);
      entry.times[step] = (entry.times[step] ?? 0) + 1;
    }
    const { rcodes } = entry;
    const counted = rcodes.has(rcode) || rcodes.size < mostRcodes ? rcode : otherRcodes;
    rcodes.set(counted, (rcodes.get(counted) ?? 0) + 1);
  }

  lame(server: string): void {
    this.#count(this.#entryOf(server), 'lame');
  }

  /** Those asked most often first. */
  list(most: number): readonly UpstreamFigure[] {
    return [...this.#entries.values()]
      .toSorted((a, b) => b.counts.queries - a.counts.queries)
      .slice(0, most)
      .map(({ server, counts, times, rcodes }) => ({
        server,
        ...counts,
        medianMs: percentile(times, 0.5),
        p95Ms: percentile(times, 0.95),
        rcodes,
      }));
  }

  #entryOf(server: string): Entry {
    const known = this.#entries.get(server);
    if (known !== undefined) return known;
    const entry: Entry = { server, counts: noCounts(), times: new Uint32Array(steps), rcodes: new Map() };
    this.#entries.set(server, entry, entryOctets);
    return entry;
  }

  #count(entry: Entry, what: keyof UpstreamCounts): void {
    entry.counts[what] += 1;
    this.#totals[what] += 1;
  }
}

function noCounts(): Counts {
  return {
    queries: 0,
    overTcp: 0,
    answers: 0,
    timeouts: 0,
    unreachable: 0,
    unusable: 0,
    forged: 0,
    truncated: 0,
    lame: 0,
  };
}

function stepOf(ms: number): number {
  if (ms <= firstStepMs) return 0;
  return Math.min(steps - 1, Math.ceil(Math.log2(ms / firstStepMs) * stepsInOctave));
}

/** The upper end of the step in which the `share` of all is reached. */
function percentile(times: Uint32Array, share: number): number | undefined {
  const all = times.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  let left = Math.ceil(all * share);
  const step = times.findIndex((count) => (left -= count) <= 0);
  return firstStepMs * 2 ** (step / stepsInOctave);
}
