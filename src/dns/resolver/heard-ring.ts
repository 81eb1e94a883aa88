// What a datagram thread has heard of a zone's servers, on its way to the main thread: records one behind the other in a ring of shared memory, written by
// that thread alone and read by the main thread alone, when it gets to it. What there is no room for is lost: an answer that is asked for once more.

/** What became of a question: the reply, that none came in time, that the system says the server can't be reached, or that somebody guesses. */
export const heardKind = { reply: 1, silence: 2, unreachable: 3, forged: 4 } as const;

/** Words: octets written and read since the beginning, modulo 2^32. */
const inHead = { written: 0, read: 1 } as const;
const headOctets = 64;
/** Octets into a record, which begins at a multiple of 8; behind it come the query as it was sent, and the reply. */
const inRecord = {
  /** Of the whole record; 0: the ring goes on at its beginning. */
  length: 0,
  kind: 4,
  server: 8,
  /** Seconds, where the thread has answered by it: for so long it is kept. 0: the main thread is to make something of it. */
  ttl: 12,
  generation: 16,
  queryLength: 20,
  replyLength: 24,
  zoneLength: 28,
  ms: 32,
  asked: 40,
  query: 48,
} as const;

/** One of them; the octets are valid until the next is read. */
export interface Heard {
  readonly kind: number;
  readonly server: number;
  readonly ttl: number;
  readonly generation: number;
  /** Octets of the name of the zone whose server was asked; the question's name ends with it. */
  readonly zoneLength: number;
  /** Milliseconds that the reply took, and when the question was asked by the clock of all threads. */
  readonly ms: number;
  readonly asked: number;
  readonly query: Uint8Array;
  readonly reply: Uint8Array;
}

const none = new Uint8Array(0);

export class HeardRing {
  readonly shared: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #size: number;

  /** Of a {@link shared} of before. */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#head = new Int32Array(shared, 0, headOctets / 4);
    this.#words = new Int32Array(shared, headOctets);
    this.#doubles = new Float64Array(shared, headOctets);
    this.#bytes = new Uint8Array(shared, headOctets);
    this.#size = this.#bytes.length;
  }

  /** Of 2 to the power of `bits` octets. */
  static make(bits: number): HeardRing {
    return new HeardRing(new SharedArrayBuffer(headOctets + 2 ** bits));
  }

  /** For the thread that writes; `replyLength` octets of `reply`. */
  put(heard: Omit<Heard, 'reply'>, reply: Uint8Array = none, replyLength: number = reply.length): void {
    const { query } = heard;
    const length = (inRecord.query + query.length + replyLength + 7) & -8;
    let written = (this.#head[inHead.written] ?? 0) >>> 0;
    const taken = (written - Atomics.load(this.#head, inHead.read)) >>> 0;
    let at = written & (this.#size - 1);
    const gap = at + length > this.#size ? this.#size - at : 0;
    if (taken + gap + length > this.#size) return;
    const words = this.#words;
    if (gap > 0) {
      words[(at + inRecord.length) >>> 2] = 0;
      written += gap;
      at = 0;
    }
    words[(at + inRecord.length) >>> 2] = length;
    words[(at + inRecord.kind) >>> 2] = heard.kind;
    words[(at + inRecord.server) >>> 2] = heard.server;
    words[(at + inRecord.ttl) >>> 2] = heard.ttl;
    words[(at + inRecord.generation) >>> 2] = heard.generation;
    words[(at + inRecord.zoneLength) >>> 2] = heard.zoneLength;
    words[(at + inRecord.queryLength) >>> 2] = query.length;
    words[(at + inRecord.replyLength) >>> 2] = replyLength;
    this.#doubles[(at + inRecord.ms) >>> 3] = heard.ms;
    this.#doubles[(at + inRecord.asked) >>> 3] = heard.asked;
    const queryAt = at + inRecord.query;
    for (let i = 0; i < query.length; i++) this.#bytes[queryAt + i] = query[i] ?? 0;
    const replyAt = queryAt + query.length;
    for (let i = 0; i < replyLength; i++) this.#bytes[replyAt + i] = reply[i] ?? 0;
    // All of it is there before it is told of.
    Atomics.store(this.#head, inHead.written, (written + length) | 0);
  }

  /** For the thread that reads: hands over what has come, `most` records of it; gives whether there is more. */
  take(most: number, visit: (heard: Heard) => void): boolean {
    const words = this.#words;
    let read = Atomics.load(this.#head, inHead.read) >>> 0;
    const written = Atomics.load(this.#head, inHead.written) >>> 0;
    for (let left = most; read !== written; left--) {
      if (left === 0) return true;
      let at = read & (this.#size - 1);
      if (words[(at + inRecord.length) >>> 2] === 0) {
        read = (read + this.#size - at) >>> 0;
        at = 0;
      }
      const replyAt = at + inRecord.query + (words[(at + inRecord.queryLength) >>> 2] ?? 0);
      visit({
        kind: words[(at + inRecord.kind) >>> 2] ?? 0,
        server: words[(at + inRecord.server) >>> 2] ?? 0,
        ttl: words[(at + inRecord.ttl) >>> 2] ?? 0,
        generation: words[(at + inRecord.generation) >>> 2] ?? 0,
        zoneLength: words[(at + inRecord.zoneLength) >>> 2] ?? 0,
        ms: this.#doubles[(at + inRecord.ms) >>> 3] ?? 0,
        asked: this.#doubles[(at + inRecord.asked) >>> 3] ?? 0,
        query: this.#bytes.subarray(at + inRecord.query, replyAt),
        reply: this.#bytes.subarray(replyAt, replyAt + (words[(at + inRecord.replyLength) >>> 2] ?? 0)),
      });
      read = (read + (words[(at + inRecord.length) >>> 2] ?? 0)) >>> 0;
      Atomics.store(this.#head, inHead.read, read | 0);
    }
    return false;
  }
}
