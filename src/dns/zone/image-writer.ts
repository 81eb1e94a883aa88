// Appends to a zone image (`image-layout.ts`): nodes, RRsets, states. One writer for each image, on one thread at a time. What was
// appended is seen by readers only once something that they follow refers to it, which is always stored last, by Atomics.
import { header, nodeEntry, nodeMeta, rrsetEntry, targetFlag, wordsFor, zoneEntry } from './image-layout.ts';
import { mixHash } from './name-probe.ts';
import type { RRsetEncoder } from './rrset-encoder.ts';
import { ZoneImage } from './zone-image.ts';

/** An image has no room for what would be added: it must go to a larger one. A matter of its maker's reckoning, not of input. */
export class ImageFull extends Error {
  constructor() {
    super('a zone image has no more room');
    this.name = 'ImageFull';
  }
}

/** Of an image with slots for so many names, at least. Half empty at most, so that a search seldom looks further than its first slot. */
export function tableSlots(names: number): number {
  let slots = 8;
  while (slots < names * 1.6) slots *= 2;
  return slots;
}

export class ImageWriter {
  readonly image: ZoneImage;
  readonly #words: Int32Array;

  constructor(image: ZoneImage) {
    this.image = image;
    this.#words = image.words;
  }

  /** Lays out an empty image. */
  static create(octets: number, names: number): ImageWriter {
    const slots = tableSlots(names);
    const least = (header.words + 1 + slots * 2) * 4;
    const writer = new ImageWriter(new ZoneImage(new SharedArrayBuffer(4 * wordsFor(least + octets))));
    const words = writer.#words;
    words[header.used] = header.words;
    const table = writer.allocate(1 + slots * 2);
    words[table] = slots - 1;
    words[header.table] = table;
    return writer;
  }

  get used(): number {
    return this.#words[header.used] ?? 0;
  }

  /** Whether it is time to move to another image: three quarters of it are used, or two thirds of its slots. */
  get isCrowded(): boolean {
    const words = this.#words;
    const slots = (words[words[header.table] ?? 0] ?? 0) + 1;
    return this.used * 4 > words.length * 3 || (words[header.nodes] ?? 0) * 3 > slots * 2;
  }

  /** The words are 0. Throws {@link ImageFull}. */
  allocate(count: number): number {
    const at = this.used;
    if (at + count > this.#words.length) throw new ImageFull();
    this.#words[header.used] = at + count;
    return at;
  }

  /** Adds a zone; its apex comes next, by `addNode`. */
  addZone(labels: number): number {
    const words = this.#words;
    const zone = this.allocate(zoneEntry.words);
    words[zone + zoneEntry.salt] = Math.imul(zone, 0x9e3779b1);
    words[zone + zoneEntry.labels] = labels;
    words[zone + zoneEntry.nextZone] = words[header.firstZone] ?? 0;
    words[header.firstZone] = zone;
    return zone;
  }

  static nodeWords(nameLength: number): number {
    return nodeEntry.name + wordsFor(nameLength);
  }

  /** Adds a node that isn't there yet, without a state: nobody sees a name by that. */
  addNode(zone: number, hash: number, name: Uint8Array, at: number, length: number): number {
    const words = this.#words;
    const { bytes } = this.image;
    const table = words[header.table] ?? 0;
    const mask = words[table] ?? 0;
    // Fuller than this, searches get long.
    if (((words[header.nodes] ?? 0) + 1) * 5 > (mask + 1) * 4) throw new ImageFull();
    const node = this.allocate(ImageWriter.nodeWords(length));
    const wildcard = length > 2 && name[at] === 1 && name[at + 1] === 0x2a;
    words[node + nodeEntry.hash] = hash;
    words[node + nodeEntry.zone] = zone;
    words[node + nodeEntry.meta] = length | (wildcard ? nodeMeta.wildcard : 0);
    const start = (node + nodeEntry.name) * 4;
    for (let i = 0; i < length; i++) bytes[start + i] = name[at + i] ?? 0;
    const last = words[zone + zoneEntry.lastNode] ?? 0;
    Atomics.store(words, last === 0 ? zone + zoneEntry.firstNode : last + nodeEntry.next, node);
    words[zone + zoneEntry.lastNode] = node;
    let slot = mixHash(hash, words[zone + zoneEntry.salt] ?? 0) & mask;
    while (words[table + 2 + slot * 2] !== 0) slot = (slot + 1) & mask;
    words[table + 1 + slot * 2] = hash;
    Atomics.store(words, table + 2 + slot * 2, node);
    words[header.nodes] = (words[header.nodes] ?? 0) + 1;
    return node;
  }

  /**
   * Adds what was encoded. `nodeOf` gives the node of a target by where its name starts in the data given to the encoder and its
   * length: 0 where it is of another zone.
   */
  putRRset(
    encoder: RRsetEncoder,
    owner: number,
    nodeOf: (nameAt: number, length: number) => number,
    isBelowOwner: (nameAt: number, length: number) => boolean,
  ): number {
    const words = this.#words;
    const { bytes } = this.image;
    const { octets, length, fixes, fixCount, targets, targetCount } = encoder;
    // Nodes of targets may be made on the way, so they come first.
    let found = 0;
    for (let index = 0; index < targetCount; index++) {
      const [place, nameAt, nameLength] = [
        targets[index * 3] ?? 0,
        targets[index * 3 + 1] ?? 0,
        targets[index * 3 + 2] ?? 0,
      ];
      const node = (place & targetFlag.owner) !== 0 ? owner : nodeOf(nameAt, nameLength);
      if (node === 0 || isKnown(targets, found, node)) continue;
      const inDomain = isBelowOwner(nameAt, nameLength) ? targetFlag.inDomain : 0;
      targets[found * 2] = place | inDomain;
      targets[found * 2 + 1] = node;
      found += 1;
    }
    const rrset = this.allocate(rrsetEntry.octets + wordsFor(length) + fixCount + found * 2);
    words[rrset + rrsetEntry.size] = length | (encoder.records << 16);
    words[rrset + rrsetEntry.lists] = fixCount | (found << 16);
    const start = (rrset + rrsetEntry.octets) * 4;
    if (length > 64) bytes.set(octets.subarray(0, length), start);
    else for (let i = 0; i < length; i++) bytes[start + i] = octets[i] ?? 0;
    let to = rrset + rrsetEntry.octets + wordsFor(length);
    for (let i = 0; i < fixCount; i++) words[to++] = fixes[i] ?? 0;
    // What can't be done without is written first (RFC 9471 §3.1).
    for (const wanted of [targetFlag.inDomain, 0]) {
      for (let index = 0; index < found; index++) {
        const place = targets[index * 2] ?? 0;
        if ((place & targetFlag.inDomain) !== wanted) continue;
        words[to++] = place;
        words[to++] = targets[index * 2 + 1] ?? 0;
      }
    }
    return rrset;
  }
}

/** Whether a node is among the first targets, which then stand in pairs. */
function isKnown(targets: Int32Array, count: number, node: number): boolean {
  // A bound for the work: an RRset with more targets than an answer could ever hold may name one twice.
  for (let index = Math.max(0, count - 64); index < count; index++) {
    if (targets[index * 2 + 1] === node) return true;
  }
  return false;
}
