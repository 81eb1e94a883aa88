// A connection to a primary, by TCP (RFC 7766) or TLS (RFC 9103 §7.1, RFC 7858 §3.1): one question after the other, each with an
// answer of one message or many, their signatures checked (RFC 8945 §5.3).
import type { Clock } from '../../../lib/clock.ts';
import { fault, ok } from '../../../lib/result.ts';
import type { Result } from '../../../lib/result.ts';
import type { Connection } from '../../../lib/transport.ts';
import { signRequest, TsigResponseVerifier } from '../../tsig/tsig-client.ts';
import { DnsFrameDecoder, frameMessage } from '../../wire/frame-decoder.ts';
import { decodeMessage } from '../../wire/message-decoder.ts';
import { encodeMessage } from '../../wire/message-encoder.ts';
import type { Message } from '../../wire/message.ts';
import { goneBy, usualPatience } from './primary.ts';
import type { Primary, PrimaryFault, PrimaryMeans, PrimaryPatience } from './primary.ts';

export class PrimaryStream implements Disposable {
  readonly #connection: Connection;
  readonly #primary: Primary;
  readonly #clock: Clock;
  readonly #patience: PrimaryPatience;
  readonly #frames = new DnsFrameDecoder();
  readonly #waiting: Uint8Array[] = [];

  private constructor(
    connection: Connection,
    primary: Primary,
    clock: Clock,
    patience: PrimaryPatience,
    signal: AbortSignal,
  ) {
    this.#connection = connection;
    this.#primary = primary;
    this.#clock = clock;
    this.#patience = patience;
    signal.addEventListener('abort', () => connection.destroy(), { once: true });
  }

  /** `signal` ends the connection whenever it aborts. */
  static async open(
    primary: Primary,
    means: PrimaryMeans,
    signal: AbortSignal,
    patience: PrimaryPatience = usualPatience,
  ): Promise<Result<PrimaryStream, PrimaryFault>> {
    const { tls } = primary;
    try {
      const connection = await means.network.connect(primary.endpoint, {
        timeoutMs: patience.connectMs,
        signal,
        ...(tls !== undefined && {
          // RFC 9103 §7.1: TLS 1.3 and no less, with the token of DNS over TLS.
          tls: {
            alpn: 'dot',
            onlyTls13: true,
            requireVerified: tls.name !== undefined,
            ...(tls.name !== undefined && { serverName: tls.name }),
          },
        }),
      });
      return ok(new PrimaryStream(connection, primary, means.clock, patience, signal));
    } catch (error) {
      return fault(goneBy(error));
    }
  }

  /** Sends a question. The answer of the one before must have been read to its end. */
  async ask(question: Message): Promise<Result<PrimaryAnswer, PrimaryFault>> {
    const { key } = this.#primary;
    const plain = encodeMessage(question);
    const signed = key === undefined ? undefined : signRequest(plain, key, this.#clock.now());
    try {
      await this.#connection.write(frameMessage(signed?.bytes ?? plain), this.#patience.idleMs);
    } catch (error) {
      return fault(goneBy(error));
    }
    const verifier =
      key === undefined || signed === undefined ? undefined : new TsigResponseVerifier(key, signed.mac);
    return ok(new PrimaryAnswer(() => this.#read(), verifier, this.#clock));
  }

  [Symbol.dispose](): void {
    this.#connection.destroy();
  }

  async #read(): Promise<Result<Uint8Array, PrimaryFault>> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) return ok(message);
      try {
        const bytes = await this.#connection.read(this.#patience.idleMs);
        if (bytes === undefined) return fault({ kind: 'gone', reason: 'the primary closed the connection' });
        const step = this.#frames.push(bytes);
        this.#waiting.push(...step.messages);
        if (step.fault !== undefined && step.messages.length === 0)
          return fault({ kind: 'wrong', reason: 'the primary breaks the framing of messages' });
      } catch (error) {
        return fault(goneBy(error));
      }
    }
  }
}

/** The answer to one question, message by message. */
export class PrimaryAnswer {
  readonly #read: () => Promise<Result<Uint8Array, PrimaryFault>>;
  readonly #verifier: TsigResponseVerifier | undefined;
  readonly #clock: Clock;

  constructor(
    read: () => Promise<Result<Uint8Array, PrimaryFault>>,
    verifier: TsigResponseVerifier | undefined,
    clock: Clock,
  ) {
    this.#read = read;
    this.#verifier = verifier;
    this.#clock = clock;
  }

  /** The next message. Of a signed answer it is to be believed for good only once `finish` has found nothing wrong. */
  async next(): Promise<Result<Message, PrimaryFault>> {
    const read = await this.#read();
    return read.ok ? openAnswer(read.value, this.#verifier, this.#clock.now()) : read;
  }

  /** After the last message: what is wrong with the signatures. */
  finish(): PrimaryFault | undefined {
    const wrong = this.#verifier?.finish();
    return wrong === undefined ? undefined : { kind: 'wrong', reason: wrong.reason };
  }
}

/** Checks the signature and decodes. `now`: milliseconds since the epoch. */
export function openAnswer(
  bytes: Uint8Array,
  verifier: TsigResponseVerifier | undefined,
  now: number,
): Result<Message, PrimaryFault> {
  const verified = verifier === undefined ? ok(bytes) : verifier.push(bytes, now);
  if (!verified.ok) return fault({ kind: 'wrong', reason: verified.fault.reason });
  const message = decodeMessage(verified.value);
  return message.ok
    ? message
    : fault({ kind: 'wrong', reason: `a message that can't be read: ${message.fault.reason}` });
}
