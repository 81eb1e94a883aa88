// Sends what the main thread answers for a datagram worker, by the socket that the datagram came by; what is answered in one turn of
// the event loop leaves together.
import type { ForwardedDatagram } from './forwarded.ts';
import type { DatagramBatch } from './datagram-batch.ts';

export class ReplySender {
  readonly #fd: number;
  readonly #batch: DatagramBatch;
  readonly #onLost: (reason: string) => void;
  #flushing: NodeJS.Immediate | undefined;
  #closed = false;

  /** `batch` belongs to the sender alone. */
  constructor(fd: number, batch: DatagramBatch, onLost: (reason: string) => void) {
    this.#fd = fd;
    this.#batch = batch;
    this.#onLost = onLost;
  }

  /** From the address that was asked to the one who asked. */
  reply(asked: ForwardedDatagram, bytes: Uint8Array): void {
    if (this.#closed) return;
    const batch = this.#batch;
    if (bytes.length > batch.room) {
      this.#onLost(`a reply of ${bytes.length} octets is longer than a datagram may be here`);
      return;
    }
    // Slots are used in their order, each for the reply that its number has.
    const slot = batch.replies;
    batch.bytes.set(asked.name, batch.nameAt(slot));
    batch.bytes.set(asked.control, batch.controlAt(slot));
    batch.bytes.set(bytes, batch.replyAt());
    batch.reply(slot, bytes.length);
    if (batch.replies === batch.size) this.flush();
    else this.#flushing ??= setImmediate(() => this.flush());
  }

  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (!this.#closed && this.#batch.replies > 0) this.#batch.send(this.#fd);
  }

  /** Sends what waits, and nothing more. */
  close(): void {
    this.flush();
    this.#closed = true;
  }
}
