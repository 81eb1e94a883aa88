// What the main thread and a datagram worker say to each other without a message: the worker looks here for each batch, so words
// in shared memory it is, and counters that anyone may read at any time.

/** Of one worker since the start, whoever died meanwhile. */
export interface WorkerCounters {
  readonly received: number;
  readonly answered: number;
  /** Handed to the main thread. */
  readonly forwarded: number;
  /** Not answered on purpose, or too long, or more than the main thread keeps up with. */
  readonly dropped: number;
  /** Replies that the system didn't take. */
  readonly failed: number;
  /** Calls that received something. */
  readonly batches: number;
}

const words = { stop: 0, changes: 1, waiting: 2 } as const;
const wordOctets = 64;
const names = ['received', 'answered', 'forwarded', 'dropped', 'failed', 'batches'] as const;

/** Datagrams that may wait for the main thread: so many that it stays busy, so few that it gets to its other work meanwhile. */
const mostWaiting = 512;

/** How long a worker that waits for the main thread goes without a look around. */
const queuePatienceMs = 50;

export class WorkerMemory {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** Written by the worker alone; whole octets are read and written at once where numbers lie aligned. */
  readonly #counters: Float64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(wordOctets + names.length * 8)) {
    this.shared = shared;
    this.#words = new Int32Array(shared, 0, wordOctets / 4);
    this.#counters = new Float64Array(shared, wordOctets);
  }

  get stopping(): boolean {
    return Atomics.load(this.#words, words.stop) !== 0;
  }

  set stopping(stop: boolean) {
    Atomics.store(this.#words, words.stop, stop ? 1 : 0);
  }

  /** How many messages were posted to the worker, modulo 2^32. */
  get changes(): number {
    return Atomics.load(this.#words, words.changes);
  }

  /** After a message was posted: from the next batch on, the worker has it before it answers. */
  countChange(): void {
    Atomics.add(this.#words, words.changes, 1);
  }

  /** Before so many datagrams are handed to the main thread; false where too many wait already. */
  enterQueue(count: number): boolean {
    const waiting = Atomics.load(this.#words, words.waiting);
    // A batch larger than the room goes by itself.
    if (waiting > 0 && waiting + count > mostWaiting) return false;
    Atomics.add(this.#words, words.waiting, count);
    return true;
  }

  /** Waits for the main thread to take something, not for ever. */
  waitForQueue(): void {
    const waiting = Atomics.load(this.#words, words.waiting);
    if (waiting > 0) Atomics.wait(this.#words, words.waiting, waiting, queuePatienceMs);
  }

  leaveQueue(count: number): void {
    Atomics.sub(this.#words, words.waiting, count);
    Atomics.notify(this.#words, words.waiting);
  }

  /** For the next worker of the same place: nothing of the last one waits any more. */
  emptyQueue(): void {
    Atomics.store(this.#words, words.waiting, 0);
  }

  add(counter: keyof WorkerCounters, count: number): void {
    const index = names.indexOf(counter);
    this.#counters[index] = (this.#counters[index] ?? 0) + count;
  }

  counters(): WorkerCounters {
    const [received = 0, answered = 0, forwarded = 0, dropped = 0, failed = 0, batches = 0] = this.#counters;
    return { received, answered, forwarded, dropped, failed, batches };
  }
}
