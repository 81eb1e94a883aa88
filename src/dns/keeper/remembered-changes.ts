// The latest changes of a zone in memory, oldest first, as the octets by which they are kept (record-bytes.ts).
//
// A hot path, in what it leaves behind: as objects, each change of a thousand a second lived just long enough for V8 to move it to its old
// space, 2.8 KiB each, and sweeping that held up the main thread for 50 ms and more every four seconds. Measure again by
// `npm run bench -- --only updates`, with `--trace-gc` in bin/signpost.
import { serialOfSoa } from '../zone/serial.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import { changeLength, decodeChange, writeChange } from './record-bytes.ts';

/** Octets of the first chunk; each next one is twice as large, up to {@link largestChunk}: most zones of many change now and then. */
const firstChunk = 512;
const largestChunk = 16 * 1024;

interface Chunk {
  readonly bytes: Uint8Array;
  /** Of each change in it: the serial it leads from, and where it ends. */
  readonly froms: number[];
  readonly ends: number[];
  /** Changes at its beginning that are forgotten. */
  forgotten: number;
}

export class RememberedChanges {
  readonly #most: number;
  readonly #chunks: Chunk[] = [];
  #octets = 0;

  /** `most`: octets of all changes together. What they take of memory is a chunk more at most. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds the change that leads on from the last one, and forgets the oldest where they are too many. */
  add(change: ZoneChange): void {
    const octets = changeLength(change);
    const chunk = this.#chunkFor(octets);
    const at = chunk.ends.at(-1) ?? 0;
    writeChange(chunk.bytes, at, change);
    chunk.froms.push(serialOfSoa(change.from.rdata));
    chunk.ends.push(at + octets);
    this.#octets += octets;
    while (this.#octets > this.#most) this.#forgetOldest();
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#octets = 0;
  }

  /** The changes from that serial to the newest one; `undefined` where it isn't remembered. */
  since(serial: number): readonly ZoneChange[] | undefined {
    for (let last = this.#chunks.length - 1; last >= 0; last--) {
      const chunk = this.#chunks[last];
      const index = chunk?.froms.lastIndexOf(serial) ?? -1;
      if (chunk === undefined || index < chunk.forgotten) continue;
      const later = this.#chunks.slice(last + 1).flatMap((each) => decodeFrom(each, 0));
      return [...decodeFrom(chunk, index), ...later];
    }
    return undefined;
  }

  #chunkFor(octets: number): Chunk {
    const newest = this.#chunks.at(-1);
    if (newest !== undefined && (newest.ends.at(-1) ?? 0) + octets <= newest.bytes.length) return newest;
    const size = newest === undefined ? firstChunk : Math.min(newest.bytes.length * 2, largestChunk);
    const made = { bytes: new Uint8Array(Math.max(size, octets)), froms: [], ends: [], forgotten: 0 };
    this.#chunks.push(made);
    return made;
  }

  #forgetOldest(): void {
    const [oldest] = this.#chunks;
    if (oldest === undefined) return;
    const { ends, forgotten } = oldest;
    this.#octets -= (ends[forgotten] ?? 0) - (ends[forgotten - 1] ?? 0);
    oldest.forgotten += 1;
    if (oldest.forgotten === ends.length) this.#chunks.shift();
  }
}

function decodeFrom({ bytes, ends }: Chunk, first: number): readonly ZoneChange[] {
  return ends.slice(first).map((end, index) => {
    const change = decodeChange(bytes.subarray(ends[first + index - 1] ?? 0, end));
    if (change === undefined) throw new Error('a remembered change is none');
    return change;
  });
}
