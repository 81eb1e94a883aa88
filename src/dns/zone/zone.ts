// A zone ready to be asked: its names with their RRsets, and where a query for a name ends up (RFC 1034 §4.3.2, step 3).
// `buildZone` makes one; it never changes after that. Answers need only what stands here: `find`, the nodes it leads to,
// the apex's RRsets, and each RRset's additional data, which is gathered when the zone is built, not when it is asked.
import type { DomainName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneView } from './zone-view.ts';

/** An RRset with what belongs in the additional section beside it (RFC 1035 §3.3.9, §3.3.11; RFC 2782). */
export interface ZoneRRset extends RRset {
  /**
   * Address RRsets of the names in the data, as far as this zone has them, each once; in-domain glue first, else in the data's
   * order. For the NS set of a cut this is the glue.
   */
  readonly additional: readonly ZoneAdditional[];
}

export interface ZoneAdditional {
  readonly rrset: ZoneRRset;
  /** Glue for a name server below its own cut: without it the referral leads nowhere (RFC 9471 §3.1). */
  readonly inDomain: boolean;
}

/** One name of a zone: an owner of records, or an empty non-terminal between owners and the apex (RFC 4592 §2.2.2). */
export interface ZoneNode {
  readonly name: DomainName;
  /** At most one a type, in ascending order of type; empty at an empty non-terminal. */
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

export class Zone implements ZoneView {
  readonly origin: DomainName;
  readonly apex: ZoneNode;
  readonly soa: ZoneRRset;
  /** The SOA as negative answers carry it: its TTL is the least of its own and its minimum field (RFC 2308 §3). */
  readonly negativeSoa: ZoneRRset;
  readonly ns: ZoneRRset;
  /** RFC 1982 serial number. */
  readonly serial: number;
  /** Name key → node. */
  readonly #nodes: ReadonlyMap<string, ZoneNode>;

  /** For `buildZone` alone, which has checked what is promised here. */
  constructor(parts: {
    readonly nodes: ReadonlyMap<string, ZoneNode>;
    readonly apex: ZoneNode;
    readonly soa: ZoneRRset;
    readonly negativeSoa: ZoneRRset;
    readonly ns: ZoneRRset;
    readonly serial: number;
  }) {
    this.origin = parts.apex.name;
    this.apex = parts.apex;
    this.soa = parts.soa;
    this.negativeSoa = parts.negativeSoa;
    this.ns = parts.ns;
    this.serial = parts.serial;
    this.#nodes = parts.nodes;
  }

  /** `name` must be at or below the origin. Work: one look-up, or one for each label that exists below the apex and one more. */
  find(name: DomainName): ZoneMatch {
    const { key } = name;
    const exact = this.#nodes.get(key);
    if (exact !== undefined)
      return exact.cut === undefined ? { kind: 'exact', node: exact } : { kind: 'cut', node: exact.cut };
    const encloser = this.#closestEncloser(name);
    if (encloser.cut !== undefined) return { kind: 'cut', node: encloser.cut };
    const dname = rrsetOf(encloser, rrType.DNAME);
    // RFC 6672 §3.2: a DNAME comes before a wildcard; it has none, as nothing stands below it.
    if (dname !== undefined) return { kind: 'dname', node: encloser, dname };
    return encloser.wildcard !== undefined
      ? { kind: 'wildcard', node: encloser.wildcard }
      : { kind: 'absent', encloser };
  }

  /** The node of exactly this name, glue and what lies below cuts included. */
  node(name: DomainName): ZoneNode | undefined {
    return this.#nodes.get(name.key);
  }

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
      for (const rrset of node.rrsets) if (rrset !== this.soa) yield rrset;
    }
  }

  /** All nodes in no order that means anything. */
  nodes(): Iterable<ZoneNode> {
    return this.#nodes.values();
  }

  /** From the apex down, so that a long name of a stranger's invention costs no more than the zone is deep (RFC 4592 §3.3.1). */
  #closestEncloser(name: DomainName): ZoneNode {
    const { key } = name;
    let encloser = this.apex;
    const starts: number[] = [];
    const end = key.length - this.origin.wire.length;
    for (let at = 0; at < end; at += key.charCodeAt(at) + 1) starts.push(at);
    // The last is the full name, which is known not to exist.
    for (let label = starts.length - 1; label > 0; label--) {
      const node = this.#nodes.get(key.slice(starts[label]));
      if (node === undefined) break;
      encloser = node;
    }
    return encloser;
  }
}

/** The RRset of one type at a node. */
export function rrsetOf(node: ZoneNode, type: number): ZoneRRset | undefined {
  for (const rrset of node.rrsets) if (rrset.type === type) return rrset;
  return undefined;
}
