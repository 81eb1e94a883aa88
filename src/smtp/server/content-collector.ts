// Gathers the content of one message in a few blocks, whatever pieces it comes in, within its size limit and the process's memory.
// Hot path: a copy of 10 KiB costs less than 1 µs, and keeps a peer that sends octet by octet from making an object an octet.
import type { ContentSink } from '../wire/data-decoder.ts';
import type { ContentMemory } from './content-memory.ts';

const firstBlock = 16 * 1024;
const largestBlock = 256 * 1024;

export class ContentCollector implements ContentSink, Disposable {
  readonly #memory: ContentMemory;
  readonly #maxSize: number;
  #blocks: Uint8Array[] = [];
  /** Octets used of the last block. */
  #filled = 0;
  #reserved = 0;
  /** What `takeNew` has given: all blocks before this one, and so many octets of it. */
  #newFrom = { block: 0, octets: 0 };
  #size = 0;
  #fault: 'too-big' | 'no-memory' | undefined;

  constructor(memory: ContentMemory, maxSize: number) {
    this.#memory = memory;
    this.#maxSize = maxSize;
  }

  /** Octets written, kept or not. */
  get size(): number {
    return this.#size;
  }

  /** Why nothing is kept any more. */
  get fault(): 'too-big' | 'no-memory' | undefined {
    return this.#fault;
  }

  write(bytes: Uint8Array, from: number, to: number): void {
    this.#size += to - from;
    if (this.#fault !== undefined) return;
    if (this.#size > this.#maxSize) return this.#fail('too-big');
    let at = from;
    while (at < to) {
      const block = this.#room();
      if (block === undefined) return this.#fail('no-memory');
      const end = Math.min(to, at + block.length - this.#filled);
      copy(bytes, at, end, block, this.#filled);
      this.#filled += end - at;
      at = end;
    }
  }

  /** What was written since the last call, where it lies: not to be changed. Nothing once there is a fault. */
  takeNew(): readonly Uint8Array[] {
    const { block, octets } = this.#newFrom;
    const last = this.#blocks.length - 1;
    const fresh: Uint8Array[] = [];
    for (let i = block; i <= last; i++) {
      const whole = this.#blocks[i];
      if (whole === undefined) break;
      const part = whole.subarray(i === block ? octets : 0, i === last ? this.#filled : whole.length);
      if (part.length > 0) fresh.push(part);
    }
    this.#newFrom = { block: Math.max(0, last), octets: this.#filled };
    return fresh;
  }

  /** The content; the blocks are the taker's from now on. Their memory stays reserved until disposal. */
  take(): readonly Uint8Array[] {
    const blocks = this.#blocks;
    const last = blocks.at(-1);
    if (last !== undefined) blocks[blocks.length - 1] = last.subarray(0, this.#filled);
    this.#blocks = [];
    this.#filled = 0;
    return blocks;
  }

  [Symbol.dispose](): void {
    this.#blocks = [];
    if (this.#reserved > 0) this.#memory.release(this.#reserved);
    this.#reserved = 0;
  }

  #room(): Uint8Array | undefined {
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#filled < last.length) return last;
    const length = last === undefined ? firstBlock : Math.min(largestBlock, 4 * last.length);
    if (!this.#memory.reserve(length)) return undefined;
    this.#reserved += length;
    // Not cleared: what isn't written is cut off by `take`. Clearing costs as much as the copy.
    const block = Buffer.allocUnsafeSlow(length);
    this.#blocks.push(block);
    this.#filled = 0;
    return block;
  }

  #fail(fault: 'too-big' | 'no-memory'): void {
    this.#fault = fault;
    this[Symbol.dispose]();
  }
}

/** Below this, a loop is quicker than the object that `set` needs: content may be stuffed with dots. */
const shortRun = 32;

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start >= shortRun) return to.set(from.subarray(start, end), at);
  for (let i = start; i < end; i++) to[at + i - start] = from[i] ?? 0;
}
