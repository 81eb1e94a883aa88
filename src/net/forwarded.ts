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

const nameIn = 4;
const controlIn = nameIn + nameSize;
const headLength = controlIn + controlSize;

/** One that is kept in its thread for an answer that comes later, laid out as on its way to the main thread. */
export class KeptDatagram {
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly length: number;
  /** Which socket it came by. */
  readonly socket: number;

  constructor(batch: DatagramBatch, slot: number, length: number, socket: number) {
    const octets = new Uint8Array(headLength + length);
    const { bytes } = batch;
    new DataView(octets.buffer).setUint32(0, length);
    copy(bytes, batch.nameAt(slot), octets, nameIn, nameSize);
    copy(bytes, batch.controlAt(slot), octets, controlIn, controlSize);
    copy(bytes, batch.at(slot), octets, headLength, length);
    this.octets = octets;
    this.length = length;
    this.socket = socket;
  }

  /** Where the sender's sockaddr lies in `octets`, the control data, and the datagram. */
  get nameAt(): number {
    return nameIn;
  }

  get controlAt(): number {
    return controlIn;
  }

  get at(): number {
    return headLength;
  }
}

/** They as one buffer, as `readForwarded` reads it. */
export function joinKept(kept: readonly KeptDatagram[]): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(kept.reduce((sum, one) => sum + one.octets.length, 0));
  let at = 0;
  for (const one of kept) {
    octets.set(one.octets, at);
    at += one.octets.length;
  }
  return octets;
}

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

/** Short runs of octets: a view for `set` would cost more. */
function copy(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, length: number): void {
  for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i] ?? 0;
}
