// DNS messages on a stream: each behind its length in two octets (RFC 1035 §4.2.2, RFC 7766 §8). A push decoder: takes octets as
// they come and gives the messages that are whole, without an object for those that came in one piece.
import { emptyBytes } from '../../lib/bytes.ts';

/** A length of 0 is no message; after it the stream can't be trusted. */
export type FrameFault = 'empty-message';

export interface FrameStep {
  readonly messages: readonly Uint8Array[];
  readonly fault: FrameFault | undefined;
}

/** First size of the buffer for messages that come in parts; it grows as octets come, not as the length promises. */
const firstSize = 512;

export class DnsFrameDecoder {
  /** The message that `next` found: octets `start` to `end` of `bytes`, until the following `next` or `feed`. */
  bytes: Uint8Array = emptyBytes;
  start = 0;
  end = 0;
  #chunk: Uint8Array = emptyBytes;
  /** Where what wasn't looked at yet begins. */
  #at = 0;
  /** The start of a frame that isn't whole yet, its length octets first. */
  #partial: Uint8Array = emptyBytes;
  #length = 0;
  #fault: FrameFault | undefined;

  /** Octets that wait for the rest of their frame. */
  get pending(): number {
    return this.#length;
  }

  get fault(): FrameFault | undefined {
    return this.#fault;
  }

  /** Takes octets, once `next` has found all messages of those before. They must stay as they are until it has again. */
  feed(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Finds the next message; false where there is no whole one more, or after a fault. */
  next(): boolean {
    if (this.#fault !== undefined) return false;
    if (this.#length === 0) {
      const [chunk, at] = [this.#chunk, this.#at];
      const left = chunk.length - at;
      if (left >= 2) {
        const end = at + 2 + frameLength(chunk, at);
        if (end <= chunk.length) {
          this.#at = end;
          return this.#found(chunk, at + 2, end);
        }
      }
      if (left === 0) return false;
    }
    return this.#nextPartial();
  }

  /**
   * The messages that became whole, in order; views of `bytes` where one lies in it entirely. After a fault nothing more may be
   * pushed; the messages before it come with it.
   */
  push(bytes: Uint8Array): FrameStep {
    const messages: Uint8Array[] = [];
    this.feed(bytes);
    while (this.next()) {
      const message = this.bytes.subarray(this.start, this.end);
      messages.push(this.bytes === bytes ? message : message.slice());
    }
    return { messages, fault: this.#fault };
  }

  /** First up to the length octets, then up to the frame's end. */
  #nextPartial(): boolean {
    while (this.#at < this.#chunk.length) {
      const wanted = this.#length < 2 ? 2 : 2 + frameLength(this.#partial, 0);
      const from = this.#at;
      this.#at = Math.min(this.#chunk.length, from + wanted - this.#length);
      this.#keep(this.#chunk.subarray(from, this.#at));
      if (this.#length < 2 || this.#length < 2 + frameLength(this.#partial, 0)) continue;
      const end = this.#length;
      this.#length = 0;
      return this.#found(this.#partial, 2, end);
    }
    return false;
  }

  #found(bytes: Uint8Array, start: number, end: number): boolean {
    if (start === end) {
      this.#fault = 'empty-message';
      return false;
    }
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return true;
  }

  /** Copies, because the reader may use its buffer again. A buffer that a long message made large isn't kept for the next. */
  #keep(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (this.#length === 0 && this.#partial.length > firstSize) this.#partial = emptyBytes;
    if (needed > this.#partial.length) {
      const grown = new Uint8Array(Math.max(firstSize, needed, this.#partial.length * 2));
      grown.set(this.#partial.subarray(0, this.#length));
      this.#partial = grown;
    }
    this.#partial.set(part, this.#length);
    this.#length = needed;
  }
}

function frameLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** A message with its length before it, as one array, so that both leave in one segment (RFC 7766 §8). */
export function frameMessage(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(message.length + 2);
  framed[0] = message.length >>> 8;
  framed[1] = message.length;
  framed.set(message, 2);
  return framed;
}
