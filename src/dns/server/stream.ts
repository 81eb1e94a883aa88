// DNS over TCP and TLS (RFC 7766, RFC 7858): many queries on one connection, answered as answers come, in any order (§7). What one
// client does costs only that client: its queries in flight are bounded, and while it doesn't read its answers,
// its queries aren't read either.
//
// A hot path: what the responder answers at once goes from the octets read to one buffer of answers, and leaves in one write for all
// queries of a read, without an object or a promise for each (bench/dns.ts measures it against Knot).
import { systemClock } from '../../lib/clock.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { concatBytes } from '../../lib/bytes.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection, ConnectionHandler } from '../../lib/transport.ts';
import type { DnsClient, DnsResponder } from '../responder.ts';
import { DnsFrameDecoder, frameMessage } from '../wire/frame-decoder.ts';
import { maxMessageLength } from '../wire/writer.ts';

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
 * Work of one connection in one turn of the event loop: what came in one read can be thousands of queries, and other
 * connections and UDP would wait for all. A query answered at once is worth 1 (about a microsecond), another {@link slowWork}.
 */
const mostInTurn = 128;
const slowWork = 16;

/** Octets of answers that may wait for the client before no more of its queries are read. */
const mostWaitingOctets = 65_536;

/** Where answers made at once are gathered, by one connection at a time: it sends them before it lets go of its turn. */
const gathered = new Uint8Array(mostWaitingOctets + 2 + maxMessageLength);

/** Serves one connection until the client ends it, keeps silent, breaks the framing, or the server drains. */
export function dnsStreamHandler(responder: DnsResponder, options: DnsStreamOptions = {}): ConnectionHandler {
  return new DnsStreams(responder, options).handler;
}

/** The connections of one listener. */
export class DnsStreams {
  readonly #responder: DnsResponder;
  readonly #settings: Required<DnsStreamOptions>;
  readonly #sessions = new Set<StreamSession>();

  constructor(responder: DnsResponder, options: DnsStreamOptions = {}) {
    this.#responder = responder;
    this.#settings = { ...defaults, ...options };
  }

  readonly handler: ConnectionHandler = async (connection, signal) => {
    const session = new StreamSession(this.#responder, connection, this.#settings);
    this.#sessions.add(session);
    try {
      await session.run(signal);
    } finally {
      this.#sessions.delete(session);
    }
  };

  /** Which connection to give up for a new one (RFC 7766 §6.2.3): of those that `among` takes, the one that is idle longest. */
  longestIdle(among: (connection: Connection) => boolean): Connection | undefined {
    let longest: StreamSession | undefined;
    for (const session of this.#sessions) {
      if (!session.idle || !among(session.connection)) continue;
      if (longest === undefined || session.lastUse < longest.lastUse) longest = session;
    }
    return longest?.connection;
  }
}

class StreamSession {
  readonly connection: Connection;
  readonly #responder: DnsResponder;
  readonly #client: DnsClient;
  readonly #settings: Required<DnsStreamOptions>;
  readonly #decoder = new DnsFrameDecoder();
  /** Octets in `gathered` that are ours. */
  #gatheredOctets = 0;
  /** Frames that wait to be written; one write carries all that came meanwhile. */
  #outgoing: Uint8Array[] = [];
  #outgoingOctets = 0;
  #writing = false;
  #inFlight = 0;
  /** Work done since the event loop last got to the others. */
  #inTurn = 0;
  /** No more queries are read; those that were are answered. */
  #draining = false;
  #closed = false;
  #stopReading: (() => void) | undefined;
  #idleTimer: Timer | undefined;
  /** Wake `run` and streams where they wait for room or for the last answers. */
  #wakers: (() => void)[] = [];
  /** When the last whole query came or the last answer left, by the monotonic clock. */
  lastUse: number;

  constructor(responder: DnsResponder, connection: Connection, settings: Required<DnsStreamOptions>) {
    this.connection = connection;
    this.#responder = responder;
    this.#client = { from: connection.remote, transport: connection.tls === undefined ? 'tcp' : 'tls' };
    this.#settings = settings;
    this.lastUse = settings.clock.monotonic();
  }

  get idle(): boolean {
    return this.#inFlight === 0 && !this.#writing;
  }

  async run(signal: AbortSignal): Promise<void> {
    const drain = (): void => this.#drain();
    if (signal.aborted) drain();
    signal.addEventListener('abort', drain, { once: true });
    this.#watchIdle(this.#settings.idleMs);
    try {
      await this.#serve();
      // The client may have closed its side only; what it asked is still answered (RFC 7766 §6.2.4).
      while (!this.#closed && (this.#inFlight > 0 || this.#writing)) await this.#change();
    } catch (error) {
      // The client is gone or kept silent, which every client does in the end.
      if (!(error instanceof ConnectionFault)) throw error;
    } finally {
      this.#close();
      this.#idleTimer?.cancel();
      signal.removeEventListener('abort', drain);
    }
  }

  #drain(): void {
    this.#draining = true;
    this.#stopReading?.();
    this.#wake();
  }

  /** Reads until the client's end of stream, a broken frame, too long a silence, or the server's drain. */
  async #serve(): Promise<void> {
    const decoder = this.#decoder;
    while (!this.#closed && !this.#draining) {
      if (!this.#hasRoom()) {
        this.#flush();
        await this.#change();
      } else if (this.#inTurn >= mostInTurn) {
        this.#flush();
        await this.#nextTurn();
      } else if (decoder.next()) {
        this.#ask(decoder.bytes, decoder.start, decoder.end);
      } else {
        this.#flush();
        if (decoder.fault !== undefined) return;
        const bytes = await this.#read();
        if (bytes === undefined) return;
        decoder.feed(bytes);
      }
    }
    this.#flush();
  }

  #nextTurn(): Promise<void> {
    this.#inTurn = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** The next octets; `undefined` at the end of the stream or of our reading. */
  #read(): Promise<Uint8Array | undefined> {
    // Not a race against one promise for the whole connection: that would remember each of its races.
    return new Promise((resolve, reject) => {
      this.#stopReading = () => resolve(undefined);
      // How long a silence may be is the session's to say: while an answer is on its way there is none.
      this.connection.read(Number.POSITIVE_INFINITY).then(resolve, reject);
    });
  }

  /** Ends an idle connection. Parts of a query are no use of it, so a trickle of octets holds no connection open. */
  #watchIdle(ms: number): void {
    const { clock, idleMs } = this.#settings;
    this.#idleTimer = clock.after(ms, () => {
      if (this.#closed || this.#draining) return;
      const left = this.idle ? this.lastUse + idleMs - clock.monotonic() : idleMs;
      if (left > 0) this.#watchIdle(left);
      else this.#drain();
    });
  }

  #hasRoom(): boolean {
    return (
      this.#inFlight < this.#settings.maxInFlight &&
      this.#outgoingOctets + this.#gatheredOctets < mostWaitingOctets
    );
  }

  #ask(bytes: Uint8Array, start: number, end: number): void {
    const responder = this.#responder;
    if (responder.answerInto !== undefined) {
      const at = this.#gatheredOctets;
      const length = responder.answerInto(
        bytes,
        start,
        end - start,
        this.#client,
        gathered,
        at + 2,
        maxMessageLength,
      );
      if (length >= 0) {
        this.#inTurn += 1;
        if (length === 0) return;
        gathered[at] = length >>> 8;
        gathered[at + 1] = length;
        this.#gatheredOctets = at + 2 + length;
        return;
      }
    }
    // The responder may answer at once, and another connection's answers be made meanwhile.
    this.#flush();
    this.#inTurn += slowWork;
    this.#respond(bytes.subarray(start, end));
  }

  #respond(message: Uint8Array): void {
    const { clock, answerMs } = this.#settings;
    this.lastUse = clock.monotonic();
    this.#inFlight += 1;
    let open = true;
    let timer: Timer | undefined;
    const settle = (): void => {
      this.lastUse = clock.monotonic();
      this.#inFlight -= 1;
      this.#wake();
    };
    this.#responder.respond(message, this.#client, (response) => {
      if (!open) {
        if (!(response instanceof Uint8Array)) void discard(response);
        return;
      }
      open = false;
      timer?.cancel();
      if (response instanceof Uint8Array) {
        if (!this.#closed) this.#send(frameMessage(response));
        settle();
      } else {
        void this.#sendAll(response).finally(settle);
      }
    });
    // Still open: answered later, or never, as a response sent to us is not.
    if (open) {
      timer = clock.after(answerMs, () => {
        open = false;
        settle();
      });
    }
  }

  /** A response of several messages (RFC 5936 §2.2): each is pulled once the client has taken those before. */
  async #sendAll(messages: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      // Leaving the loop early calls the iterator's `return`.
      for await (const message of messages) {
        while (!this.#closed && this.#outgoingOctets >= mostWaitingOctets) await this.#change();
        if (this.#closed) return;
        this.#send(frameMessage(message));
      }
    } catch {
      // What has gone out can't be taken back, and must not look whole: whoever made the messages has told the log why.
      this.#close();
      this.connection.destroy();
    }
  }

  /** Hands the answers gathered in this turn to the writer. */
  #flush(): void {
    const octets = this.#gatheredOctets;
    if (octets === 0) return;
    this.#gatheredOctets = 0;
    this.lastUse = this.#settings.clock.monotonic();
    this.#send(gathered.slice(0, octets));
  }

  #send(frame: Uint8Array): void {
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
        const [only] = frames;
        this.#outgoing = [];
        await this.connection.write(
          frames.length === 1 && only !== undefined ? only : concatBytes(frames),
          this.#settings.idleMs,
        );
        this.#outgoingOctets -= octets;
        this.lastUse = this.#settings.clock.monotonic();
        this.#wake();
      }
    } catch {
      // Nobody reads: the same as gone. `read` says so too, where it isn't a ConnectionFault.
      this.#close();
    } finally {
      this.#writing = false;
      this.#wake();
    }
  }

  /** Resolves at the next answer, write or close. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  #wake(): void {
    if (this.#wakers.length === 0) return;
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const waker of wakers) waker();
  }

  #close(): void {
    this.#closed = true;
    this.#wake();
  }
}

/** Lets go of what comes too late. One message is pulled: a generator that wasn't begun has nothing that could be ended. */
async function discard(messages: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _ of messages) break;
  } catch {
    // Whoever made the messages has told the log why.
  }
}
