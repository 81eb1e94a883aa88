// DNS over TCP and TLS (RFC 7766): many queries on one connection, answered as answers come, in any order (§7). What one
// client does costs only that client: its queries in flight are bounded, and while it doesn't read its answers,
// its queries aren't read either.
import { concatBytes } from '../../lib/bytes.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection, ConnectionHandler } from '../../lib/transport.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import { DnsFrameDecoder, frameMessage } from '../wire/frame-decoder.ts';

export interface DnsStreamOptions {
  /** Without a whole query for so long, the connection is closed: milliseconds, default 10,000 (RFC 7766 §6.2.3). */
  readonly idleMs?: number;
  /** No more queries are read while so many have no answer yet: default 64. */
  readonly maxInFlight?: number;
  /** A query that the responder hasn't answered after so long counts no more: default 20,000 ms. */
  readonly answerMs?: number;
  readonly clock?: Clock;
}

const defaults: Required<DnsStreamOptions> = {
  idleMs: 10_000,
  maxInFlight: 64,
  answerMs: 20_000,
  clock: systemClock,
};

/**
 * Queries of one connection answered in one turn of the event loop: what came in one read can be thousands of them, and other
 * connections and UDP would wait for all.
 */
const mostInTurn = 8;

/** Octets of answers that may wait for the client before no more of its queries are read. */
const mostWaitingOctets = 65_536;

/** Serves one connection until the client ends it, keeps silent, breaks the framing, or the server drains. */
export function dnsStreamHandler(responder: DnsResponder, options: DnsStreamOptions = {}): ConnectionHandler {
  const settings = { ...defaults, ...options };
  return (connection, signal) => new StreamSession(responder, connection, settings).run(signal);
}

class StreamSession {
  readonly #responder: DnsResponder;
  readonly #connection: Connection;
  readonly #client: DnsClient;
  readonly #settings: Required<DnsStreamOptions>;
  /** Frames that wait to be written; one write carries all that came meanwhile. */
  #outgoing: Uint8Array[] = [];
  #outgoingOctets = 0;
  #writing = false;
  #inFlight = 0;
  /** Queries answered since the event loop last got to the others. */
  #inTurn = 0;
  /** When the last whole query came or the last answer left, by the monotonic clock. */
  #lastUse: number;
  /** No more queries are read; those that were are answered. */
  #draining = false;
  #closed = false;
  #stopReading: (() => void) | undefined;
  /** Wakes `run` where it waits for room or for the last answers. */
  #wake: (() => void) | undefined;

  constructor(responder: DnsResponder, connection: Connection, settings: Required<DnsStreamOptions>) {
    this.#responder = responder;
    this.#connection = connection;
    this.#client = { from: connection.remote, transport: 'tcp' };
    this.#settings = settings;
    this.#lastUse = settings.clock.monotonic();
  }

  async run(signal: AbortSignal): Promise<void> {
    const drain = (): void => {
      this.#draining = true;
      this.#stopReading?.();
      this.#wake?.();
    };
    if (signal.aborted) drain();
    signal.addEventListener('abort', drain, { once: true });
    try {
      await this.#serve();
      // The client may have closed its side only; what it asked is still answered (RFC 7766 §6.2.4).
      while (!this.#closed && (this.#inFlight > 0 || this.#writing)) await this.#change();
    } catch (error) {
      // The client is gone or kept silent, which every client does in the end.
      if (!(error instanceof ConnectionFault)) throw error;
    } finally {
      this.#close();
      signal.removeEventListener('abort', drain);
    }
  }

  /** Reads until the client's end of stream, a broken frame, too long a silence, or the server's drain. */
  async #serve(): Promise<void> {
    const decoder = new DnsFrameDecoder();
    while (!this.#closed && !this.#draining) {
      const patience = this.#patience();
      if (patience <= 0) return;
      const bytes = await this.#read(patience);
      if (bytes === undefined) return;
      const { messages, fault } = decoder.push(bytes);
      for (const message of messages) {
        while (!this.#closed && !this.#draining && !this.#hasRoom()) await this.#change();
        if (this.#inTurn >= mostInTurn) await this.#nextTurn();
        if (this.#closed || this.#draining) return;
        this.#inTurn += 1;
        this.#ask(message);
      }
      if (fault !== undefined) return;
    }
  }

  #nextTurn(): Promise<void> {
    this.#inTurn = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** The next octets; `undefined` at the end of the stream or of our reading. */
  #read(patience: number): Promise<Uint8Array | undefined> {
    // Not a race against one promise for the whole connection: that would remember each of its races.
    return new Promise((resolve, reject) => {
      this.#stopReading = () => resolve(undefined);
      this.#connection.read(patience).then(resolve, reject);
    });
  }

  /** How long to wait for octets. Parts of a query don't prolong it, so a trickle of octets holds no connection open. */
  #patience(): number {
    const { idleMs, answerMs, clock } = this.#settings;
    if (this.#inFlight > 0) return idleMs + answerMs;
    return this.#lastUse + idleMs - clock.monotonic();
  }

  #hasRoom(): boolean {
    return this.#inFlight < this.#settings.maxInFlight && this.#outgoingOctets < mostWaitingOctets;
  }

  #ask(message: Uint8Array): void {
    const { clock, answerMs } = this.#settings;
    this.#lastUse = clock.monotonic();
    this.#inFlight += 1;
    let open = true;
    let timer: Timer | undefined;
    const settle = (): void => {
      if (!open) return;
      open = false;
      timer?.cancel();
      this.#inFlight -= 1;
      this.#wake?.();
    };
    this.#responder.respond(message, this.#client, (response) => {
      // todo RFC 5936 §2.2: a response of several messages
      if (open && !this.#closed && response instanceof Uint8Array) this.#send(response);
      settle();
    });
    // Still open: answered later, or never, as a response sent to us is not.
    if (open) timer = clock.after(answerMs, settle);
  }

  #send(response: Uint8Array): void {
    const frame = frameMessage(response);
    this.#outgoing.push(frame);
    this.#outgoingOctets += frame.length;
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      // What is answered in this turn leaves in one write.
      await Promise.resolve();
      while (this.#outgoing.length > 0) {
        const frames = this.#outgoing;
        const octets = this.#outgoingOctets;
        this.#outgoing = [];
        await this.#connection.write(concatBytes(frames), this.#settings.idleMs);
        this.#outgoingOctets -= octets;
        this.#lastUse = this.#settings.clock.monotonic();
        this.#wake?.();
      }
    } catch {
      // Nobody reads: the same as gone. `read` says so too, where it isn't a ConnectionFault.
      this.#close();
    } finally {
      this.#writing = false;
      this.#wake?.();
    }
  }

  /** Resolves at the next answer, write or close. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #close(): void {
    this.#closed = true;
    this.#wake?.();
  }
}
