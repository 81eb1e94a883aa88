// DNS messages over a stream: two octets of length before each (RFC 1035 §4.2.2, RFC 7766 §8).
import { emptyBytes } from '../../lib/bytes.ts';

/** The message with its length before it, to be written at once (RFC 7766 §8). */
export function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + 2);
  bytes[0] = message.length >>> 8;
  bytes[1] = message.length;
  bytes.set(message, 2);
  return bytes;
}

/** Takes a stream in pieces of any size and gives whole messages. Holds at most one message of 65,535 octets. */
export class FrameDecoder {
  #held: Uint8Array = emptyBytes;
  #length = 0;

  /** The messages that are complete now; each its own copy. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length) {
      const wanted = this.#wanted();
      const taken = Math.min(wanted - this.#length, bytes.length - at);
      this.#hold(bytes.subarray(at, at + taken), wanted);
      at += taken;
      if (this.#length < 2 || this.#length < this.#wanted()) continue;
      messages.push(this.#held.slice(2, this.#length));
      this.#held = emptyBytes;
      this.#length = 0;
    }
    return messages;
  }

  /** Octets that the present frame has in all, as far as is known: two until the length is there. */
  #wanted(): number {
    return this.#length < 2 ? 2 : 2 + (((this.#held[0] ?? 0) << 8) | (this.#held[1] ?? 0));
  }

  #hold(bytes: Uint8Array, wanted: number): void {
    if (this.#held.length < wanted) {
      const grown = new Uint8Array(wanted);
      grown.set(this.#held.subarray(0, this.#length));
      this.#held = grown;
    }
    this.#held.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}
