// The lines of the client, pulled from its connection; tells when the server wants to stop.
import type { Clock } from '../../lib/clock.ts';
import type { Connection } from '../../lib/transport.ts';
import { LineDecoder } from '../wire/line-decoder.ts';
import type { ClientLine } from '../wire/line-decoder.ts';

/**
 * RFC 1939 §3: the autologout timer has at least 10 minutes. They are for a whole line, so that nobody holds a connection by an
 * octet now and then.
 */
const idleMs = 600_000;
/** While the server stops, a session that is busy may go on; this long a pause ends it. */
const drainPauseMs = 1_000;

export type Pulled =
  | ClientLine
  /** The client closed its side. */
  | { readonly kind: 'end' }
  /** The server is stopping, and the client has nothing under way. */
  | { readonly kind: 'drained' };

export class LineSource {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #decoder = new LineDecoder();
  #reading: Promise<Uint8Array | undefined> | undefined;

  constructor(connection: Connection, signal: AbortSignal, clock: Clock) {
    this.#connection = connection;
    this.#signal = signal;
    this.#clock = clock;
  }

  /** A line that is here already. */
  next(): ClientLine | undefined {
    return this.#decoder.next();
  }

  /**
   * The next line, read as needed, before `latest` on the monotonic clock. `patient`: while the server stops, waits a moment
   * for it all the same. Throws `ConnectionFault`.
   */
  async pull(patient: boolean, latest: number): Promise<Pulled> {
    const deadline = Math.min(latest, this.#clock.monotonic() + idleMs);
    for (;;) {
      const line = this.#decoder.next();
      if (line !== undefined) return line;
      const bytes = await this.#read(patient, deadline);
      if (bytes === 'drained') return { kind: 'drained' };
      if (bytes === undefined) return { kind: 'end' };
      this.#decoder.push(bytes);
    }
  }

  /** Forgets what has come and wasn't pulled (RFC 2595 §4). */
  discard(): void {
    this.#decoder.discard();
  }

  async #read(patient: boolean, deadline: number): Promise<Uint8Array | undefined | 'drained'> {
    // Kept over a drain that didn't come to an end: a connection takes one read at a time.
    this.#reading ??= this.#connection.read(Math.max(0, deadline - this.#clock.monotonic()));
    const reading = this.#reading;
    const result = await this.#orDrained(reading, patient);
    if (result !== 'drained') this.#reading = undefined;
    return result;
  }

  #orDrained(
    reading: Promise<Uint8Array | undefined>,
    patient: boolean,
  ): Promise<Uint8Array | undefined | 'drained'> {
    return new Promise((resolve, reject) => {
      let pause: { cancel(): void } | undefined;
      const stop = (): void => {
        if (patient) pause = this.#clock.after(drainPauseMs, () => resolve('drained'));
        else resolve('drained');
      };
      const done = (): void => {
        pause?.cancel();
        this.#signal.removeEventListener('abort', stop);
      };
      reading.then(resolve, reject).finally(done);
      if (this.#signal.aborted) stop();
      else this.#signal.addEventListener('abort', stop, { once: true });
    });
  }
}
