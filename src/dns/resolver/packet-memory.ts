// The memory that the resolver's answers lie in as packets, shared by all threads: laid out here, written by `PacketCache`, one thread at a
// time, read by `PacketAnswers` on any. Readers take no lock, and never wait.
//
//   head    16 words   sizes, the key of the hash, who writes, and where
//   wanted  256 words  answers near their end that were asked for: slots, as a ring
//   index   buckets of four slots, each of four words: hash, place of the entry in the log, version, use
//   log     entries one behind the other, the newest overwriting the oldest
//
// A slot's version is odd while its other words change, and another one after each change. Whoever has copied an entry and finds the
// version as it was has copied what the slot stood for: a slot is emptied long before the octets of its entry are overwritten.
import type { Random } from '../../lib/random.ts';
import { lowerOctets } from '../wire/lower-octets.ts';

const headWords = 16;
const inHead = { buckets: 0, logOctets: 1, seed: 2, factor: 3, wanted: 4, writer: 5, generation: 6 } as const;
/** Of `doubles`: octets written and made free since the beginning. */
export const inHeadDoubles = { written: 4, freed: 5 } as const;
const wantedWords = 256;

export const slotsInBucket = 4;
export const slotWords = 4;
export const inSlot = {
  hash: 0,
  /** Octets into the log, and 1; 0 where the slot is empty. */
  place: 1,
  version: 2,
  /** One of {@link use}. */
  use: 3,
} as const;

/** What became of an entry since it was written, or since it was last spared. Readers set it; a wrong one costs an entry its second chance. */
export const use = { none: 0, answered: 1, wanted: 2 } as const;

/** Octets into an entry, which begins at a multiple of 8. Behind the head come the body, the extended error, and the TTLs' places. */
export const inEntry = {
  /** Of the whole entry; 0: the log goes on at its beginning. */
  length: 0,
  hash: 4,
  /** The slot that it was written for. */
  slot: 8,
  variant: 12,
  /** Octets of header and question, and of header, question and records. */
  questionEnd: 16,
  bodyLength: 20,
  /** Of the data of an extended error (RFC 8914 §2), which follows the body. */
  errorLength: 24,
  ttls: 28,
  /** By the clock of `PacketMemory.now`, in milliseconds: when it was written, and when it ends. */
  kept: 32,
  expires: 40,
  body: 48,
} as const;

/** Octets of an entry on average, by which slots are counted: an address with its question. */
const typicalEntry = 160;
const leastLog = 65_536;
const writingTries = 32;
/** Milliseconds. */
const longestWriting = 1000;

export class PacketMemory {
  readonly shared: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Uint8Array;
  readonly buckets: number;
  /** Octets of the log, and where it begins in `bytes`. */
  readonly logOctets: number;
  readonly logAt: number;
  readonly #seed: number;
  readonly #factor: number;
  /** What is told of this object while it writes. */
  #turn = 0;

  /** Of a {@link shared} of before. */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.words = new Int32Array(shared);
    this.doubles = new Float64Array(shared);
    this.bytes = new Uint8Array(shared);
    this.buckets = this.words[inHead.buckets] ?? 0;
    this.logOctets = this.words[inHead.logOctets] ?? 0;
    this.logAt = logStart(this.buckets);
    this.#seed = this.words[inHead.seed] ?? 0;
    this.#factor = this.words[inHead.factor] ?? 0;
  }

  /** Of about so many octets in all, which the system hands out only as they are used. `random` keys the hash. */
  static make(octets: number, random: Random): PacketMemory {
    const slots = Math.max(1, octets / (typicalEntry + slotWords * 4));
    const buckets = 2 ** Math.max(0, Math.round(Math.log2(slots / slotsInBucket)));
    const logOctets = Math.max(leastLog, (octets - logStart(buckets)) & -8);
    const shared = new SharedArrayBuffer(logStart(buckets) + logOctets);
    const words = new Int32Array(shared);
    words[inHead.buckets] = buckets;
    words[inHead.logOctets] = logOctets;
    words[inHead.seed] = random.below(0x1_0000_0000) | 0;
    // Odd, so that no step of the hash loses what went in.
    words[inHead.factor] = random.below(0x1_0000_0000) | 1;
    return new PacketMemory(shared);
  }

  /**
   * The hash of a question whose name lies in `bytes` from `at` to `end`, letters alike in either case. Keyed: nobody outside can choose questions that
   * meet in one bucket; and if they do, they cost each other their place and nobody time.
   */
  hash(bytes: Uint8Array, at: number, end: number, type: number, variant: number): number {
    const factor = this.#factor;
    let hash = this.#seed ^ variant;
    for (let i = at; i < end; i++) {
      hash = Math.imul(hash ^ (lowerOctets[bytes[i] ?? 0] ?? 0), factor);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ type, factor);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0x2c1b3c6d);
    return hash ^ (hash >>> 16);
  }

  /** The word at which the bucket of a hash begins. */
  bucketAt(hash: number): number {
    return headWords + wantedWords + (hash & (this.buckets - 1)) * slotsInBucket * slotWords;
  }

  /** Where the index begins and ends, in words. */
  get indexAt(): number {
    return headWords + wantedWords;
  }

  get indexEnd(): number {
    return this.logAt >>> 2;
  }

  /** Counts how often everything was forgotten: what was asked before isn't kept after. */
  get generation(): number {
    return Atomics.load(this.words, inHead.generation);
  }

  countGeneration(): void {
    Atomics.add(this.words, inHead.generation, 1);
  }

  /**
   * Takes the right to write, for some microseconds; false where another thread has it all the time. `now`: milliseconds of the clock that all threads
   * have in common. A thread that died as it wrote has had its time after a second.
   */
  beginWriting(now: number): boolean {
    const { words } = this;
    // Who writes is told by when that began: 0 is nobody.
    const turn = Math.floor(now) | 0 || 1;
    let writer = 0;
    for (let tries = writingTries; tries > 0; tries--) {
      writer = Atomics.compareExchange(words, inHead.writer, 0, turn);
      if (writer === 0) {
        this.#turn = turn;
        return true;
      }
      if (tries < writingTries / 2) Atomics.wait(words, inHead.writer, writer, 1);
    }
    if (((turn - writer) | 0) < longestWriting) return false;
    // One of those who wait comes after it.
    if (Atomics.compareExchange(words, inHead.writer, writer, turn) !== writer) return false;
    this.#turn = turn;
    return true;
  }

  endWriting(): void {
    // Whoever waits looks again by itself: to wake it would cost each write more. Who was too slow has lost the right already.
    Atomics.compareExchange(this.words, inHead.writer, this.#turn, 0);
  }

  /** Tells whoever resolves of the entry of the slot at that word. A ring of few: when many are told of at once, some are told of again later. */
  want(slot: number): void {
    const index = Atomics.add(this.words, inHead.wanted, 1) & (wantedWords - 1);
    Atomics.store(this.words, headWords + index, slot);
  }

  /** How many were told of so far, modulo 2^32. */
  get wanted(): number {
    return Atomics.load(this.words, inHead.wanted);
  }

  /** The last that were told of, from the `since`-th on. */
  *wantedSince(since: number): Iterable<number> {
    const count = Math.min((this.wanted - since) >>> 0, wantedWords);
    for (let back = count; back > 0; back--)
      yield Atomics.load(this.words, headWords + ((this.wanted - back) & (wantedWords - 1)));
  }
}

function logStart(buckets: number): number {
  return (headWords + wantedWords + buckets * slotsInBucket * slotWords) * 4;
}

/** What of a query the answer depends on besides its question: DO (RFC 3225), and CD (RFC 4035 §3.2.2), by which bogus answers are told. */
export function variantOf(dnssecOk: boolean, checkingDisabled: boolean): number {
  return (dnssecOk ? 1 : 0) | (checkingDisabled ? 2 : 0);
}
