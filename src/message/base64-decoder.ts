// Base64 of bodies (RFC 2045 §6.8), streaming. Characters that are not of the alphabet are passed over, as the RFC asks; padding ends a
// group of four, and what follows it begins a new one, as where encoded texts were put behind each other.
// A hot path (each attachment goes through it): fields are kept in local variables during a call. Measure: node bench/micro/mime.ts
import type { OctetSink, TransferDecoder } from './transfer-decoder.ts';

const padding = 64;
const foreign = 65;
const values: Uint8Array = new Uint8Array(256).fill(foreign);
for (let value = 0; value < 64; value++)
  values['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(value)] = value;
values[0x3d] = padding;

/** Decoded octets are handed on in blocks, all of them through this one, as a call never waits. */
const block: Uint8Array = new Uint8Array(3 * 1024);

export class Base64Decoder implements TransferDecoder {
  readonly #sink: OctetSink | undefined;
  /** Digits of the group of four that is being read: how many, and their bits. */
  #digits = 0;
  #bits = 0;
  #size = 0;

  constructor(sink: OctetSink | undefined) {
    this.#sink = sink;
  }

  get size(): number {
    return this.#size;
  }

  push(octets: Uint8Array, from: number, to: number): void {
    if (this.#sink === undefined) this.#count(octets, from, to);
    else this.#decode(this.#sink, octets, from, to);
  }

  finish(): void {
    const length = this.#endGroup(0);
    this.#size += length;
    if (length > 0) this.#sink?.write(block, 0, length);
  }

  #decode(sink: OctetSink, octets: Uint8Array, from: number, to: number): void {
    let filled = 0;
    let digits = this.#digits;
    let bits = this.#bits;
    for (let at = from; at < to; at++) {
      if (filled + 3 > block.length) {
        sink.write(block, 0, filled);
        this.#size += filled;
        filled = 0;
      }
      const value = values[octets[at] ?? 0] ?? foreign;
      if (value < 64) {
        // Four digits in a row, as nearly all are.
        if (digits === 0 && at + 3 < to) {
          const second = values[octets[at + 1] ?? 0] ?? foreign;
          const third = values[octets[at + 2] ?? 0] ?? foreign;
          const fourth = values[octets[at + 3] ?? 0] ?? foreign;
          if ((second | third | fourth) < 64) {
            block[filled] = (value << 2) | (second >> 4);
            block[filled + 1] = (second << 4) | (third >> 2);
            block[filled + 2] = (third << 6) | fourth;
            filled += 3;
            at += 3;
            continue;
          }
        }
        bits = (bits << 6) | value;
        if (++digits < 4) continue;
        block[filled] = bits >> 16;
        block[filled + 1] = bits >> 8;
        block[filled + 2] = bits;
        filled += 3;
        digits = 0;
        bits = 0;
      } else if (value === padding) {
        this.#digits = digits;
        this.#bits = bits;
        filled += this.#endGroup(filled);
        digits = 0;
        bits = 0;
      }
    }
    if (filled > 0) sink.write(block, 0, filled);
    this.#size += filled;
    this.#digits = digits;
    this.#bits = bits;
  }

  #count(octets: Uint8Array, from: number, to: number): void {
    let digits = this.#digits;
    let size = 0;
    for (let at = from; at < to; at++) {
      const value = values[octets[at] ?? 0] ?? foreign;
      if (value < 64) digits++;
      else if (value === padding) {
        size += octetsOf(digits);
        digits = 0;
      }
    }
    this.#size += size + (digits >> 2) * 3;
    this.#digits = digits & 3;
  }

  /** Two digits hold one octet, three hold two; one alone holds none. */
  #endGroup(at: number): number {
    const digits = this.#digits;
    const bits = this.#bits;
    this.#digits = 0;
    this.#bits = 0;
    if (digits === 2) block[at] = bits >> 4;
    if (digits === 3) {
      block[at] = bits >> 10;
      block[at + 1] = bits >> 2;
    }
    return octetsOf(digits);
  }
}

function octetsOf(digits: number): number {
  return (digits >> 2) * 3 + Math.max(0, (digits & 3) - 1);
}
