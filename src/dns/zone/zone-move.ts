// Copies a zone to an image of its own, without what later versions have made useless: in slices, because a million names take a
// second, and changes go on meanwhile. Those are made again in the new image at the end.
import { chainKeys, membersOf, putChain } from './denial-chain.ts';
import { header, nodeEntry, nodeState, wordsFor, zoneEntry } from './image-layout.ts';
import { ImageWriter } from './image-writer.ts';
import { NameProbe } from './name-probe.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { ZoneChange } from './zone-change.ts';
import { editZone } from './zone-edit.ts';
import type { ZoneImage } from './zone-image.ts';

/** Nodes between two looks at the clock. */
const stride = 32;
/** Octets kept free for changes at least: moving a small zone again costs little, and there may be a hundred thousand of them. */
const leastSlack = 16_384;

/** For all moves: a search is over before the next one starts. */
const probe = new NameProbe();

type Phase = 'count' | 'copy' | 'replay' | 'done';

export interface MovedVersion {
  readonly version: number;
  /** What `undoEdit` needs. */
  readonly nodes: readonly number[];
}

export class ZoneMove {
  readonly #from: ZoneImage;
  readonly #zone: number;
  readonly #version: number;
  #phase: Phase = 'count';
  #next: number;
  #nodes = 0;
  #words = 0;
  #writer: ImageWriter | undefined;
  #newZone = 0;
  /** Changes made since the version that is copied, oldest first. */
  readonly #changes: ZoneChange[];
  /** What became of them in the new image. */
  readonly versions: MovedVersion[] = [];

  /**
   * Copies the zone as it is at that version; `changes` led from it to the newest one. There is room for those in the new image, and for
   * `coming`, which is to be made there.
   */
  constructor(
    from: ZoneImage,
    zone: number,
    version: number,
    changes: readonly ZoneChange[],
    coming: readonly ZoneChange[] = [],
  ) {
    this.#from = from;
    this.#zone = zone;
    this.#version = version;
    this.#changes = [...changes];
    for (const change of [...changes, ...coming]) this.#reserve(change);
    this.#next = from.words[zone + zoneEntry.firstNode] ?? 0;
  }

  /** A change that was made meanwhile. */
  follow(change: ZoneChange): void {
    this.#changes.push(change);
  }

  get writer(): ImageWriter | undefined {
    return this.#writer;
  }

  /** Where the zone stands in the new image. */
  get zone(): number {
    return this.#newZone;
  }

  /** Works on as long as `hasTime` says; gives whether all is done. Throws `ImageFull` where changes have outgrown the new image. */
  step(hasTime: () => boolean): boolean {
    while (this.#phase !== 'done' && hasTime()) {
      switch (this.#phase) {
        case 'count':
          this.#count();
          break;
        case 'copy':
          this.#copy();
          break;
        case 'replay':
          this.#replay();
          break;
      }
    }
    return this.#phase === 'done' && this.versions.length === this.#changes.length;
  }

  /** Works to the end. */
  finish(): void {
    while (!this.step(() => true)) this.#phase = 'replay';
  }

  /** For who has waited with the swap: makes what came since. */
  resume(): void {
    if (this.#phase === 'done') this.#phase = 'replay';
  }

  /** A bound for what a change takes: only what it uses takes real memory. */
  #reserve({ added, removed }: ZoneChange): void {
    // The apex with its SOA, and the RRsets that are written anew because one of their records changes.
    this.#words += wordsFor(4096);
    for (const { owner, rdata } of added) {
      const names = owner.labelCount + 1;
      this.#nodes += names + 1;
      this.#words += names * (nodeEntry.name + nodeState.directory + 16) + wordsFor(4 * owner.wire.length);
      this.#words += wordsFor(2 * rdata.length + 600);
    }
    for (const { owner } of removed)
      this.#words += (owner.labelCount + 1) * (nodeState.directory + 16) + wordsFor(600);
    this.#words += this.#touched(added, removed);
  }

  /** Words of the RRsets and directories that stand at the names that change. */
  #touched(...lists: readonly (readonly ResourceRecord[])[]): number {
    const image = this.#from;
    const seen = new Set<string>();
    let words = 0;
    for (const { owner } of lists.flat()) {
      if (seen.has(owner.key)) continue;
      seen.add(owner.key);
      probe.read(owner.wire, 0, owner.wire.length);
      const hash = probe.hashes[probe.labels] ?? 0;
      const node = image.findNode(this.#zone, hash, owner.wire, 0, owner.wire.length);
      const state = node === 0 ? 0 : image.stateAt(node, this.#version);
      const entries = state === 0 ? 0 : (image.words[state + nodeState.meta] ?? 0) & 0xffff;
      words += entries * 2;
      for (let entry = 0; entry < entries; entry++) {
        const at = state + nodeState.directory + entry * 2;
        if (!isChainKey(image.words[at] ?? 0)) words += this.#rrsetWords(image.words[at + 1] ?? 0);
      }
    }
    return words;
  }

  #count(): void {
    const { words } = this.#from;
    for (let i = 0; i < stride && this.#next !== 0; i++) {
      const node = this.#next;
      this.#next = words[node + nodeEntry.next] ?? 0;
      const state = this.#from.stateAt(node, this.#version);
      if (!this.#from.exists(state)) continue;
      this.#nodes += 1;
      this.#words += ImageWriter.nodeWords(this.#from.nameLength(node)) + nodeState.directory;
      const entries = (words[state + nodeState.meta] ?? 0) & 0xffff;
      for (let entry = 0; entry < entries; entry++) {
        const at = state + nodeState.directory + entry * 2;
        const rrset = words[at + 1] ?? 0;
        if (isChainKey(words[at] ?? 0)) {
          this.#words += membersOf(this.#from, rrset).length * 2 + 8;
          continue;
        }
        // A target that isn't there takes a node of its own.
        const targets = this.#from.rrsetTargets(rrset);
        this.#words += 2 + this.#rrsetWords(rrset) + targets * (nodeEntry.name + wordsFor(255));
        this.#nodes += targets;
      }
    }
    if (this.#next !== 0) return;
    const octets = this.#words * 4;
    const writer = ImageWriter.create(octets * 2 + leastSlack + header.words * 4, this.#nodes * 1.25 + 64);
    this.#newZone = writer.addZone(words[this.#zone + zoneEntry.labels] ?? 0);
    this.#writer = writer;
    this.#next = words[this.#zone + zoneEntry.firstNode] ?? 0;
    // The apex first, because the zone can't be found without it.
    const apex = this.#nodeFor(writer, words[this.#zone + zoneEntry.apex] ?? 0);
    writer.image.words[this.#newZone + zoneEntry.apex] = apex;
    this.#phase = 'copy';
  }

  #rrsetWords(rrset: number): number {
    const image = this.#from;
    return image.fixesAt(rrset) - rrset + image.rrsetFixes(rrset) + image.rrsetTargets(rrset) * 2;
  }

  #copy(): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    const from = this.#from;
    const to = writer.image.words;
    for (let i = 0; i < stride && this.#next !== 0; i++) {
      const old = this.#next;
      this.#next = from.words[old + nodeEntry.next] ?? 0;
      const state = from.stateAt(old, this.#version);
      if (!from.exists(state)) continue;
      const node = this.#nodeFor(writer, old);
      const meta = from.words[state + nodeState.meta] ?? 0;
      const entries = meta & 0xffff;
      const copy = writer.allocate(nodeState.directory + entries * 2);
      to[copy] = 1;
      to[copy + nodeState.meta] = meta;
      to[copy + nodeState.children] = from.words[state + nodeState.children] ?? 0;
      const wildcard = from.words[state + nodeState.wildcard] ?? 0;
      if (wildcard !== 0) to[copy + nodeState.wildcard] = this.#nodeFor(writer, wildcard);
      for (let entry = 0; entry < entries; entry++) {
        const at = nodeState.directory + entry * 2;
        to[copy + at] = from.words[state + at] ?? 0;
        const rrset = from.words[state + at + 1] ?? 0;
        to[copy + at + 1] = isChainKey(to[copy + at] ?? 0)
          ? this.#copyChain(writer, rrset)
          : this.#copyRRset(writer, rrset);
      }
      to[node + nodeEntry.state] = copy;
    }
    if (this.#next !== 0) return;
    to[this.#newZone + zoneEntry.version] = 1;
    this.#phase = 'replay';
  }

  #copyChain(writer: ImageWriter, chain: number): number {
    return putChain(
      writer,
      membersOf(this.#from, chain).map((node) => this.#nodeFor(writer, node)),
    );
  }

  #copyRRset(writer: ImageWriter, rrset: number): number {
    const from = this.#from;
    const targets = from.rrsetTargets(rrset);
    const first = from.fixesAt(rrset) + from.rrsetFixes(rrset);
    // Nodes of targets may be made on the way, so they come first.
    for (let i = 0; i < targets; i++) this.#nodeFor(writer, from.words[first + i * 2 + 1] ?? 0);
    const size = this.#rrsetWords(rrset);
    const copy = writer.allocate(size);
    const to = writer.image.words;
    for (let i = 0; i < size; i++) to[copy + i] = from.words[rrset + i] ?? 0;
    const list = copy + (first - rrset);
    for (let i = 0; i < targets; i++)
      to[list + i * 2 + 1] = this.#nodeFor(writer, from.words[first + i * 2 + 1] ?? 0);
    return copy;
  }

  /** The new image's node of the same name, made where there is none. */
  #nodeFor(writer: ImageWriter, old: number): number {
    const from = this.#from;
    const hash = from.words[old + nodeEntry.hash] ?? 0;
    const [at, length] = [from.nameAt(old), from.nameLength(old)];
    const known = writer.image.findNode(this.#newZone, hash, from.bytes, at, length);
    return known !== 0 ? known : writer.addNode(this.#newZone, hash, from.bytes, at, length);
  }

  #replay(): void {
    const writer = this.#writer;
    const change = this.#changes[this.versions.length];
    if (writer === undefined || change === undefined) {
      this.#phase = 'done';
      return;
    }
    const version = this.versions.length + 1;
    const edited = editZone(writer, this.#newZone, version, change);
    // What could be made once can be made again.
    if (!edited.ok) throw new Error(edited.fault[0]?.message ?? 'a change that can not be made again');
    this.versions.push({ version: version + 1, nodes: edited.value });
  }
}

function isChainKey(key: number): boolean {
  return key === chainKeys.nsec || key === chainKeys.nsec3;
}
