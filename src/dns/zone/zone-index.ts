// Which zones there are: origins in shared memory, each with the image that holds it and where. One thread writes; what a slot
// refers to never changes, so a zone is put in place of another by storing one word.
//
//   header      see `indexHeader`
//   slots       two words each: hash of the origin, descriptor (open addressing, linear probing)
//   descriptor  see `zoneDescriptor`
import { lowerOctets } from '../wire/lower-octets.ts';
import { wordsFor } from './image-layout.ts';
import { mixHash } from './name-probe.ts';
import type { NameProbe } from './name-probe.ts';

const indexHeader = {
  /** 1 once another index has taken this one's place. */
  moved: 0,
  /** Slots - 1. */
  mask: 1,
  /** The next free word. */
  used: 2,
  /** The least and the most labels that an origin has: no other ancestor of a name needs a look. */
  fewestLabels: 3,
  mostLabels: 4,
  /** Slots taken. */
  origins: 5,
  words: 8,
} as const;

const zoneDescriptor = {
  image: 0,
  zone: 1,
  status: 2,
  /** Octets of the origin, and the origin itself up to a whole word. */
  length: 3,
  name: 4,
} as const;

export const zoneStatus = {
  /** There is no such zone (any more). */
  none: 0,
  served: 1,
  /** It is ours, and has no content that may be given out: it never had any, or has expired (RFC 1034 §4.3.5). */
  withheld: 2,
} as const;

export class ZoneIndex {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
    this.#bytes = new Uint8Array(memory);
  }

  /** Room for so many origins, and for each of them to be put three times. */
  static create(origins: number): ZoneIndex {
    let slots = 16;
    while (slots < origins * 2) slots *= 2;
    const words = indexHeader.words + slots * 2 + slots * 3 * (zoneDescriptor.name + 8);
    const index = new ZoneIndex(new SharedArrayBuffer(words * 4));
    index.#words[indexHeader.mask] = slots - 1;
    index.#words[indexHeader.used] = indexHeader.words + slots * 2;
    index.#words[indexHeader.fewestLabels] = 128;
    return index;
  }

  get hasMoved(): boolean {
    return Atomics.load(this.#words, indexHeader.moved) !== 0;
  }

  /** Tells readers that another index has taken its place. */
  markMoved(): void {
    Atomics.store(this.#words, indexHeader.moved, 1);
  }

  /**
   * The descriptor of the zone with the longest origin at or above the name that has at most so many labels; 0 where there is
   * none (RFC 1034 §4.3.2, step 2).
   */
  find(probe: NameProbe, mostLabels: number): number {
    const words = this.#words;
    const fewest = words[indexHeader.fewestLabels] ?? 0;
    let labels = Math.min(mostLabels, probe.labels, words[indexHeader.mostLabels] ?? 0);
    for (; labels >= fewest; labels--) {
      const descriptor = this.#at(probe, labels);
      if (descriptor !== 0 && words[descriptor + zoneDescriptor.status] !== zoneStatus.none)
        return descriptor;
    }
    return 0;
  }

  image(descriptor: number): number {
    return this.#words[descriptor + zoneDescriptor.image] ?? 0;
  }

  zone(descriptor: number): number {
    return this.#words[descriptor + zoneDescriptor.zone] ?? 0;
  }

  status(descriptor: number): number {
    return this.#words[descriptor + zoneDescriptor.status] ?? 0;
  }

  /** Puts a zone in place of whatever was there for its origin. Gives whether there was room; if not, a larger index is needed. */
  put(origin: NameProbe, image: number, zone: number, status: number): boolean {
    const words = this.#words;
    const size = zoneDescriptor.name + wordsFor(origin.length);
    const descriptor = words[indexHeader.used] ?? 0;
    const slots = (words[indexHeader.mask] ?? 0) + 1;
    if (descriptor + size > words.length || (words[indexHeader.origins] ?? 0) * 3 >= slots * 2) return false;
    words[indexHeader.used] = descriptor + size;
    words[descriptor + zoneDescriptor.image] = image;
    words[descriptor + zoneDescriptor.zone] = zone;
    words[descriptor + zoneDescriptor.status] = status;
    words[descriptor + zoneDescriptor.length] = origin.length;
    const name = origin.bytes.subarray(origin.at, origin.at + origin.length);
    this.#bytes.set(name, (descriptor + zoneDescriptor.name) * 4);
    const hash = origin.hashes[origin.labels] ?? 0;
    const slot = this.#slot(origin, origin.labels);
    if (words[slot + 1] === 0) words[indexHeader.origins] = (words[indexHeader.origins] ?? 0) + 1;
    words[slot] = hash;
    Atomics.store(words, slot + 1, descriptor);
    const { labels } = origin;
    if (labels < (words[indexHeader.fewestLabels] ?? 0)) words[indexHeader.fewestLabels] = labels;
    if (labels > (words[indexHeader.mostLabels] ?? 0)) Atomics.store(words, indexHeader.mostLabels, labels);
    return true;
  }

  #at(probe: NameProbe, labels: number): number {
    return this.#words[this.#slot(probe, labels) + 1] ?? 0;
  }

  /** The slot of that origin, or the empty one where it belongs. */
  #slot(probe: NameProbe, labels: number): number {
    const words = this.#words;
    const hash = probe.hashes[labels] ?? 0;
    const mask = words[indexHeader.mask] ?? 0;
    let index = mixHash(hash, 0) & mask;
    for (;;) {
      const slot = indexHeader.words + index * 2;
      const descriptor = words[slot + 1] ?? 0;
      if (descriptor === 0 || (words[slot] === hash && this.#isOrigin(descriptor, probe, labels)))
        return slot;
      index = (index + 1) & mask;
    }
  }

  #isOrigin(descriptor: number, probe: NameProbe, labels: number): boolean {
    const start = probe.starts[labels] ?? 0;
    const length = probe.length - start;
    if (this.#words[descriptor + zoneDescriptor.length] !== length) return false;
    const own = (descriptor + zoneDescriptor.name) * 4;
    const at = probe.at + start;
    for (let i = 0; i < length; i++) {
      const [a, b] = [this.#bytes[own + i] ?? 0, probe.bytes[at + i] ?? 0];
      if (a !== b && lowerOctets[a] !== lowerOctets[b]) return false;
    }
    return true;
  }
}
