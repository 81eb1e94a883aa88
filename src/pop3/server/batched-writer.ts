// Collects what is sent, so that the replies to pipelined commands leave in one write (RFC 2449 §6.6), and slows down whoever
// produces to the speed of the peer.
import type { Connection } from '../../lib/transport.ts';

/** Octets that are worth waiting for before a write. */
const batchOctets = 32_768;
/** Without progress for so long, the peer is gone; the same time as for reading (RFC 1939 §3). */
const writeIdleMs = 600_000;

export class BatchedWriter {
  readonly #connection: Connection;
  #chunks: Uint8Array[] = [];
  #octets = 0;
  #afterFlush: (() => void)[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether `add` would have to wait for a write. */
  get full(): boolean {
    return this.#octets >= batchOctets;
  }

  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#octets += bytes.length;
  }

  /** As `put`, and waits for the peer where enough has come together. Throws `ConnectionFault`. */
  async add(bytes: Uint8Array): Promise<void> {
    this.put(bytes);
    if (this.full) await this.flush();
  }

  /** Called once everything put until now is with the system. */
  afterFlush(action: () => void): void {
    this.#afterFlush.push(action);
  }

  /** Throws `ConnectionFault`. */
  async flush(): Promise<void> {
    const chunks = this.#chunks;
    const actions = this.#afterFlush;
    const octets = this.#octets;
    this.#chunks = [];
    this.#afterFlush = [];
    this.#octets = 0;
    const [only] = chunks;
    if (only !== undefined)
      await this.#connection.write(chunks.length === 1 ? only : Buffer.concat(chunks, octets), writeIdleMs);
    for (const action of actions) action();
  }
}
