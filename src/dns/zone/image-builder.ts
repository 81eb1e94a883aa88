// Builds a zone image of records that come one by one, in any order, for one zone or many: no object for each, so that a loader can build
// millions of them. What the records mean together (is this a zone that can be served?) is for the zone checks to judge.
//
// A hot path of loading: records and names are gathered in a few large arrays first, then laid out node by node, so that what one
// answer needs lies together. Measure it by bench/micro/image-build.ts.
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import type { RawRecord, RecordSink } from '../zonefile/record-sink.ts';
import { chainKeys, putChain } from './denial-chain.ts';
import {
  directoryKey,
  header,
  negativeSoaKey,
  nodeEntry,
  nodeState,
  stateFlag,
  zoneEntry,
} from './image-layout.ts';
import { ImageWriter } from './image-writer.ts';
import { NameProbe, mixHash } from './name-probe.ts';
import { mostRRsetOctets, RRsetEncoder } from './rrset-encoder.ts';
import { ZoneImage } from './zone-image.ts';

/** What building came across. */
export interface BuildNote {
  /**
   * `ttls`: records of one RRset with different TTLs; the least is used (RFC 2181 §5.2). `repeated`: records that came more than once,
   * and count once (RFC 2181 §5). `too-large`: an RRset for no message; it is left out.
   */
  readonly kind: 'ttls' | 'repeated' | 'too-large';
  readonly zone: DomainName;
  readonly owner: DomainName;
  readonly type: number;
  readonly ttl: number;
  /** Octets of the RRset, without owners. */
  readonly octets: number;
}

export interface BuiltImage {
  readonly image: ZoneImage;
  /** In the order of `addZone`. `zone` is where it stands in the image. */
  readonly zones: readonly { readonly origin: DomainName; readonly zone: number }[];
  /** The first hundred, and all that are `too-large`: zones lack what those are of. And how many there were. */
  readonly notes: readonly BuildNote[];
  readonly noteCount: number;
}

const mostNotes = 100;
/** Octets that a record and its newline hardly ever have less of. */
const leastLine = 16;

/** Fields of a node while it is gathered. */
const gathered = {
  hash: 0,
  nameAt: 1,
  nameLength: 2,
  zone: 3,
  first: 4,
  last: 5,
  parent: 6,
  children: 7,
  /** Once it is laid out: its node. */
  node: 8,
  words: 9,
} as const;

/** Fields of a record while it is gathered. */
const kept = {
  next: 0,
  type: 1,
  ttl: 2,
  dataAt: 3,
  dataLength: 4,
  words: 5,
} as const;

interface GatheredZone {
  readonly origin: DomainName;
  readonly salt: number;
  readonly labels: number;
  readonly apex: number;
}

export class ImageBuilder implements RecordSink {
  readonly #zones: GatheredZone[] = [];
  #names = new Uint8Array(1024);
  #nameOctets = 0;
  #nodes = new Int32Array(64 * gathered.words);
  #nodeCount = 0;
  /** Two words a slot: 1 + node, and the hash of its name, so that most names that aren't the one looked for are passed over by it. */
  #table = new Int32Array(256);
  /** Where the last search that found nothing ended: the slot that what it looked for would take. */
  #freeSlot = 0;
  #records = new Int32Array(64 * kept.words);
  #recordCount = 0;
  #data = new Uint8Array(2048);
  #dataOctets = 0;
  /** Records of types that point to names: each may need a node of its own. */
  #pointing = 0;
  #zone = -1;
  /** By zone: the owners of records that prove what is not there. */
  readonly #chains = new Map<number, { readonly nsec: Set<number>; readonly nsec3: Set<number> }>();
  #links = 0;
  /** The node of the record added last. */
  #lastNode = -1;
  readonly #probe = new NameProbe();
  readonly #encoder = new RRsetEncoder();
  readonly #notes: BuildNote[] = [];
  #noteCount = 0;

  /** Records gathered so far. */
  get records(): number {
    return this.#recordCount;
  }

  /** Octets of what is gathered, about what the image will take: for who packs small zones together. */
  get octets(): number {
    return this.#nameOctets + this.#dataOctets + this.#nodeCount * 64 + this.#recordCount * 32;
  }

  /**
   * Makes room for what a file of so many octets may hold, before anything is added. Arrays that grow are copied again and again;
   * those that are too large take no more memory than what is written of them.
   */
  reserve(fileOctets: number): void {
    const names = Math.ceil(fileOctets / leastLine);
    if (this.#nodeCount > 0 || names < 1024) return;
    let slots = 1024;
    while (slots < names) slots *= 2;
    this.#table = new Int32Array(2 * slots);
    this.#nodes = new Int32Array(names * gathered.words);
    this.#records = new Int32Array(names * kept.words);
    this.#names = new Uint8Array(fileOctets);
    this.#data = new Uint8Array(fileOctets);
  }

  /** What is added from now on belongs to this zone. A zone can be added once. */
  addZone(origin: DomainName): void {
    this.#lastNode = -1;
    this.#zone = this.#zones.length;
    const probe = this.#probe;
    probe.read(origin.wire, 0, origin.wire.length);
    const salt = Math.imul(this.#zone + 1, 0x9e3779b1);
    const apex = this.#addNode(probe, probe.labels, salt, -1, -1);
    this.#zones.push({ origin, salt, labels: origin.labelCount, apex });
  }

  /** Forgets the zone added last and its records: for one that turned out to be faulty. */
  dropZone(): void {
    // Its nodes stay where they are and are passed over: taking them out would move others.
    const zone = this.#zones.at(-1);
    if (zone !== undefined) this.#dropped.add(this.#zones.length - 1);
  }

  readonly #dropped = new Set<number>();

  /** `RecordSink`: gives nothing back; a record outside of the zone is passed over, since the checks refuse it before. */
  add(record: RawRecord): void {
    this.addRecord(
      record.owner,
      record.ownerLength,
      record.sameOwner,
      record.type,
      record.ttl,
      record.rdata,
      record.rdataLength,
    );
  }

  /** Gives whether the owner is at or below the zone's origin; otherwise nothing is added. Class IN. */
  addRecord(
    owner: Uint8Array,
    ownerLength: number,
    sameOwner: boolean,
    type: number,
    ttl: number,
    rdata: Uint8Array,
    rdataLength: number,
  ): boolean {
    let node = this.#lastNode;
    if (!sameOwner || node < 0) {
      node = this.#nodeOf(owner, ownerLength);
      this.#lastNode = node;
      if (node < 0) return false;
    }
    if ((this.#recordCount + 1) * kept.words > this.#records.length) this.#records = growWords(this.#records);
    const at = this.#recordCount * kept.words;
    const records = this.#records;
    records[at + kept.next] = -1;
    records[at + kept.type] = type;
    records[at + kept.ttl] = ttl;
    records[at + kept.dataAt] = this.#dataOctets;
    records[at + kept.dataLength] = rdataLength;
    if (this.#dataOctets + rdataLength > this.#data.length)
      this.#data = growOctets(this.#data, this.#dataOctets + rdataLength);
    const data = this.#data;
    if (rdataLength > 48) data.set(rdata.subarray(0, rdataLength), this.#dataOctets);
    else for (let i = 0; i < rdataLength; i++) data[this.#dataOctets + i] = rdata[i] ?? 0;
    this.#dataOctets += rdataLength;
    const nodes = this.#nodes;
    const entry = node * gathered.words;
    const last = nodes[entry + gathered.last] ?? -1;
    if (last < 0) nodes[entry + gathered.first] = this.#recordCount;
    else records[last * kept.words + kept.next] = this.#recordCount;
    nodes[entry + gathered.last] = this.#recordCount;
    this.#recordCount += 1;
    if (type !== rrType.A && type !== rrType.AAAA) this.#pointing += 1;
    if (type === rrType.NSEC || type === rrType.NSEC3) this.#noteLink(type, node);
    return true;
  }

  #noteLink(type: number, node: number): void {
    this.#links += 1;
    let links = this.#chains.get(this.#zone);
    if (links === undefined) this.#chains.set(this.#zone, (links = { nsec: new Set(), nsec3: new Set() }));
    (type === rrType.NSEC ? links.nsec : links.nsec3).add(node);
  }

  /** The node of that name, made with the empty non-terminals above it (RFC 4592 §2.2.2); -1 outside of the zone. */
  #nodeOf(owner: Uint8Array, ownerLength: number): number {
    const zone = this.#zones[this.#zone];
    if (zone === undefined) return -1;
    const probe = this.#probe;
    if (probe.read(owner, 0, ownerLength) !== ownerLength || probe.labels < zone.labels) return -1;
    const known = this.#find(probe, probe.labels, zone.salt);
    if (known >= 0) return known;
    const slot = this.#freeSlot;
    let labels = probe.labels - 1;
    let above = -1;
    for (; above < 0; labels--) {
      if (labels <= zone.labels) {
        if (!this.#isApex(probe, zone)) return -1;
        above = zone.apex;
      } else {
        above = this.#find(probe, labels, zone.salt);
      }
    }
    // The search for the whole name has found its slot; with names between, that may be taken by then.
    const isOnly = labels + 2 === probe.labels;
    for (labels += 2; labels <= probe.labels; labels++) {
      const entry = above * gathered.words + gathered.children;
      this.#nodes[entry] = (this.#nodes[entry] ?? 0) + 1;
      above = this.#addNode(probe, labels, zone.salt, above, isOnly ? slot : -1);
    }
    return above;
  }

  /** Whether the name is at or below the zone's origin. */
  #isApex(probe: NameProbe, { apex, labels }: GatheredZone): boolean {
    const start = probe.starts[labels] ?? 0;
    const length = probe.length - start;
    const entry = apex * gathered.words;
    const nameAt = this.#nodes[entry + gathered.nameAt] ?? 0;
    return (
      this.#nodes[entry + gathered.nameLength] === length &&
      sameOctets(this.#names, nameAt, probe.bytes, probe.at + start, length)
    );
  }

  /** The gathered node of the last `labels` labels, or -1. */
  #find(probe: NameProbe, labels: number, salt: number): number {
    const [hash, start] = [probe.hashes[labels] ?? 0, probe.starts[labels] ?? 0];
    const length = probe.length - start;
    const table = this.#table;
    const mask = table.length - 1;
    const nodes = this.#nodes;
    let slot = (mixHash(hash, salt) << 1) & mask;
    for (;;) {
      const index = (table[slot] ?? 0) - 1;
      if (index < 0) {
        this.#freeSlot = slot;
        return -1;
      }
      const entry = index * gathered.words;
      if (
        table[slot + 1] === hash &&
        nodes[entry + gathered.zone] === this.#zone &&
        nodes[entry + gathered.nameLength] === length &&
        sameOctets(this.#names, nodes[entry + gathered.nameAt] ?? 0, probe.bytes, probe.at + start, length)
      )
        return index;
      slot = (slot + 2) & mask;
    }
  }

  /** `slot`: where the table has room for it, if known; else -1. */
  #addNode(probe: NameProbe, labels: number, salt: number, parent: number, slot: number): number {
    const [hash, start] = [probe.hashes[labels] ?? 0, probe.starts[labels] ?? 0];
    const length = probe.length - start;
    const index = this.#nodeCount;
    if ((index + 1) * gathered.words > this.#nodes.length) this.#nodes = growWords(this.#nodes);
    if (this.#nameOctets + length > this.#names.length)
      this.#names = growOctets(this.#names, this.#nameOctets + length);
    const names = this.#names;
    for (let i = 0; i < length; i++) names[this.#nameOctets + i] = probe.bytes[probe.at + start + i] ?? 0;
    const entry = index * gathered.words;
    const nodes = this.#nodes;
    nodes[entry + gathered.hash] = hash;
    nodes[entry + gathered.nameAt] = this.#nameOctets;
    nodes[entry + gathered.nameLength] = length;
    nodes[entry + gathered.zone] = this.#zone;
    nodes[entry + gathered.first] = -1;
    nodes[entry + gathered.last] = -1;
    nodes[entry + gathered.parent] = parent;
    nodes[entry + gathered.children] = 0;
    nodes[entry + gathered.node] = 0;
    this.#nameOctets += length;
    this.#nodeCount += 1;
    // Half full at most.
    if (this.#nodeCount * 4 > this.#table.length) this.#growTable();
    else this.#enter(index, hash, salt, slot);
    return index;
  }

  #enter(index: number, hash: number, salt: number, known: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let slot = known >= 0 ? known : (mixHash(hash, salt) << 1) & mask;
    while (table[slot] !== 0) slot = (slot + 2) & mask;
    table[slot] = index + 1;
    table[slot + 1] = hash;
  }

  #growTable(): void {
    this.#table = new Int32Array(this.#table.length * 4);
    for (let index = 0; index < this.#nodeCount; index++) {
      const entry = index * gathered.words;
      const zone = this.#nodes[entry + gathered.zone] ?? 0;
      const salt = this.#zones[zone]?.salt ?? Math.imul(zone + 1, 0x9e3779b1);
      this.#enter(index, this.#nodes[entry + gathered.hash] ?? 0, salt, -1);
    }
  }

  /** Lays the image out. The builder is of no use afterwards. */
  finish(): BuiltImage {
    // As much again for changes.
    const room = 2 * this.#leastOctets();
    const layout = new Layout(ImageWriter.create(room, this.#nodeCount + this.#pointing), this);
    const zones: { readonly origin: DomainName; readonly zone: number }[] = [];
    const places: number[] = [];
    for (const { labels } of this.#zones) places.push(layout.writer.addZone(labels));
    const nodes = this.#nodes;
    for (let index = 0; index < this.#nodeCount; index++) {
      const zone = nodes[index * gathered.words + gathered.zone] ?? 0;
      if (this.#dropped.has(zone)) continue;
      this.#layNode(layout, index, places[zone] ?? 0);
    }
    for (const [index, { origin, apex }] of this.#zones.entries()) {
      if (this.#dropped.has(index)) continue;
      const zone = places[index] ?? 0;
      layout.words[zone + zoneEntry.apex] = nodes[apex * gathered.words + gathered.node] ?? 0;
      layout.words[zone + zoneEntry.version] = 1;
      zones.push({ origin, zone });
    }
    layout.patch(nodes);
    this.#layChains(layout);
    const image = fitted(layout.writer.image);
    return { image, zones, notes: this.#notes, noteCount: this.#noteCount };
  }

  /** Puts the chains of signed zones into the directories of their apexes, before all that stands there. */
  #layChains(layout: Layout): void {
    const nodes = this.#nodes;
    const { writer, words } = layout;
    for (const [index, { nsec, nsec3 }] of this.#chains) {
      const apex = this.#zones[index]?.apex;
      if (apex === undefined || this.#dropped.has(index)) continue;
      const placed = (links: Set<number>): readonly number[] =>
        [...links].map((link) => nodes[link * gathered.words + gathered.node] ?? 0);
      const chains: number[] = [];
      if (nsec.size > 0) chains.push(chainKeys.nsec, putChain(writer, placed(nsec)));
      if (nsec3.size > 0) chains.push(chainKeys.nsec3, putChain(writer, placed(nsec3)));
      const node = nodes[apex * gathered.words + gathered.node] ?? 0;
      const before = words[node + nodeEntry.state] ?? 0;
      const meta = words[before + nodeState.meta] ?? 0;
      const state = writer.allocate(nodeState.directory + chains.length + (meta & 0xffff) * 2);
      words.copyWithin(state, before, before + nodeState.directory);
      words[state + nodeState.meta] = meta + chains.length / 2;
      words.set(chains, state + nodeState.directory);
      const from = before + nodeState.directory;
      words.copyWithin(state + nodeState.directory + chains.length, from, from + (meta & 0xffff) * 2);
      words[node + nodeEntry.state] = state;
    }
  }

  /** A bound for what the image takes. */
  #leastOctets(): number {
    const words =
      header.words +
      this.#zones.length * zoneEntry.words +
      // A node's own words and its state's, names up to whole words, and a name that an RRset points to without its being there.
      this.#nodeCount * 12 +
      // Per record: a directory entry, an RRset's head, its fixed part, fixes and a target.
      this.#recordCount * 14 +
      // The chains of signed zones, and their apexes' states once more.
      this.#links * 2 +
      this.#chains.size * 128;
    return words * 4 + this.#nameOctets + this.#dataOctets + this.#pointing * 64 + 4096 + this.#longTargets();
  }

  /** Targets that aren't there get nodes: their names may be longer than what is reckoned for each above. */
  #longTargets(): number {
    let octets = 0;
    for (let index = 0; index < this.#recordCount; index++) {
      const at = index * kept.words;
      const type = this.#records[at + kept.type] ?? 0;
      if (type === rrType.A || type === rrType.AAAA) continue;
      octets += Math.min(256, this.#records[at + kept.dataLength] ?? 0);
      // The SOA of negative answers.
      if (type === rrType.SOA) octets += 600;
    }
    return octets;
  }

  #layNode(layout: Layout, index: number, zone: number): void {
    const nodes = this.#nodes;
    const entry = index * gathered.words;
    const [nameAt, nameLength] = [
      nodes[entry + gathered.nameAt] ?? 0,
      nodes[entry + gathered.nameLength] ?? 0,
    ];
    const { writer, words } = layout;
    const node = writer.addNode(zone, nodes[entry + gathered.hash] ?? 0, this.#names, nameAt, nameLength);
    nodes[entry + gathered.node] = node;
    layout.zoneIndex = nodes[entry + gathered.zone] ?? 0;
    layout.zone = zone;
    layout.sort(this.#records, nodes[entry + gathered.first] ?? -1, this.#data);
    const isApex = (nodes[entry + gathered.parent] ?? -1) < 0;
    if (layout.repeated >= 0)
      this.#note('repeated', layout.zoneIndex, nameAt, nameLength, layout.repeated, 0, 0);
    const state = layout.addState(node);
    layout.layRRsets(this, state, node, nameAt, nameLength, isApex);
    words[state + nodeState.children] = nodes[entry + gathered.children] ?? 0;
    if (!isApex && nameLength > 2 && this.#names[nameAt] === 1 && this.#names[nameAt + 1] === 0x2a) {
      // The parent was gathered before, so it is laid out by now.
      const parent = nodes[(nodes[entry + gathered.parent] ?? 0) * gathered.words + gathered.node] ?? 0;
      const parentState = words[parent + 2] ?? 0;
      words[parentState + nodeState.wildcard] = node;
    }
    words[node + 2] = state;
  }

  /** For {@link Layout}: encodes the RRset of the records that stand in its order from `from` to `to`. */
  encode(layout: Layout, nameAt: number, nameLength: number, from: number, to: number): RRsetEncoder {
    const records = this.#records;
    const encoder = this.#encoder;
    const first = (layout.order[from] ?? 0) * kept.words;
    const type = records[first + kept.type] ?? 0;
    let ttl = records[first + kept.ttl] ?? 0;
    let octets = 0;
    let differing = false;
    for (let i = from; i < to; i++) {
      const at = (layout.order[i] ?? 0) * kept.words;
      const other = records[at + kept.ttl] ?? 0;
      octets += (records[at + kept.dataLength] ?? 0) + 12;
      if (other === ttl) continue;
      // Signatures have the TTLs of what they sign (RFC 4034 §3).
      differing = true;
      ttl = Math.min(ttl, other);
    }
    if (differing && type !== rrType.RRSIG)
      this.#note('ttls', layout.zoneIndex, nameAt, nameLength, type, ttl, octets);
    encoder.start(this.#names, nameAt, nameLength, type, ttl);
    if (octets > mostRRsetOctets) encoder.overflowed = true;
    for (let i = from; i < to; i++) {
      const at = (layout.order[i] ?? 0) * kept.words;
      encoder.add(this.#data, records[at + kept.dataAt] ?? 0, records[at + kept.dataLength] ?? 0);
    }
    if (encoder.overflowed) this.#note('too-large', layout.zoneIndex, nameAt, nameLength, type, ttl, octets);
    return encoder;
  }

  /** The SOA of negative answers: its TTL is the least of its own and its minimum field (RFC 2308 §3). */
  encodeNegativeSoa(layout: Layout, nameAt: number, nameLength: number, from: number): RRsetEncoder {
    const at = (layout.order[from] ?? 0) * kept.words;
    const [dataAt, length] = [this.#records[at + kept.dataAt] ?? 0, this.#records[at + kept.dataLength] ?? 0];
    const minimum = readU32(this.#data, dataAt + length - 4);
    const ttl = Math.min(this.#records[at + kept.ttl] ?? 0, minimum);
    this.#encoder.start(this.#names, nameAt, nameLength, rrType.SOA, ttl);
    this.#encoder.add(this.#data, dataAt, length);
    return this.#encoder;
  }

  /** For {@link Layout}: the node of a target, which is a name in the data; 0 where it is of another zone. */
  targetNode(layout: Layout, nameAt: number, length: number): number {
    const zone = this.#zones[layout.zoneIndex];
    if (zone === undefined) return 0;
    const probe = this.#probe;
    if (probe.read(this.#data, nameAt, nameAt + length) !== length || probe.labels < zone.labels) return 0;
    this.#zone = layout.zoneIndex;
    const known = this.#find(probe, probe.labels, zone.salt);
    // Where it isn't laid out yet, its place is filled in later.
    if (known >= 0) return -1 - known;
    if (this.#find(probe, zone.labels, zone.salt) !== zone.apex) return 0;
    const hash = probe.hashes[probe.labels] ?? 0;
    const made = layout.writer.image.findNode(layout.zone, hash, this.#data, nameAt, length);
    return made !== 0 ? made : layout.writer.addNode(layout.zone, hash, this.#data, nameAt, length);
  }

  isBelow(nameAt: number, length: number, ownerAt: number, ownerLength: number): boolean {
    return isSuffix(this.#data, nameAt, length, this.#names, ownerAt, ownerLength);
  }

  #note(
    kind: BuildNote['kind'],
    zone: number,
    nameAt: number,
    nameLength: number,
    type: number,
    ttl: number,
    octets: number,
  ): void {
    this.#noteCount += 1;
    const origin = this.#zones[zone]?.origin;
    if (origin === undefined || (this.#notes.length >= mostNotes && kind !== 'too-large')) return;
    const owner = DomainName.unchecked(this.#names.slice(nameAt, nameAt + nameLength));
    this.#notes.push({ kind, zone: origin, owner, type, ttl, octets });
  }
}

/** Where the nodes of an image being laid out stand, and the records of the one at hand in their order. */
class Layout {
  readonly writer: ImageWriter;
  readonly words: Int32Array;
  zoneIndex = 0;
  zone = 0;
  /** Records of one node by type, in the order they came in, duplicates taken out. */
  order: Int32Array = new Int32Array(64);
  keys: Int32Array = new Int32Array(64);
  count = 0;
  /** A type of which records were taken out, because they came more than once; -1: none. */
  repeated = -1;
  /** Words that hold -1 - gathered node. */
  #patches = new Int32Array(64);
  #patchCount = 0;
  readonly #builder: ImageBuilder;

  constructor(writer: ImageWriter, builder: ImageBuilder) {
    this.writer = writer;
    this.words = writer.image.words;
    this.#builder = builder;
  }

  sort(records: Int32Array, first: number, data: Uint8Array): void {
    this.count = 0;
    this.repeated = -1;
    for (let record = first; record >= 0; record = records[record * kept.words] ?? -1) {
      if (this.count === this.order.length) {
        this.order = growWords(this.order);
        this.keys = growWords(this.keys);
      }
      const at = record * kept.words;
      const type = records[at + kept.type] ?? 0;
      const dataAt = records[at + kept.dataAt] ?? 0;
      const covered = type === rrType.RRSIG ? ((data[dataAt] ?? 0) << 8) | (data[dataAt + 1] ?? 0) : 0;
      this.order[this.count] = record;
      this.keys[this.count] = directoryKey(type, covered) | 0;
      this.count += 1;
    }
    if (this.count < 2) return;
    if (this.count <= 16) this.#insertionSort();
    else this.#longSort();
    this.#dropDuplicates(records, data);
  }

  #insertionSort(): void {
    const { order, keys } = this;
    for (let i = 1; i < this.count; i++) {
      const [record, key] = [order[i] ?? 0, keys[i] ?? 0];
      let to = i - 1;
      for (; to >= 0 && (keys[to] ?? 0) >>> 0 > key >>> 0; to--) {
        order[to + 1] = order[to] ?? 0;
        keys[to + 1] = keys[to] ?? 0;
      }
      order[to + 1] = record;
      keys[to + 1] = key;
    }
  }

  #longSort(): void {
    const pairs = Array.from({ length: this.count }, (_, i) => ({
      record: this.order[i] ?? 0,
      key: (this.keys[i] ?? 0) >>> 0,
    }));
    pairs.sort((a, b) => a.key - b.key || a.record - b.record);
    for (const [i, { record, key }] of pairs.entries()) {
      this.order[i] = record;
      this.keys[i] = key;
    }
  }

  /** RFC 2181 §5. */
  #dropDuplicates(records: Int32Array, data: Uint8Array): void {
    let to = 0;
    for (let from = 0; from < this.count;) {
      let end = from + 1;
      while (end < this.count && this.keys[end] === this.keys[from]) end += 1;
      const doubled = end - from < 2 ? undefined : duplicates(records, data, this.order.subarray(from, end));
      if (doubled !== undefined) this.repeated = (this.keys[from] ?? 0) >>> 16;
      for (let i = from; i < end; i++) {
        const record = this.order[i] ?? 0;
        if (doubled?.has(record) === true) continue;
        this.order[to] = record;
        this.keys[to] = this.keys[i] ?? 0;
        to += 1;
      }
      from = end;
    }
    this.count = to;
  }

  /** RRsets there will be of the records at hand. */
  #rrsets(): number {
    let count = 0;
    for (let i = 0; i < this.count; i++) {
      if (i === 0 || this.keys[i] !== this.keys[i - 1]) count += 1;
      if (this.keys[i] === directoryKey(rrType.SOA)) count += 1;
    }
    return count;
  }

  addState(node: number): number {
    const state = this.writer.allocate(nodeState.directory + 2 * this.#rrsets());
    this.words[state] = 1;
    this.words[node + 2] = state;
    return state;
  }

  layRRsets(
    builder: ImageBuilder,
    state: number,
    node: number,
    nameAt: number,
    nameLength: number,
    isApex: boolean,
  ): void {
    const { words } = this;
    let flags = 0;
    let entries = 0;
    let entry = state + nodeState.directory;
    for (let from = 0; from < this.count;) {
      let to = from + 1;
      while (to < this.count && this.keys[to] === this.keys[from]) to += 1;
      const key = this.keys[from] ?? 0;
      const encoder = builder.encode(this, nameAt, nameLength, from, to);
      if (!encoder.overflowed) {
        words[entry++] = key;
        words[entry++] = this.#put(encoder, node, key, nameAt, nameLength);
        entries += 1;
        if (key === directoryKey(rrType.SOA)) {
          const negative = builder.encodeNegativeSoa(this, nameAt, nameLength, from);
          words[entry++] = negativeSoaKey;
          words[entry++] = this.#put(negative, node, key, nameAt, nameLength);
          entries += 1;
        }
        flags |= flagOf(key, isApex);
      }
      from = to;
    }
    if (isHashedOnly(words, state + nodeState.directory, entries)) flags |= stateFlag.hashed;
    words[state + nodeState.meta] = entries | flags;
  }

  #put(encoder: RRsetEncoder, node: number, key: number, nameAt: number, nameLength: number): number {
    const isNs = key === directoryKey(rrType.NS);
    const rrset = this.writer.putRRset(
      encoder,
      node,
      (at, length) => this.#builder.targetNode(this, at, length),
      (at, length) => isNs && this.#builder.isBelow(at, length, nameAt, nameLength),
    );
    const image = this.writer.image;
    const targets = image.rrsetTargets(rrset);
    if (targets === 0) return rrset;
    const first = image.fixesAt(rrset) + image.rrsetFixes(rrset);
    for (let i = 0; i < targets; i++) {
      const word = first + i * 2 + 1;
      if ((this.words[word] ?? 0) >= 0) continue;
      if (this.#patchCount === this.#patches.length) this.#patches = growWords(this.#patches);
      this.#patches[this.#patchCount] = word;
      this.#patchCount += 1;
    }
    return rrset;
  }

  /** Fills in the nodes that weren't laid out when something pointed to them. */
  patch(nodes: Int32Array): void {
    for (let i = 0; i < this.#patchCount; i++) {
      const word = this.#patches[i] ?? 0;
      const index = -1 - (this.words[word] ?? 0);
      this.words[word] = nodes[index * gathered.words + gathered.node] ?? 0;
    }
  }
}

/** What an RRset makes of its node. */
export function flagOf(key: number, isApex: boolean): number {
  switch (key) {
    case directoryKey(rrType.NS):
      return isApex ? 0 : stateFlag.cut;
    case directoryKey(rrType.DNAME):
      return stateFlag.dname;
    case directoryKey(rrType.CNAME):
      return stateFlag.cname;
    default:
      return 0;
  }
}

/** Whether the directory from `at` on holds NSEC3 records, and nothing else but their signatures. */
export function isHashedOnly(words: Int32Array, at: number, entries: number): boolean {
  let found = false;
  for (let i = 0; i < entries; i++) {
    const key = words[at + i * 2] ?? 0;
    if (key === directoryKey(rrType.NSEC3)) found = true;
    else if (key !== directoryKey(rrType.RRSIG, rrType.NSEC3)) return false;
  }
  return found;
}

/** Those of the records that another one before them equals. */
function duplicates(
  records: Int32Array,
  data: Uint8Array,
  order: Int32Array,
): ReadonlySet<number> | undefined {
  const sorted = [...order].sort((a, b) => compareData(records, data, a, b) || a - b);
  let doubled: Set<number> | undefined;
  for (let i = 1; i < sorted.length; i++) {
    const [before, record] = [sorted[i - 1] ?? 0, sorted[i] ?? 0];
    if (compareData(records, data, before, record) === 0) (doubled ??= new Set()).add(record);
  }
  return doubled;
}

function compareData(records: Int32Array, data: Uint8Array, a: number, b: number): number {
  const [aAt, bAt] = [records[a * kept.words + kept.dataAt] ?? 0, records[b * kept.words + kept.dataAt] ?? 0];
  const aLength = records[a * kept.words + kept.dataLength] ?? 0;
  const bLength = records[b * kept.words + kept.dataLength] ?? 0;
  const shared = Math.min(aLength, bLength);
  for (let i = 0; i < shared; i++) {
    const difference = (data[aAt + i] ?? 0) - (data[bAt + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

function sameOctets(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[aAt + i] ?? 0, b[bAt + i] ?? 0];
    if (x !== y && lowerOf(x) !== lowerOf(y)) return false;
  }
  return true;
}

function lowerOf(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

/** Whether a name is at or below another; both uncompressed. */
function isSuffix(
  name: Uint8Array,
  at: number,
  length: number,
  other: Uint8Array,
  otherAt: number,
  otherLength: number,
): boolean {
  const extra = length - otherLength;
  let start = 0;
  while (start < extra) start += (name[at + start] ?? 0) + 1;
  return start === extra && sameOctets(name, at + start, other, otherAt, otherLength);
}

/**
 * A small image without most of its free room: the bounds that it was laid out by are many times what it takes, and there may be a hundred
 * thousand of them. Of a large one what isn't used takes no real memory.
 */
function fitted(image: ZoneImage): ZoneImage {
  const used = image.words[header.used] ?? 0;
  const wanted = used + (used >>> 1) + 256;
  if (image.words.length > largestFitted || wanted >= image.words.length) return image;
  const smaller = new ZoneImage(new SharedArrayBuffer(wanted * 4));
  smaller.words.set(image.words.subarray(0, used));
  return smaller;
}

/** Words. */
const largestFitted = 65_536;

function readU32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x100_0000 +
    (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  );
}

function growWords(words: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(words.length * 2);
  larger.set(words);
  return larger;
}

function growOctets(octets: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(least, octets.length * 2));
  larger.set(octets);
  return larger;
}
