// A zone at one version, as it stands in its image (`image-layout.ts`): its names with their RRsets, and where a query for a name
// ends up (RFC 1034 §4.3.2, step 3). It never changes: a later version is another `Zone`. What is asked for is read from the image then, so
// that a million names are no objects.
import { rrClass } from '../wire/codes.ts';
import { DomainName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { directoryKey, negativeSoaKey, nodeEntry, nodeState, targetFlag, zoneEntry } from './image-layout.ts';
import { chainKeys, findInChain } from './denial-chain.ts';
import { NameProbe } from './name-probe.ts';
import { rdatasOf, ttlOf } from './rrset-decoder.ts';
import { ZoneSearch, ending } from './zone-image.ts';
import type { ZoneImage } from './zone-image.ts';
import type { ZoneView } from './zone-view.ts';

/** An RRset with what belongs in the additional section beside it (RFC 1035 §3.3.9, §3.3.11; RFC 2782). */
export interface ZoneRRset extends RRset {
  /**
   * Address RRsets of the names in the data, as far as this zone has them, each once; in-domain glue first, else in the data's
   * order. For the NS set of a cut this is the glue.
   */
  readonly additional: readonly ZoneAdditional[];
  /** The RRSIG records that cover it (RFC 4034 §3), where the zone has them; of what was made of other records there are none. */
  readonly signatures?: ZoneRRset | undefined;
}

export interface ZoneAdditional {
  readonly rrset: ZoneRRset;
  /** Glue for a name server below its own cut: without it the referral leads nowhere (RFC 9471 §3.1). */
  readonly inDomain: boolean;
}

/** One name of a zone: an owner of records, or an empty non-terminal between owners and the apex (RFC 4592 §2.2.2). */
export interface ZoneNode {
  readonly name: DomainName;
  /**
   * In ascending order of type, at most one a type, but RRSIG: those are told apart by what they cover, because they have its TTL.
   * Empty at an empty non-terminal.
   */
  readonly rrsets: readonly ZoneRRset[];
  /** The topmost name at or above this one that is delegated away: this node itself at a cut, `undefined` in the zone's own data. */
  readonly cut: ZoneNode | undefined;
  /** The node `*.name` (RFC 4592 §3.3.1: the source of synthesis for names whose closest encloser this is). */
  readonly wildcard: ZoneNode | undefined;
}

/** Where a query for a name ends up in a zone. */
export type ZoneMatch =
  /** The name exists; the node may have no RRsets. */
  | { readonly kind: 'exact'; readonly node: ZoneNode }
  /** The name is at or below `node`, which is delegated. */
  | { readonly kind: 'cut'; readonly node: ZoneNode }
  /** The name is below `node`, which has a DNAME. */
  | { readonly kind: 'dname'; readonly node: ZoneNode; readonly dname: ZoneRRset }
  /** The name doesn't exist; `node` is the wildcard that stands for it. */
  | { readonly kind: 'wildcard'; readonly node: ZoneNode }
  /** The name doesn't exist and no wildcard stands for it; `encloser` is its closest ancestor that exists. */
  | { readonly kind: 'absent'; readonly encloser: ZoneNode };

/** For all zones: a search is over before the next one starts. */
const probe = new NameProbe();
const search = new ZoneSearch();

export class Zone implements ZoneView {
  readonly image: ZoneImage;
  /** Where the zone stands in its image. */
  readonly entry: number;
  readonly version: number;
  #apex: ImageNode | undefined;
  #soa: ZoneRRset | undefined;

  /** The zone must have a SOA at that version: `openZone` makes sure of it. */
  constructor(image: ZoneImage, entry: number, version: number) {
    this.image = image;
    this.entry = entry;
    this.version = version;
  }

  get apex(): ImageNode {
    if (this.#apex === undefined) {
      const apex = this.image.words[this.entry + zoneEntry.apex] ?? 0;
      this.#apex = new ImageNode(this, apex, this.image.stateAt(apex, this.version));
    }
    return this.#apex;
  }

  get origin(): DomainName {
    return this.apex.name;
  }

  get soa(): ZoneRRset {
    this.#soa ??= this.#apexRRset(directoryKey(rrType.SOA));
    return this.#soa;
  }

  /** RFC 1982 serial number: the first of the five numbers that a SOA ends in (RFC 1035 §3.3.13). */
  get serial(): number {
    const { image } = this;
    const rrset = image.rrset(this.apex.state, directoryKey(rrType.SOA));
    const at = (rrset + 2) * 4 + image.rrsetLength(rrset) - 20;
    let serial = 0;
    for (let i = 0; i < 4; i++) serial = serial * 256 + (image.bytes[at + i] ?? 0);
    return serial;
  }

  /** The SOA as negative answers carry it: its TTL is the least of its own and its minimum field (RFC 2308 §3). */
  get negativeSoa(): ZoneRRset {
    return this.#apexRRset(negativeSoaKey);
  }

  get ns(): ZoneRRset {
    return this.#apexRRset(directoryKey(rrType.NS));
  }

  /** `name` must be at or below the origin. Work: one look-up for each label that exists below the apex, and one more. */
  find(name: DomainName): ZoneMatch {
    probe.read(name.wire, 0, name.wire.length);
    search.find(this.image, this.entry, this.version, probe);
    const node = new ImageNode(this, search.node, search.state);
    switch (search.ending) {
      case ending.exact:
        return { kind: 'exact', node };
      case ending.cut:
        return { kind: 'cut', node };
      case ending.dname: {
        const rrset = this.image.rrset(search.state, directoryKey(rrType.DNAME));
        return { kind: 'dname', node, dname: new ImageRRset(this, node.node, rrset, node.name) };
      }
      case ending.wildcard:
        return { kind: 'wildcard', node };
      default:
        return { kind: 'absent', encloser: node };
    }
  }

  /** The node of exactly this name, glue and what lies below cuts included. */
  node(name: DomainName): ZoneNode | undefined {
    if (!name.isAtOrBelow(this.origin)) return undefined;
    probe.read(name.wire, 0, name.wire.length);
    const hash = probe.hashes[probe.labels] ?? 0;
    const node = this.image.findNode(this.entry, hash, name.wire, 0, name.wire.length);
    const state = node === 0 ? 0 : this.image.stateAt(node, this.version);
    return this.image.exists(state) ? new ImageNode(this, node, state) : undefined;
  }

  /** Of the type RRSIG, all of that name together. */
  rrset(name: DomainName, type: number): ZoneRRset | undefined {
    const node = this.node(name);
    return node === undefined ? undefined : rrsetOf(node, type);
  }

  rrsets(name: DomainName): readonly ZoneRRset[] | undefined {
    return this.node(name)?.rrsets;
  }

  *all(): Iterable<ZoneRRset> {
    yield this.soa;
    for (const node of this.nodes()) {
      const isApex = node.node === this.apex.node;
      for (const rrset of node.rrsets) if (!isApex || rrset.type !== rrType.SOA) yield rrset;
    }
  }

  /**
   * The owner of an NSEC or NSEC3 record that is at a name or the last before it in canonical order, for denial proofs; `undefined`
   * where the zone has no such records. The chain of NSEC3 records is of their owners, which are hashes of names.
   */
  linkAt(chain: 'nsec' | 'nsec3', name: DomainName): ZoneNode | undefined {
    const at = this.image.rrset(this.apex.state, chainKeys[chain]);
    if (at === 0) return undefined;
    probe.read(name.wire, 0, name.wire.length);
    const node = findInChain(this.image, at, probe);
    return new ImageNode(this, node, this.image.stateAt(node, this.version));
  }

  /** All nodes in no order that means anything. */
  *nodes(): Iterable<ImageNode> {
    const { image, version } = this;
    let node = image.words[this.entry + zoneEntry.firstNode] ?? 0;
    for (; node !== 0; node = image.words[node + nodeEntry.next] ?? 0) {
      const state = image.stateAt(node, version);
      if (image.exists(state)) yield new ImageNode(this, node, state);
    }
  }

  #apexRRset(key: number): ZoneRRset {
    const { node, state } = this.apex;
    return new ImageRRset(this, node, this.image.rrset(state, key), this.origin);
  }
}

/** The zone that stands there at that version (the one that is answered from, unless given); `undefined` without a SOA. */
export function openZone(image: ZoneImage, entry: number, version?: number): Zone | undefined {
  const at = version ?? image.version(entry);
  const state = image.stateAt(image.words[entry + zoneEntry.apex] ?? 0, at);
  if (state === 0 || image.rrset(state, directoryKey(rrType.SOA)) === 0) return undefined;
  return new Zone(image, entry, at);
}

export class ImageNode implements ZoneNode {
  readonly #zone: Zone;
  /** Where it stands in the image, and its state there. */
  readonly node: number;
  readonly state: number;
  #name: DomainName | undefined;
  #rrsets: readonly ZoneRRset[] | undefined;

  constructor(zone: Zone, node: number, state: number) {
    this.#zone = zone;
    this.node = node;
    this.state = state;
  }

  get name(): DomainName {
    if (this.#name === undefined) {
      const { image } = this.#zone;
      const at = image.nameAt(this.node);
      this.#name = DomainName.unchecked(image.bytes.slice(at, at + image.nameLength(this.node)));
    }
    return this.#name;
  }

  get rrsets(): readonly ZoneRRset[] {
    if (this.#rrsets === undefined) {
      const rrsets: ZoneRRset[] = [];
      const { words } = this.#zone.image;
      const count = (words[this.state + nodeState.meta] ?? 0) & 0xffff;
      for (let i = 0; i < count; i++) {
        const entry = this.state + nodeState.directory + i * 2;
        const key = words[entry] ?? 0;
        if (key !== negativeSoaKey && key !== chainKeys.nsec && key !== chainKeys.nsec3)
          rrsets.push(new ImageRRset(this.#zone, this.node, words[entry + 1] ?? 0, this.name));
      }
      this.#rrsets = rrsets;
    }
    return this.#rrsets;
  }

  get cut(): ZoneNode | undefined {
    const zone = this.#zone;
    probe.read(this.name.wire, 0, this.name.wire.length);
    search.find(zone.image, zone.entry, zone.version, probe);
    if (search.ending !== ending.cut) return undefined;
    return search.node === this.node ? this : new ImageNode(zone, search.node, search.state);
  }

  get wildcard(): ZoneNode | undefined {
    const { image, version } = this.#zone;
    const node = image.words[this.state + nodeState.wildcard] ?? 0;
    const state = node === 0 ? 0 : image.stateAt(node, version);
    return image.exists(state) ? new ImageNode(this.#zone, node, state) : undefined;
  }
}

class ImageRRset implements ZoneRRset {
  readonly #zone: Zone;
  readonly #node: number;
  readonly #rrset: number;
  readonly owner: DomainName;
  readonly type: number;
  readonly class: number = rrClass.IN;
  readonly ttl: number;
  readonly rdatas: readonly Uint8Array[];
  #additional: readonly ZoneAdditional[] | undefined;

  /** `ttl`: in place of its own. */
  constructor(zone: Zone, node: number, rrset: number, owner: DomainName, ttl?: number) {
    this.#zone = zone;
    this.#node = node;
    this.#rrset = rrset;
    this.owner = owner;
    const { image } = zone;
    const at = (rrset + 2) * 4;
    this.type = ((image.bytes[at + 2] ?? 0) << 8) | (image.bytes[at + 3] ?? 0);
    this.ttl = ttl ?? ttlOf(image, rrset);
    this.rdatas = rdatasOf(image, node, rrset);
  }

  get additional(): readonly ZoneAdditional[] {
    this.#additional ??= this.#gather();
    return this.#additional;
  }

  get signatures(): ZoneRRset | undefined {
    const { image, version } = this.#zone;
    const state = image.stateAt(this.#node, version);
    const rrset = image.rrset(state, directoryKey(rrType.RRSIG, this.type) | 0);
    return rrset === 0 ? undefined : new ImageRRset(this.#zone, this.#node, rrset, this.owner, this.ttl);
  }

  #gather(): readonly ZoneAdditional[] {
    const { image } = this.#zone;
    const targets = image.rrsetTargets(this.#rrset);
    if (targets === 0) return none;
    const additional: ZoneAdditional[] = [];
    const first = image.fixesAt(this.#rrset) + image.rrsetFixes(this.#rrset);
    for (let i = 0; i < targets; i++) {
      const flags = image.words[first + i * 2] ?? 0;
      const inDomain = (flags & targetFlag.inDomain) !== 0;
      const types = [rrType.A, rrType.AAAA] as number[];
      if ((flags & targetFlag.route) !== 0) types.push(rrType.X25, rrType.ISDN);
      if ((flags & targetFlag.alias) !== 0) types.push(this.type);
      const target = image.words[first + i * 2 + 1] ?? 0;
      const name = target === this.#node ? this.owner : new ImageNode(this.#zone, target, 0).name;
      for (const type of types) {
        const rrset = this.#rrsetFor(target, name, type);
        if (rrset !== undefined) additional.push({ rrset, inDomain });
      }
    }
    return additional;
  }

  /** An RRset as it would be given out for that name: glue too, and what a wildcard makes of it. */
  #rrsetFor(target: number, name: DomainName, type: number): ZoneRRset | undefined {
    const zone = this.#zone;
    const { image } = zone;
    let node = target;
    let state = image.stateAt(target, zone.version);
    if (!image.exists(state)) {
      probe.read(name.wire, 0, name.wire.length);
      search.find(image, zone.entry, zone.version, probe);
      if (search.ending !== ending.wildcard) return undefined;
      [node, state] = [search.node, search.state];
    }
    const rrset = image.rrset(state, directoryKey(type));
    return rrset === 0 ? undefined : new ImageRRset(zone, node, rrset, name);
  }
}

const none: readonly ZoneAdditional[] = [];

/** The RRset of one type at a node; of the type RRSIG, all of them together. */
export function rrsetOf(node: ZoneNode, type: number): ZoneRRset | undefined {
  const found = node.rrsets.filter((rrset) => rrset.type === type);
  const [first] = found;
  if (first === undefined || found.length === 1) return first;
  const { owner, class: rrClass, ttl } = first;
  const rdatas = found.flatMap((rrset) => rrset.rdatas);
  return { owner, type, class: rrClass, ttl, rdatas, additional: none };
}
