// Makes a later version of a zone in its image: the RRsets that a change touches are encoded anew, the nodes that hold them get states of
// that version, and nothing else is copied. Until the version is published nobody answers from it.
import { equalBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { checkChangedNode, checkChangedRecord, dnssecTypes } from './change-checks.ts';
import type { RRsetDraft } from './change-checks.ts';
import { flagOf, isHashedOnly } from './image-builder.ts';
import { chainKeys, changeChain } from './denial-chain.ts';
import {
  directoryKey,
  negativeSoaKey,
  nodeEntry,
  nodeState,
  stateFlag,
  typeOfKey,
  zoneEntry,
} from './image-layout.ts';
import type { ImageWriter } from './image-writer.ts';
import { NameProbe } from './name-probe.ts';
import { rdatasOf, ttlOf } from './rrset-decoder.ts';
import { RRsetEncoder } from './rrset-encoder.ts';
import type { ZoneChange } from './zone-change.ts';
import { ZoneFaultList } from './zone-fault.ts';
import type { ZoneFault } from './zone-fault.ts';
import type { ZoneImage } from './zone-image.ts';

/** A node on its way to a new state. */
interface NodeDraft {
  readonly node: number;
  readonly labels: number;
  readonly name: Uint8Array;
  /** Its state before; 0 for none. */
  readonly before: number;
  /** Directory key → RRset in the image. */
  readonly directory: Map<number, number>;
  children: number;
  wildcard: number;
}

interface NameEdit {
  readonly name: DomainName;
  readonly removed: ResourceRecord[];
  readonly added: ResourceRecord[];
}

/** For all edits: one is over before the next one starts. */
const probe = new NameProbe();
const targetProbe = new NameProbe();
const encoder = new RRsetEncoder();

/**
 * Makes version `base` + 1 of a zone. Gives the nodes whose newest state that is, by which {@link undoEdit} takes it back. The fault says
 * why it would be no zone any more; then nothing has changed. Throws `ImageFull` where the image has no room: then nothing can be seen
 * of it, and the same change must be made in a larger image.
 */
export function editZone(
  writer: ImageWriter,
  zone: number,
  base: number,
  change: ZoneChange,
): Result<readonly number[], readonly ZoneFault[]> {
  return new ZoneEdit(writer, zone, base).apply(change);
}

/** Forgets the states that are later than a version, of nodes that {@link editZone} gave. Nobody answers from them. */
export function undoEdit(image: ZoneImage, nodes: readonly number[], version: number): void {
  const { words } = image;
  for (const node of nodes) Atomics.store(words, node + nodeEntry.state, image.stateAt(node, version));
}

class ZoneEdit {
  readonly #writer: ImageWriter;
  readonly #image: ZoneImage;
  readonly #zone: number;
  readonly #base: number;
  readonly #originLabels: number;
  readonly #apex: number;
  readonly #drafts = new Map<number, NodeDraft>();
  readonly #faults = new ZoneFaultList();

  constructor(writer: ImageWriter, zone: number, base: number) {
    this.#writer = writer;
    this.#image = writer.image;
    this.#zone = zone;
    this.#base = base;
    this.#originLabels = this.#image.words[zone + zoneEntry.labels] ?? 0;
    this.#apex = this.#image.words[zone + zoneEntry.apex] ?? 0;
  }

  apply(change: ZoneChange): Result<readonly number[], readonly ZoneFault[]> {
    const edits = this.#group(change);
    const rrsets = edits.map((edit) => this.#rrsetsOf(edit));
    for (const [index, edit] of edits.entries()) {
      const image = this.#image;
      const node = this.#find(edit.name);
      const state = node === 0 ? 0 : image.stateAt(node, this.#base);
      const isApex = node === this.#apex;
      checkChangedNode(
        { image, zone: this.#zone, version: this.#base, state, isApex, name: edit.name },
        rrsets[index] ?? [],
        this.#faults,
      );
    }
    if (this.#faults.hasErrors) return fault(this.#faults.list());
    for (const [index, edit] of edits.entries()) this.#change(edit, rrsets[index] ?? []);
    this.#settleParents();
    for (const edit of edits) this.#checkRedirection(edit.name);
    this.#changeChain(chainKeys.nsec, directoryKey(rrType.NSEC));
    this.#changeChain(chainKeys.nsec3, directoryKey(rrType.NSEC3));
    return this.#faults.hasErrors ? fault(this.#faults.list()) : ok(this.#link());
  }

  /** By name, each once; records outside of the zone are faults. */
  #group(change: ZoneChange): readonly NameEdit[] {
    const edits = new Map<string, NameEdit>();
    const editOf = ({ owner }: ResourceRecord): NameEdit => {
      const known = edits.get(owner.key);
      if (known !== undefined) return known;
      const made: NameEdit = { name: owner, removed: [], added: [] };
      edits.set(owner.key, made);
      return made;
    };
    for (const record of [change.from, ...change.removed]) editOf(record).removed.push(record);
    for (const record of [change.to, ...change.added]) {
      if (checkChangedRecord(record, this.#faults)) editOf(record).added.push(record);
    }
    return [...edits.values()];
  }

  /** The RRsets of a name that are others afterwards. */
  #rrsetsOf(edit: NameEdit): readonly RRsetDraft[] {
    const node = this.#find(edit.name);
    const state = node === 0 ? 0 : this.#image.stateAt(node, this.#base);
    const drafts = new Map<number, RRsetDraft>();
    const draftOf = (record: ResourceRecord): RRsetDraft => {
      const key = keyOf(record);
      const known = drafts.get(key);
      if (known !== undefined) return known;
      const rrset = state === 0 ? 0 : this.#image.rrset(state, key);
      // A change has the one SOA before and the one after (RFC 1995 §4), so nothing of the old one stays.
      const isNew = rrset === 0 || record.type === rrType.SOA;
      const made: RRsetDraft = {
        key,
        type: record.type,
        ttl: isNew ? record.ttl : ttlOf(this.#image, rrset),
        rdatas: isNew ? [] : rdatasOf(this.#image, node, rrset),
      };
      drafts.set(key, made);
      return made;
    };
    const gone = new Map<number, Uint8Array[]>();
    for (const record of edit.removed) {
      const { key } = draftOf(record);
      const list = gone.get(key);
      if (list === undefined) gone.set(key, [record.rdata]);
      else list.push(record.rdata);
    }
    for (const [key, list] of gone) {
      const draft = drafts.get(key);
      if (draft !== undefined) draft.rdatas = without(draft.rdatas, list);
    }
    const emptied = new Set([...drafts.values()].filter(({ rdatas }) => rdatas.length === 0));
    const coming = new Map<RRsetDraft, Uint8Array[]>();
    for (const record of edit.added) {
      const draft = draftOf(record);
      const list = coming.get(draft);
      // RFC 2181 §5.2: the records of a set have one TTL; where they don't, the least is safe for all of them.
      if (list === undefined && (emptied.has(draft) || draft.rdatas.length === 0)) draft.ttl = record.ttl;
      else draft.ttl = Math.min(draft.ttl, record.ttl);
      if (list === undefined) coming.set(draft, [record.rdata]);
      else list.push(record.rdata);
    }
    for (const [draft, list] of coming)
      draft.rdatas = draft.rdatas.concat(without(unique(list), draft.rdatas));
    return [...drafts.values()];
  }

  #find(name: DomainName): number {
    probe.read(name.wire, 0, name.wire.length);
    const hash = probe.hashes[probe.labels] ?? 0;
    return this.#image.findNode(this.#zone, hash, name.wire, 0, name.wire.length);
  }

  #change(edit: NameEdit, rrsets: readonly RRsetDraft[]): void {
    const draft = this.#draft(edit.name.wire, 0, edit.name.labelCount);
    for (const rrset of rrsets) {
      if (rrset.rdatas.length === 0) {
        draft.directory.delete(rrset.key);
        if (rrset.type === rrType.SOA) draft.directory.delete(negativeSoaKey);
        continue;
      }
      draft.directory.set(rrset.key, this.#put(draft, rrset, rrset.ttl));
      if (rrset.type === rrType.SOA)
        draft.directory.set(negativeSoaKey, this.#put(draft, rrset, negativeTtl(rrset)));
    }
  }

  #put(draft: NodeDraft, { type, rdatas }: RRsetDraft, ttl: number): number {
    encoder.start(draft.name, 0, draft.name.length, type, ttl);
    const joined = joinedData(rdatas);
    let at = 0;
    for (const { length } of rdatas) {
      encoder.add(joined, at, length);
      at += length;
    }
    return this.#writer.putRRset(
      encoder,
      draft.node,
      (at, length) => this.#targetNode(joined, at, length),
      (at, length) => type === rrType.NS && isBelow(joined, at, length, draft.name),
    );
  }

  #targetNode(data: Uint8Array, at: number, length: number): number {
    if (targetProbe.read(data, at, at + length) !== length || targetProbe.labels < this.#originLabels)
      return 0;
    const start = targetProbe.starts[this.#originLabels] ?? 0;
    const originHash = targetProbe.hashes[this.#originLabels] ?? 0;
    const apex = this.#image.findNode(this.#zone, originHash, data, at + start, length - start);
    return apex === this.#apex ? this.#nodeOf(targetProbe, targetProbe.labels) : 0;
  }

  /** The node of the last `labels` labels, made where there is none. */
  #nodeOf(name: NameProbe, labels: number): number {
    const start = name.starts[labels] ?? 0;
    const [hash, at, length] = [name.hashes[labels] ?? 0, name.at + start, name.length - start];
    const known = this.#image.findNode(this.#zone, hash, name.bytes, at, length);
    return known !== 0 ? known : this.#writer.addNode(this.#zone, hash, name.bytes, at, length);
  }

  /** The draft of a name that ends where `wire` does. */
  #draft(wire: Uint8Array, at: number, labels: number): NodeDraft {
    probe.read(wire, at, wire.length);
    const node = this.#nodeOf(probe, labels);
    const known = this.#drafts.get(node);
    if (known !== undefined) return known;
    const { words } = this.#image;
    const before = this.#image.stateAt(node, this.#base);
    const directory = new Map<number, number>();
    const entries = before === 0 ? 0 : (words[before + nodeState.meta] ?? 0) & 0xffff;
    for (let i = 0; i < entries; i++) {
      const entry = before + nodeState.directory + i * 2;
      directory.set(words[entry] ?? 0, words[entry + 1] ?? 0);
    }
    const draft: NodeDraft = {
      node,
      labels,
      name: wire.subarray(at + (probe.starts[labels] ?? 0)),
      before,
      directory,
      children: before === 0 ? 0 : (words[before + nodeState.children] ?? 0),
      wildcard: before === 0 ? 0 : (words[before + nodeState.wildcard] ?? 0),
    };
    this.#drafts.set(node, draft);
    return draft;
  }

  /** Names that come and go make and end the empty non-terminals above them (RFC 4592 §2.2.2): from the deepest up. */
  #settleParents(): void {
    const byLabels: NodeDraft[][] = [];
    const enter = (draft: NodeDraft): void => {
      const list = byLabels[draft.labels];
      if (list === undefined) byLabels[draft.labels] = [draft];
      else list.push(draft);
    };
    for (const draft of this.#drafts.values()) enter(draft);
    for (let labels = byLabels.length - 1; labels > this.#originLabels; labels--) {
      for (const draft of byLabels[labels] ?? []) {
        const existed = this.#image.exists(draft.before);
        const exists = draft.directory.size > 0 || draft.children > 0;
        const isWildcard = this.#image.isWildcard(draft.node);
        if (existed === exists && !(isWildcard && exists)) continue;
        const known = this.#drafts.size;
        const parent = this.#draft(draft.name, 0, labels - 1);
        if (this.#drafts.size > known) enter(parent);
        if (existed !== exists) parent.children += exists ? 1 : -1;
        if (isWildcard) parent.wildcard = draft.node;
      }
    }
  }

  /** Enters and takes out the names that have got or lost records of the type that a chain is of. */
  #changeChain(chainKey: number, key: number): void {
    const added: number[] = [];
    const removed: number[] = [];
    for (const { node, before, directory } of this.#drafts.values()) {
      const had = before !== 0 && this.#image.rrset(before, key) !== 0;
      if (had === directory.has(key)) continue;
      (had ? removed : added).push(node);
    }
    const apex = this.#drafts.get(this.#apex);
    if (apex === undefined || added.length + removed.length === 0) return;
    const chain = changeChain(this.#writer, apex.directory.get(chainKey) ?? 0, added, removed);
    if (chain === 0) apex.directory.delete(chainKey);
    else apex.directory.set(chainKey, chain);
  }

  /** RFC 6672 §2.4: nothing stands below a DNAME. Looked for once all that the change makes is known. */
  #checkRedirection(name: DomainName): void {
    const draft = this.#drafts.get(this.#find(name));
    if (draft === undefined || this.#isBelowCut(name)) return;
    if (draft.directory.has(directoryKey(rrType.DNAME)) && draft.children > 0 && this.#hasNamesBelow(draft))
      this.#faults.add('error', `names stand below ${name.toString()}, which a DNAME would redirect`);
    if ([...draft.directory.keys()].every((key) => dnssecTypes.has(typeOfKey(key)))) return;
    for (let labels = name.labelCount - 1; labels >= this.#originLabels; labels--) {
      const above = this.#find(name.ancestor(labels));
      if (above === 0 || !this.#has(above, rrType.DNAME, stateFlag.dname)) continue;
      const source = name.ancestor(labels).toString();
      this.#faults.add('error', `${name.toString()} stands below ${source}, which a DNAME redirects`);
      return;
    }
  }

  /** Below a cut nothing is given out but glue, so nothing there contradicts. */
  #isBelowCut(name: DomainName): boolean {
    for (let labels = name.labelCount - 1; labels > this.#originLabels; labels--) {
      const above = this.#find(name.ancestor(labels));
      if (above !== 0 && this.#has(above, rrType.NS, stateFlag.cut)) return true;
    }
    return false;
  }

  /** Whether a node has records of a type, of which `flag` tells in its state, once the change is made. */
  #has(node: number, type: number, flag: number): boolean {
    const draft = this.#drafts.get(node);
    if (draft !== undefined) return draft.directory.has(directoryKey(type));
    const state = this.#image.stateAt(node, this.#base);
    return state !== 0 && this.#image.has(state, flag);
  }

  /**
   * Whether what stands below is more than NSEC3 records, which stand below the apex whatever the apex has. Work: all names of the zone; DNAMEs
   * at the apex are rare.
   */
  #hasNamesBelow(draft: NodeDraft): boolean {
    if (draft.node !== this.#apex) return true;
    const { words } = this.#image;
    let node = words[this.#zone + zoneEntry.firstNode] ?? 0;
    for (; node !== 0; node = words[node + nodeEntry.next] ?? 0) {
      if (node === this.#apex) continue;
      const other = this.#drafts.get(node);
      const state = this.#image.stateAt(node, this.#base);
      const isNamed = other === undefined ? this.#isNamed(state) : other.directory.size > 0;
      if (isNamed) return true;
    }
    return false;
  }

  #isNamed(state: number): boolean {
    if (state === 0 || this.#image.has(state, stateFlag.hashed)) return false;
    return ((this.#image.words[state + nodeState.meta] ?? 0) & 0xffff) > 0;
  }

  /** Writes all states, and only then lets them be found. */
  #link(): readonly number[] {
    const { words } = this.#image;
    const states: (readonly [node: number, state: number])[] = [];
    for (const draft of this.#drafts.values()) {
      const entries = [...draft.directory].sort((a, b) => (a[0] >>> 0) - (b[0] >>> 0));
      const state = this.#writer.allocate(nodeState.directory + entries.length * 2);
      words[state] = this.#base + 1;
      words[state + nodeState.older] = words[draft.node + nodeEntry.state] ?? 0;
      words[state + nodeState.wildcard] = draft.wildcard;
      words[state + nodeState.children] = draft.children;
      let flags = 0;
      for (const [i, [key, rrset]] of entries.entries()) {
        words[state + nodeState.directory + i * 2] = key;
        words[state + nodeState.directory + i * 2 + 1] = rrset;
        flags |= flagOf(key, draft.node === this.#apex);
      }
      if (isHashedOnly(words, state + nodeState.directory, entries.length)) flags |= stateFlag.hashed;
      words[state + nodeState.meta] = entries.length | flags;
      states.push([draft.node, state]);
    }
    for (const [node, state] of states) Atomics.store(words, node + nodeEntry.state, state);
    return states.map(([node]) => node);
  }
}

/** Where a record stands in its node's directory. */
export function keyOf({ type, rdata }: ResourceRecord): number {
  const covered = type === rrType.RRSIG ? ((rdata[0] ?? 0) << 8) | (rdata[1] ?? 0) : 0;
  return directoryKey(type, covered) | 0;
}

/** RFC 2308 §3. */
function negativeTtl({ ttl, rdatas }: RRsetDraft): number {
  const [soa] = rdatas;
  if (soa === undefined) return ttl;
  return Math.min(ttl, new DataView(soa.buffer, soa.byteOffset).getUint32(soa.length - 4));
}

function joinedData(rdatas: readonly Uint8Array[]): Uint8Array {
  const [first] = rdatas;
  if (first !== undefined && rdatas.length === 1) return first;
  const joined = new Uint8Array(rdatas.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const rdata of rdatas) {
    joined.set(rdata, at);
    at += rdata.length;
  }
  return joined;
}

/** For short lists comparing is cheaper than making keys; for long ones it would be quadratic. */
const shortList = 8;

function without(rdatas: readonly Uint8Array[], gone: readonly Uint8Array[]): Uint8Array[] {
  if (rdatas.length * gone.length <= shortList * shortList)
    return rdatas.filter((rdata) => !gone.some((each) => equalBytes(each, rdata)));
  const keys = new Set(gone.map((rdata) => rdata.toHex()));
  return rdatas.filter((rdata) => !keys.has(rdata.toHex()));
}

function unique(rdatas: readonly Uint8Array[]): Uint8Array[] {
  if (rdatas.length < 2) return [...rdatas];
  return [...new Map(rdatas.map((rdata) => [rdata.toHex(), rdata])).values()];
}

/** Whether an uncompressed name in the data is at or below another. */
function isBelow(data: Uint8Array, at: number, length: number, other: Uint8Array): boolean {
  const extra = length - other.length;
  let start = 0;
  while (start < extra) start += (data[at + start] ?? 0) + 1;
  if (start !== extra) return false;
  targetProbe.read(data, at + start, at + length);
  probe.read(other, 0, other.length);
  return (
    targetProbe.hashes[targetProbe.labels] === probe.hashes[probe.labels] &&
    sameName(data, at + start, other, other.length)
  );
}

function sameName(a: Uint8Array, aAt: number, b: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[aAt + i] ?? 0, b[i] ?? 0];
    if (x !== y && (x | 0x20) !== (y | 0x20)) return false;
    if (x !== y && !((x >= 0x41 && x <= 0x5a) || (x >= 0x61 && x <= 0x7a))) return false;
  }
  return true;
}
