// What the main thread and the thread that hears flows say to each other without a message: words in shared memory.

const words = { stop: 0, written: 1, read: 2, waiting: 3 } as const;
const headWords = 16;
/** More sockets than a process has. */
const closingWords = 65_536;
/** Datagrams that may wait for the main thread. */
const mostWaiting = 1024;
const patienceMs = 50;

export class FlowMemory {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer((headWords + closingWords) * 4)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  get stopping(): boolean {
    return Atomics.load(this.#words, words.stop) !== 0;
  }

  stop(): void {
    Atomics.store(this.#words, words.stop, 1);
  }

  /**
   * Hands a socket to the thread that hears, to be closed: the main thread can't know whether that one is just about to read from it, and its number
   * may be another socket's at once.
   */
  handOver(fd: number): void {
    const written = Atomics.load(this.#words, words.written);
    Atomics.store(this.#words, headWords + (written & (closingWords - 1)), fd);
    Atomics.store(this.#words, words.written, (written + 1) | 0);
  }

  /** The next socket that was handed over; -1 where there is none. */
  takeOver(): number {
    const read = Atomics.load(this.#words, words.read);
    if (read === Atomics.load(this.#words, words.written)) return -1;
    const fd = Atomics.load(this.#words, headWords + (read & (closingWords - 1)));
    Atomics.store(this.#words, words.read, (read + 1) | 0);
    return fd;
  }

  /** Before so many datagrams are handed to the main thread: waits until it has room for them, or so long that something is wrong with it. */
  enterQueue(count: number): void {
    for (;;) {
      const waiting = Atomics.load(this.#words, words.waiting);
      if (waiting === 0 || waiting + count <= mostWaiting || this.stopping) break;
      Atomics.wait(this.#words, words.waiting, waiting, patienceMs);
    }
    Atomics.add(this.#words, words.waiting, count);
  }

  leaveQueue(count: number): void {
    Atomics.sub(this.#words, words.waiting, count);
    Atomics.notify(this.#words, words.waiting);
  }
}
