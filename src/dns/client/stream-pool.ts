// Connections to other DNS servers, by TCP or TLS (RFC 7858): several questions share one, it is kept for a short time after the last, and
// their number is bounded (RFC 7766 §6.2).
import type { Clock, Timer } from '../../lib/clock.ts';
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { Connection, Network } from '../../lib/transport.ts';
import type { UpstreamEvent } from '../resolver/upstream.ts';
import { DnsFrameDecoder, frameMessage } from '../wire/frame-decoder.ts';
import { unreachableBy } from './unreachable.ts';

/** Milliseconds that a connection without questions is kept (RFC 7766 §6.2.3: a few seconds). */
const keptIdle = 3_000;
/** Milliseconds without an octet before a connection is given up although somebody waits. */
const silence = 10_000;
const mostConnections = 100;
const mostQuestions = 50;

export interface StreamServer {
  readonly endpoint: Endpoint;
  /** Set for TLS. */
  readonly certificateName?: string | undefined;
}

type Listener = (event: UpstreamEvent) => void;

/** A question on a connection, until it is stopped. */
interface Waiting {
  readonly message: Uint8Array;
  readonly heard: Listener;
  /** Asks once more on a new connection; only for a question's first one. */
  readonly again: (() => void) | undefined;
}

export class StreamPool {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #streams = new Map<string, Stream>();

  constructor(network: Network, clock: Clock) {
    this.#network = network;
    this.#clock = clock;
  }

  /** Open connections, those included that are being opened. */
  get size(): number {
    return this.#streams.size;
  }

  /** As `Upstream.ask`, by TCP; over TLS where there is a name that the server's certificate must be valid for. */
  ask(to: StreamServer, message: Uint8Array, timeoutMs: number, heard: Listener): () => void {
    let stop = this.#ask(to, timeoutMs, {
      message,
      heard,
      again: () => {
        stop = this.#ask(to, timeoutMs, { message, heard, again: undefined });
      },
    });
    return () => stop();
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close();
  }

  #ask(to: StreamServer, timeoutMs: number, waiting: Waiting): () => void {
    const key = `${formatEndpoint(to.endpoint)} ${to.certificateName}`;
    const open = this.#streams.get(key);
    if (open !== undefined && !open.full) return open.ask(waiting);
    if (open !== undefined || (this.#streams.size >= mostConnections && !this.#closeIdle())) {
      waiting.heard(gone('too many questions by TCP at once'));
      return () => undefined;
    }
    const stream: Stream = new Stream(this.#network, this.#clock, to, timeoutMs, () => {
      if (this.#streams.get(key) === stream) this.#streams.delete(key);
    });
    this.#streams.set(key, stream);
    return stream.ask(waiting);
  }

  #closeIdle(): boolean {
    for (const stream of this.#streams.values()) {
      if (stream.busy) continue;
      stream.close();
      return true;
    }
    return false;
  }
}

class Stream {
  readonly #waiting = new Set<Waiting>();
  readonly #clock: Clock;
  readonly #closed: () => void;
  readonly #abort = new AbortController();
  #connection: Connection | undefined;
  /** Questions that wait for the connection to be there. */
  #early: Uint8Array[] = [];
  #idle: Timer | undefined;
  #over = false;
  /** Answers have come. Whoever closes after that may close as a server does with an idle connection (RFC 7766 §6.2.4): no fault of the question. */
  #served = false;

  constructor(network: Network, clock: Clock, to: StreamServer, timeoutMs: number, closed: () => void) {
    this.#clock = clock;
    this.#closed = closed;
    void this.#run(network, to, timeoutMs);
  }

  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  get full(): boolean {
    return this.#waiting.size >= mostQuestions;
  }

  /** Every question hears every message of the connection, and knows its own by id and question. */
  ask(waiting: Waiting): () => void {
    this.#idle?.cancel();
    this.#waiting.add(waiting);
    const bytes = frameMessage(waiting.message);
    if (this.#connection === undefined) this.#early.push(bytes);
    else void this.#write(this.#connection, bytes);
    return () => {
      if (!this.#waiting.delete(waiting) || this.busy || this.#over) return;
      this.#idle = this.#clock.after(keptIdle, () => this.close());
    };
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#idle?.cancel();
    this.#abort.abort();
    this.#connection?.destroy();
    this.#closed();
  }

  async #run(
    network: Network,
    { endpoint, certificateName }: StreamServer,
    timeoutMs: number,
  ): Promise<void> {
    try {
      const connection = await network.connect(endpoint, {
        timeoutMs,
        signal: this.#abort.signal,
        // RFC 8310 §5, the strict profile: without a valid certificate nothing is asked.
        ...(certificateName !== undefined && {
          tls: { serverName: certificateName, requireVerified: true, alpn: 'dot' },
        }),
      });
      if (this.#over) {
        connection.destroy();
        return;
      }
      this.#connection = connection;
      for (const bytes of this.#early) void this.#write(connection, bytes);
      this.#early = [];
      const decoder = new DnsFrameDecoder();
      for (;;) {
        const bytes = await connection.read(silence);
        if (bytes === undefined) break;
        const { messages, fault } = decoder.push(bytes);
        for (const message of messages) {
          this.#served = true;
          for (const { heard } of this.#waiting) heard({ kind: 'message', bytes: message });
        }
        if (fault !== undefined) {
          this.#fail(gone('the server breaks the framing of messages'));
          return;
        }
      }
      this.#fail(gone('the server closed the connection'));
    } catch (error) {
      this.#fail(unreachableBy(error));
    }
  }

  async #write(connection: Connection, bytes: Uint8Array): Promise<void> {
    try {
      await connection.write(bytes, silence);
    } catch (error) {
      this.#fail(unreachableBy(error));
    }
  }

  #fail(event: UpstreamEvent): void {
    if (this.#over) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.close();
    for (const { heard, again } of waiting) {
      if (this.#served && again !== undefined) again();
      else heard(event);
    }
  }
}

function gone(reason: string): UpstreamEvent {
  return { kind: 'unreachable', scope: 'server', reason };
}
