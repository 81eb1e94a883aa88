// DNS messages on a stream: each behind its length in two octets (RFC 1035 §4.2.2, RFC 7766 §8). A push decoder: takes octets as
// they come and gives the messages that are whole.

/** A length of 0 is no message; after it the stream can't be trusted. */
export type FrameFault = 'empty-message';

export interface FrameStep {
  readonly messages: readonly Uint8Array[];
  readonly fault: FrameFault | undefined;
}

/** First size of the buffer for messages that come in parts; it grows as octets come, not as the length promises. */
const firstSize = 512;

export class DnsFrameDecoder {
  /** The start of a frame that isn't whole yet, its length octets first. */
  #partial: Uint8Array = new Uint8Array(0);
  #length = 0;

  /** Octets that wait for the rest of their frame. */
  get pending(): number {
    return this.#length;
  }

  /**
   * The messages that became whole, in order; views of `bytes` where one lies in it entirely. After a fault nothing more may be
   * pushed; the messages before it come with it.
   */
  push(bytes: Uint8Array): FrameStep {
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#length === 0) {
        const end = at + 2 + frameLength(bytes, at);
        if (bytes.length - at >= 2 && end <= bytes.length) {
          if (end === at + 2) return { messages, fault: 'empty-message' };
          messages.push(bytes.subarray(at + 2, end));
          at = end;
          continue;
        }
      }
      // First up to the length octets, then up to the frame's end.
      const wanted = this.#length < 2 ? 2 : 2 + frameLength(this.#partial, 0);
      const taken = bytes.subarray(at, at + wanted - this.#length);
      this.#keep(taken);
      at += taken.length;
      if (this.#length < 2 || this.#length < 2 + frameLength(this.#partial, 0)) continue;
      if (this.#length === 2) return { messages, fault: 'empty-message' };
      messages.push(this.#partial.subarray(2, this.#length));
      this.#partial = new Uint8Array(0);
      this.#length = 0;
    }
    return { messages, fault: undefined };
  }

  /** Copies, because the reader may use its buffer again. */
  #keep(part: Uint8Array): void {
    const needed = this.#length + part.length;
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
