// A zone in an image as the checks look at it: names as numbers, objects only for what is at fault, so that looking at a
// million names costs a fraction of what building them did.
import { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { chainKeys } from './denial-chain.ts';
import {
  directoryKey,
  negativeSoaKey,
  nodeEntry,
  nodeState,
  stateFlag,
  typeOfKey,
  zoneEntry,
} from './image-layout.ts';
import { NameProbe } from './name-probe.ts';
import { rdatasOf, ttlOf } from './rrset-decoder.ts';
import { ZoneSearch, ending } from './zone-image.ts';
import type { ZoneImage } from './zone-image.ts';

/** Types that may stand beside a CNAME, and at a cut without being shadowed by it (RFC 4034 §3, §4, RFC 2181 §10.1). */
export const dnssecTypes: ReadonlySet<number> = new Set([rrType.RRSIG, rrType.NSEC, rrType.NSEC3]);

/** An RRset of the zone, found by {@link ZoneSurvey.rrsets}. */
export interface SurveyedRRset {
  readonly type: number;
  /** Of a signature: the type it covers; else 0. */
  readonly covered: number;
  /** Where it stands in the image. */
  readonly rrset: number;
}

/** For all zones: a search is over before the next one starts. */
const probe = new NameProbe();
const search = new ZoneSearch();

export class ZoneSurvey {
  readonly image: ZoneImage;
  readonly origin: DomainName;
  readonly apex: number;
  /** Every node that has a state, in the order in which the names came. */
  readonly nodes: Int32Array;
  /** Whether some name is delegated, and whether some name has a DNAME: without them nothing is hidden. */
  readonly hasCuts: boolean;
  readonly hasDnames: boolean;
  /** Whether it has keys, and so should have signatures. */
  readonly isSigned: boolean;
  readonly #zone: number;
  readonly #version: number;

  constructor(image: ZoneImage, zone: number) {
    const { words } = image;
    this.image = image;
    this.#zone = zone;
    this.#version = image.version(zone);
    this.apex = words[zone + zoneEntry.apex] ?? 0;
    this.origin = this.name(this.apex);
    let count = 0;
    let flags = 0;
    const each = (visit: (node: number) => void): void => {
      let node = words[zone + zoneEntry.firstNode] ?? 0;
      for (; node !== 0; node = words[node + nodeEntry.next] ?? 0) visit(node);
    };
    each((node) => {
      const state = this.state(node);
      if (state === 0) return;
      count += 1;
      flags |= words[state + nodeState.meta] ?? 0;
    });
    this.nodes = new Int32Array(count);
    each((node) => {
      // The list has the newest first.
      if (this.state(node) !== 0) this.nodes[--count] = node;
    });
    this.hasCuts = (flags & stateFlag.cut) !== 0;
    this.hasDnames = (flags & stateFlag.dname) !== 0;
    this.isSigned = this.has(this.apex, rrType.DNSKEY);
  }

  state(node: number): number {
    return this.image.stateAt(node, this.#version);
  }

  exists(node: number): boolean {
    return this.image.exists(this.state(node));
  }

  name(node: number): DomainName {
    const at = this.image.nameAt(node);
    return DomainName.unchecked(this.image.bytes.slice(at, at + this.image.nameLength(node)));
  }

  /** The RRset of that type at a node, or 0. */
  rrset(node: number, type: number, covered = 0): number {
    const state = this.state(node);
    return state === 0 ? 0 : this.image.rrset(state, directoryKey(type, covered));
  }

  has(node: number, type: number): boolean {
    return this.rrset(node, type) !== 0;
  }

  hasAddress(node: number): boolean {
    return this.has(node, rrType.A) || this.has(node, rrType.AAAA);
  }

  /** In ascending order of type. */
  rrsets(node: number): readonly SurveyedRRset[] {
    const { words } = this.image;
    const state = this.state(node);
    const count = state === 0 ? 0 : (words[state + nodeState.meta] ?? 0) & 0xffff;
    const rrsets: SurveyedRRset[] = [];
    for (let i = 0; i < count; i++) {
      const entry = state + nodeState.directory + i * 2;
      const key = (words[entry] ?? 0) >>> 0;
      // The SOA of negative answers and the sorted chains are no records of the zone.
      if (key === negativeSoaKey || key === chainKeys.nsec || key === chainKeys.nsec3) continue;
      const type = typeOfKey(key);
      const covered = key & 0xffff;
      rrsets.push({ type, covered, rrset: words[entry + 1] ?? 0 });
    }
    return rrsets;
  }

  /** Uncompressed. */
  rdatas(node: number, rrset: number): readonly Uint8Array[] {
    return rdatasOf(this.image, node, rrset);
  }

  ttl(rrset: number): number {
    return ttlOf(this.image, rrset);
  }

  /** The node of that name, whether it exists or is only pointed to; 0. */
  find(name: DomainName): number {
    if (!name.isAtOrBelow(this.origin)) return 0;
    const length = probe.read(name.wire, 0, name.wire.length);
    return this.image.findNode(this.#zone, probe.hashes[probe.labels] ?? 0, name.wire, 0, length);
  }

  /** What a query for the node's name would end at: itself, a cut above or at it, a DNAME above it, a wildcard, or nothing. */
  search(node: number): ZoneSearch {
    const { image } = this;
    const at = image.nameAt(node);
    probe.read(image.bytes, at, at + image.nameLength(node));
    search.find(image, this.#zone, this.#version, probe);
    return search;
  }

  /** The name that hides this one: a cut or a DNAME above it; 0 where none does. */
  hiddenBy(node: number): number {
    if (node === this.apex || (!this.hasCuts && !this.hasDnames)) return 0;
    const { node: found, ending: how } = this.search(node);
    return found !== node && (how === ending.cut || how === ending.dname) ? found : 0;
  }
}
