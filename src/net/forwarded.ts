// Datagrams on their way from a worker to the main thread: those of a batch in one buffer, each behind the names that a reply
// needs. It is handed over, not copied.
import { controlSize, nameSize } from './datagram-batch.ts';
import type { DatagramBatch } from './datagram-batch.ts';

/** One buffer's worth: which socket they came by, and the datagrams one behind the other. */
export interface ForwardedBatch {
  readonly socket: number;
  readonly count: number;
  readonly octets: Uint8Array<ArrayBuffer>;
}

export interface ForwardedDatagram {
  /** The sender's sockaddr, and the control data that came with it. */
  readonly name: Uint8Array;
  readonly control: Uint8Array;
  readonly bytes: Uint8Array;
}

const headLength = 4 + nameSize + controlSize;

/** Takes up datagrams of a batch in place, and gives them as one buffer. */
export class Forwarder {
  readonly #batch: DatagramBatch;
  readonly #slots: number[] = [];
  #length = 0;

  constructor(batch: DatagramBatch) {
    this.#batch = batch;
  }

  add(slot: number, length: number): void {
    this.#slots.push(slot);
    this.#length += headLength + length;
  }

  get count(): number {
    return this.#slots.length;
  }

  take(): Uint8Array<ArrayBuffer> {
    const octets = new Uint8Array(this.#length);
    const view = new DataView(octets.buffer);
    const { bytes } = this.#batch;
    let at = 0;
    for (const slot of this.#slots) {
      const length = this.#batch.lengthOf(slot);
      view.setUint32(at, length);
      const [name, control, start] = [
        this.#batch.nameAt(slot),
        this.#batch.controlAt(slot),
        this.#batch.at(slot),
      ];
      octets.set(bytes.subarray(name, name + nameSize), at + 4);
      octets.set(bytes.subarray(control, control + controlSize), at + 4 + nameSize);
      octets.set(bytes.subarray(start, start + length), at + headLength);
      at += headLength + length;
    }
    this.clear();
    return octets;
  }

  clear(): void {
    this.#slots.length = 0;
    this.#length = 0;
  }
}

/** Views into the buffer, which nobody else has. */
export function* readForwarded(octets: Uint8Array): Iterable<ForwardedDatagram> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  for (let at = 0; at < octets.length;) {
    const start = at + headLength;
    const end = start + view.getUint32(at);
    yield {
      name: octets.subarray(at + 4, at + 4 + nameSize),
      control: octets.subarray(at + 4 + nameSize, start),
      bytes: octets.subarray(start, end),
    };
    at = end;
  }
}
