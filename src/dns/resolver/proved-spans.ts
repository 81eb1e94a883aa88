// Stretches of a zone in which nothing is, each from one place to the next: by the order of names for NSEC (RFC 4034 §6.1), by that of hashes for
// NSEC3 (RFC 5155 §3). Sorted, so that the one that a place may lie in is found by halving.
import type { SignedRRset } from '../dnssec/verify-rrset.ts';
import type { ResourceRecord } from '../wire/record.ts';

export interface ProvedSpan<Place> {
  readonly from: Place;
  readonly set: SignedRRset;
  /** The NSEC or NSEC3 with its RRSIGs. */
  readonly records: readonly ResourceRecord[];
  /** By the monotonic clock, in milliseconds. */
  readonly expires: number;
}

interface Kept<Span> {
  readonly span: Span;
  used: boolean;
}

export class ProvedSpans<Place, Span extends ProvedSpan<Place>> {
  readonly #compare: (a: Place, b: Place) => number;
  readonly #most: number;
  #spans: Kept<Span>[] = [];

  /** `most`: of them are kept. */
  constructor(compare: (a: Place, b: Place) => number, most: number) {
    this.#compare = compare;
    this.#most = most;
  }

  get size(): number {
    return this.#spans.length;
  }

  /** In the place of one that begins where it does. */
  put(span: Span, now: number): void {
    if (this.#spans.length >= this.#most) this.#makeRoom(now);
    const at = this.#indexBelow(span.from);
    const below = this.#spans[at]?.span;
    const replaced = below !== undefined && this.#compare(below.from, span.from) === 0;
    this.#spans.splice(replaced ? at : at + 1, replaced ? 1 : 0, { span, used: false });
  }

  /** The one that begins at `place` or nearest before it, or else the last, which may lead round to the first; if it is still valid. */
  at(place: Place, now: number): Span | undefined {
    const kept = this.#spans[this.#indexBelow(place)] ?? this.#spans.at(-1);
    if (kept === undefined || kept.span.expires <= now) return undefined;
    kept.used = true;
    return kept.span;
  }

  /** Leaves out what has ended, and what nobody has come across since the last time; and every other one where that isn't enough. */
  #makeRoom(now: number): void {
    const left = this.#spans.filter(({ span, used }) => used && span.expires > now);
    this.#spans = left.length <= this.#most / 2 ? left : left.filter((_, i) => i % 2 === 0);
    for (const kept of this.#spans) kept.used = false;
  }

  /** The last index that begins not behind `place`; -1 where there is none. */
  #indexBelow(place: Place): number {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const from = this.#spans[middle]?.span.from;
      if (from !== undefined && this.#compare(from, place) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
