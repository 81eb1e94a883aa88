// Reads a zone image (`image-layout.ts`): names, their states at a version, and where a search in a zone ends (RFC 1034 §4.3.2, step 3).
//
// A hot path: every query passes here, so nothing makes an object, and results are numbers or fields. Plain loads are enough
// once the caller has loaded the zone's version by Atomics: whatever belongs to that version was stored before it.
import { lowerOctets } from '../wire/lower-octets.ts';
import { header, nodeEntry, nodeMeta, nodeState, rrsetEntry, stateFlag, zoneEntry } from './image-layout.ts';
import { mixHash } from './name-probe.ts';
import type { NameProbe } from './name-probe.ts';

export class ZoneImage {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.bytes = new Uint8Array(memory);
  }

  /** The version that a zone is answered from. */
  version(zone: number): number {
    return Atomics.load(this.words, zone + zoneEntry.version);
  }

  /** The node of a zone with that name, or 0. `hash` is that of the name, which is `length` octets of `bytes` from `at`. */
  findNode(zone: number, hash: number, bytes: Uint8Array, at: number, length: number): number {
    const { words } = this;
    const table = words[header.table] ?? 0;
    const mask = words[table] ?? 0;
    let slot = mixHash(hash, words[zone + zoneEntry.salt] ?? 0) & mask;
    for (;;) {
      const entry = table + 1 + slot * 2;
      const node = words[entry + 1] ?? 0;
      if (node === 0) return 0;
      if (
        words[entry] === hash &&
        words[node + nodeEntry.zone] === zone &&
        this.hasName(node, bytes, at, length)
      )
        return node;
      slot = (slot + 1) & mask;
    }
  }

  /** Whether a node has that name, letters counting alike in either case. */
  hasName(node: number, bytes: Uint8Array, at: number, length: number): boolean {
    if (((this.words[node + nodeEntry.meta] ?? 0) & nodeMeta.lengthMask) !== length) return false;
    const own = this.bytes;
    const start = (node + nodeEntry.name) * 4;
    for (let i = 0; i < length; i++) {
      const [a, b] = [own[start + i] ?? 0, bytes[at + i] ?? 0];
      if (a !== b && lowerOctets[a] !== lowerOctets[b]) return false;
    }
    return true;
  }

  /** The state of a node at a version, or 0 where it had none yet. */
  stateAt(node: number, version: number): number {
    const { words } = this;
    let state = words[node + nodeEntry.state] ?? 0;
    while (state !== 0 && (words[state] ?? 0) > version) state = words[state + nodeState.older] ?? 0;
    return state;
  }

  /** Whether there is a name in that state: one with records, or an empty non-terminal (RFC 4592 §2.2.2). */
  exists(state: number): boolean {
    if (state === 0) return false;
    const { words } = this;
    return (
      ((words[state + nodeState.meta] ?? 0) & 0xffff) > 0 || (words[state + nodeState.children] ?? 0) > 0
    );
  }

  has(state: number, flag: number): boolean {
    return ((this.words[state + nodeState.meta] ?? 0) & flag) !== 0;
  }

  /** The RRset with that directory key, or 0. */
  rrset(state: number, key: number): number {
    const { words } = this;
    const from = state + nodeState.directory;
    const end = from + ((words[state + nodeState.meta] ?? 0) & 0xffff) * 2;
    for (let entry = from; entry < end; entry += 2) {
      if (words[entry] === key) return words[entry + 1] ?? 0;
    }
    return 0;
  }

  nameLength(node: number): number {
    return (this.words[node + nodeEntry.meta] ?? 0) & nodeMeta.lengthMask;
  }

  /** Where the octets of a node's name start in `bytes`. */
  nameAt(node: number): number {
    return (node + nodeEntry.name) * 4;
  }

  isWildcard(node: number): boolean {
    return ((this.words[node + nodeEntry.meta] ?? 0) & nodeMeta.wildcard) !== 0;
  }

  /** Octets of an RRset's records as they stand in an answer. */
  rrsetLength(rrset: number): number {
    return (this.words[rrset + rrsetEntry.size] ?? 0) & 0xffff;
  }

  rrsetRecords(rrset: number): number {
    return (this.words[rrset + rrsetEntry.size] ?? 0) >>> 16;
  }

  rrsetFixes(rrset: number): number {
    return (this.words[rrset + rrsetEntry.lists] ?? 0) & 0xffff;
  }

  rrsetTargets(rrset: number): number {
    return (this.words[rrset + rrsetEntry.lists] ?? 0) >>> 16;
  }

  /** The word of an RRset's first fix; its targets follow the fixes. */
  fixesAt(rrset: number): number {
    return rrset + rrsetEntry.octets + ((this.rrsetLength(rrset) + 3) >>> 2);
  }
}

/** Where a search for a name ended. */
export const ending = {
  /** The name exists. */
  exact: 0,
  /** At or below a name that is delegated. */
  cut: 1,
  /** Below a name that has a DNAME. */
  dname: 2,
  /** The name doesn't exist, and a wildcard stands for it. */
  wildcard: 3,
  absent: 4,
} as const;

/** One search at a time: its result stands in the fields. */
export class ZoneSearch {
  ending: number = ending.absent;
  /** The node of that name, of the cut, of the DNAME or of the wildcard; of the closest encloser where it is absent. */
  node = 0;
  state = 0;
  /** The closest name that exists, as far as the search came. */
  encloser = 0;
  encloserState = 0;
  /** Labels of `encloser`. */
  labels = 0;

  /**
   * Looks for a name at or below the zone's origin. From the apex down, so that a long name of a stranger's invention costs no more than
   * the zone is deep (RFC 4592 §3.3.1).
   */
  find(image: ZoneImage, zone: number, version: number, probe: NameProbe): void {
    const { words } = image;
    const { bytes, at, length, starts, hashes } = probe;
    let labels = words[zone + zoneEntry.labels] ?? 0;
    let node = words[zone + zoneEntry.apex] ?? 0;
    let state = image.stateAt(node, version);
    for (;;) {
      if (labels === probe.labels) {
        this.#end(ending.exact, node, state, node, state, labels);
        return;
      }
      // RFC 6672 §3.2: before a wildcard; there is none, as nothing stands below a DNAME.
      if (image.has(state, stateFlag.dname)) {
        this.#end(ending.dname, node, state, node, state, labels);
        return;
      }
      const start = starts[labels + 1] ?? 0;
      const child = image.findNode(zone, hashes[labels + 1] ?? 0, bytes, at + start, length - start);
      const childState = child === 0 ? 0 : image.stateAt(child, version);
      if (!image.exists(childState) || image.has(childState, stateFlag.hashed)) {
        const wildcard = words[state + nodeState.wildcard] ?? 0;
        const wildcardState = wildcard === 0 ? 0 : image.stateAt(wildcard, version);
        if (image.exists(wildcardState))
          this.#end(ending.wildcard, wildcard, wildcardState, node, state, labels);
        else this.#end(ending.absent, node, state, node, state, labels);
        return;
      }
      node = child;
      state = childState;
      labels += 1;
      if (image.has(state, stateFlag.cut)) {
        this.#end(ending.cut, node, state, node, state, labels);
        return;
      }
    }
  }

  #end(
    how: number,
    node: number,
    state: number,
    encloser: number,
    encloserState: number,
    labels: number,
  ): void {
    this.ending = how;
    this.node = node;
    this.state = state;
    this.encloser = encloser;
    this.encloserState = encloserState;
    this.labels = labels;
  }
}
