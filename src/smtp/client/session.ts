// Runs dialogues over one connection: sends what they say, and tells them what came back.
import { concatBytes, emptyBytes, utf8ToBytes } from '../../lib/bytes.ts';
import type { Clock } from '../../lib/clock.ts';
import { unreachable } from '../../lib/result.ts';
import { ConnectionFault } from '../../lib/transport.ts';
import type { Connection, StartTlsOptions, TlsInfo } from '../../lib/transport.ts';
import { DataEncoder } from '../wire/data-encoder.ts';
import { ReplyDecoder } from '../wire/reply-decoder.ts';
import type { ServerReply } from '../wire/reply-decoder.ts';
import type { Act, Dialogue, Heard, Patience } from './dialogue.ts';
import { ask } from './dialogue.ts';

/** A piece smaller than this is sent together with what follows it. */
const gatherBelow = 64 * 1024;
/** How long a server's last word is waited for after it has broken off. */
const lastWordMs = 1000;

export class Session implements Disposable {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #tls: StartTlsOptions;
  #decoder = new ReplyDecoder();
  #replies: ServerReply[] = [];
  #lost: string | undefined;

  constructor(connection: Connection, clock: Clock, patience: Patience, tls: StartTlsOptions) {
    this.#connection = connection;
    this.#clock = clock;
    this.#patience = patience;
    this.#tls = tls;
  }

  get tls(): TlsInfo | undefined {
    return this.#connection.tls;
  }

  /**
   * Plays a dialogue to its end. `content` is what its act of that name sends. Throws only what `content` throws; the connection
   * is closed then.
   */
  async run<Outcome>(
    dialogue: Dialogue<Outcome>,
    content: () => AsyncIterable<Uint8Array> = noContent,
  ): Promise<Outcome> {
    let next = dialogue.next();
    while (next.done !== true) {
      const heard = this.#lost === undefined ? await this.#act(next.value, content) : this.#gone(this.#lost);
      next = dialogue.next(heard);
    }
    return next.value;
  }

  /** Takes leave, and closes. Never rejects. */
  async quit(): Promise<void> {
    if (this.#lost === undefined) await this.run(ask('QUIT', this.#patience.quit));
    await this.#connection.end();
  }

  [Symbol.dispose](): void {
    this.#lost ??= 'the connection was closed by us';
    this.#connection.destroy();
  }

  async #act(act: Act, content: () => AsyncIterable<Uint8Array>): Promise<Heard> {
    switch (act.kind) {
      case 'send':
        return await this.#send(utf8ToBytes(act.text), this.#patience.command);
      case 'reply':
        return await this.#reply(act.waitMs);
      case 'content':
        return await this.#sendContent(content());
      case 'chunks':
        return await this.#sendChunks(content());
      case 'tls':
        return await this.#startTls();
      default:
        return unreachable(act);
    }
  }

  async #send(bytes: Uint8Array, idleMs: number): Promise<Heard> {
    try {
      await this.#connection.write(bytes, idleMs);
      return { kind: 'done' };
    } catch (error) {
      return this.#broken(error);
    }
  }

  /** `waitMs` is for the whole reply: a server that sends it octet by octet gets no longer. */
  async #reply(waitMs: number): Promise<Heard> {
    const deadline = this.#clock.monotonic() + waitMs;
    for (;;) {
      const reply = this.#replies.shift();
      if (reply !== undefined) return { kind: 'reply', reply };
      const left = deadline - this.#clock.monotonic();
      if (left <= 0) return this.#gone(`no reply came for ${waitMs / 1000} s`);
      let bytes: Uint8Array | undefined;
      try {
        bytes = await this.#connection.read(left);
      } catch (error) {
        return this.#broken(error);
      }
      if (bytes === undefined) return this.#gone('it closed the connection');
      const decoded = this.#decoder.push(bytes);
      if (!decoded.ok) return this.#gone(`it sent what can't be understood: ${decoded.fault}`);
      this.#replies.push(...decoded.value);
    }
  }

  async #sendContent(content: AsyncIterable<Uint8Array>): Promise<Heard> {
    const encoder = new DataEncoder();
    const deadline = this.#clock.monotonic() + this.#patience.content;
    let held: Uint8Array | undefined;
    try {
      for await (const chunk of content) {
        const encoded = encoder.push(chunk);
        if (!encoded.ok) return this.#unsendable(encoded.fault);
        if (held !== undefined) {
          const sent = await this.#sendBlock(held, deadline);
          if (sent.kind !== 'done') return sent;
        }
        held = encoded.value;
      }
    } catch (error) {
      // Half a message must never be ended: only closing makes sure.
      this[Symbol.dispose]();
      throw error;
    }
    const end = encoder.finish();
    if (!end.ok) return this.#unsendable(end.fault);
    if (held === undefined) return await this.#sendBlock(end.value, deadline);
    if (held.length < gatherBelow) return await this.#sendBlock(concatBytes([held, end.value]), deadline);
    const sent = await this.#sendBlock(held, deadline);
    return sent.kind === 'done' ? await this.#sendBlock(end.value, deadline) : sent;
  }

  /** A chunk is sent when the one before it was taken: a server that refuses one has no use for the others. */
  async #sendChunks(content: AsyncIterable<Uint8Array>): Promise<Heard> {
    const deadline = this.#clock.monotonic() + this.#patience.content;
    try {
      for await (const chunk of content) {
        if (chunk.length === 0) continue;
        const taken = await this.#sendChunk(
          `BDAT ${chunk.length}`,
          chunk,
          deadline,
          this.#patience.dataBlock,
        );
        if (taken.kind !== 'reply' || taken.reply.code !== 250) return taken;
      }
    } catch (error) {
      // Half a message must never be ended: only closing makes sure.
      this[Symbol.dispose]();
      throw error;
    }
    return await this.#sendChunk('BDAT 0 LAST', emptyBytes, deadline, this.#patience.dataEnd);
  }

  async #sendChunk(line: string, chunk: Uint8Array, deadline: number, waitMs: number): Promise<Heard> {
    const sent = await this.#sendBlock(concatBytes([utf8ToBytes(`${line}\r\n`), chunk]), deadline);
    return sent.kind === 'done' ? await this.#reply(waitMs) : sent;
  }

  /** A server that closes while it is sent to has mostly said why; what it said is then the answer. */
  async #sendBlock(block: Uint8Array, deadline: number): Promise<Heard> {
    if (this.#clock.monotonic() > deadline) return this.#gone('it took the message too slowly');
    try {
      await this.#connection.write(block, this.#patience.dataBlock);
      return { kind: 'done' };
    } catch (error) {
      const lastWord = await this.#reply(lastWordMs);
      const broken = this.#broken(error);
      return lastWord.kind === 'reply' ? lastWord : broken;
    }
  }

  async #startTls(): Promise<Heard> {
    // What came in clear behind the reply to STARTTLS could be anybody's: it must not be read as said under TLS.
    if (this.#replies.length > 0 || this.#decoder.pending) {
      return this.#gone('it sent more in clear after it had agreed to TLS');
    }
    try {
      await this.#connection.startTls(this.#tls);
      this.#decoder = new ReplyDecoder();
      return { kind: 'done' };
    } catch (error) {
      return this.#broken(error);
    }
  }

  #unsendable(reason: string): Heard {
    this[Symbol.dispose]();
    return { kind: 'unsendable', reason };
  }

  #broken(error: unknown): Heard {
    if (!(error instanceof ConnectionFault)) throw error;
    return this.#gone(faultClause(error));
  }

  #gone(reason: string): Heard {
    this.#lost ??= reason;
    return { kind: 'lost', reason };
  }
}

async function* noContent(): AsyncGenerator<Uint8Array> {}

/** Why a connection failed, as the end of a sentence. */
export function faultClause(error: ConnectionFault): string {
  switch (error.kind) {
    case 'timeout':
      return 'the connection timed out';
    case 'reset':
      return 'the connection broke';
    case 'refused':
      return 'the connection was refused';
    case 'unreachable':
      return `the address can't be reached (${error.message})`;
    case 'tls':
      return `TLS failed (${error.message})`;
    case 'aborted':
    case 'proxy':
      return 'we broke it off';
    default:
      return unreachable(error.kind);
  }
}
