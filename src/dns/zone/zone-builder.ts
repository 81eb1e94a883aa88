// Makes a zone of its records: RRsets by name, empty non-terminals, wildcards, cuts, additional data. What makes answering
// impossible or wrong by the standard is an error and refuses the zone; `zone-checks.ts` says which.
import { compareBytes } from '../../lib/bytes.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { DomainName } from '../wire/name.ts';
import { formatType } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { DraftNode, DraftRRset } from './draft.ts';
import { ImageBuilder } from './image-builder.ts';
import { OctetPool } from './octet-pool.ts';
import { checkRecord, checkZone } from './zone-checks.ts';
import { ZoneFaultList } from './zone-fault.ts';
import type { ZoneFault } from './zone-fault.ts';
import { openZone, rrsetOf } from './zone.ts';
import type { Zone, ZoneAdditional } from './zone.ts';

export interface BuiltZone {
  readonly zone: Zone;
  readonly warnings: readonly ZoneFault[];
}

/** Most RRsets have none: they share this one. */
const none: readonly ZoneAdditional[] = [];

/**
 * `records` may come in any order and repeat. On refusal the faults hold all errors found and the warnings too.
 * Work: a constant number of look-ups for each record and for each label between its owner and the origin.
 */
export function buildZone(
  origin: DomainName,
  records: Iterable<ResourceRecord>,
): Result<BuiltZone, readonly ZoneFault[]> {
  const faults = new ZoneFaultList();
  const nodes = new Map<string, DraftNode>();
  const pool = new OctetPool();
  const builder = new ImageBuilder();
  builder.addZone(origin);
  const apex = nodeAt(nodes, origin, origin, pool);
  for (const record of records) {
    if (!checkRecord(origin, record, faults)) continue;
    addRecord(nodeAt(nodes, record.owner, origin, pool), record, faults, pool);
    const { owner, type, ttl, rdata } = record;
    builder.addRecord(owner.wire, owner.wire.length, false, type, ttl, rdata, rdata.length);
  }
  for (const node of nodes.values()) {
    for (const rrset of node.rrsets) tidy(rrset);
    // A new array takes no more memory than it needs; one that has grown has room for 16 more.
    node.rrsets = node.rrsets.toSorted((a, b) => a.type - b.type);
  }
  markCuts(nodes, apex);
  checkZone(nodes, apex, faults);
  if (faults.hasErrors) return fault(faults.list());
  const { image, zones } = builder.finish();
  const [built] = zones;
  const zone = built === undefined ? undefined : openZone(image, built.zone);
  return zone === undefined ? fault(faults.list()) : ok({ zone, warnings: faults.list() });
}

/** The node of that name; makes it and the empty non-terminals above it (RFC 4592 §2.2.2). */
function nodeAt(
  nodes: Map<string, DraftNode>,
  wanted: DomainName,
  origin: DomainName,
  pool: OctetPool,
): DraftNode {
  const known = nodes.get(wanted.key);
  if (known !== undefined) return known;
  const name = kept(wanted, pool);
  const node: DraftNode = { name, rrsets: [], cut: undefined, wildcard: undefined };
  nodes.set(name.key, node);
  let child = node;
  for (let labels = name.labelCount - 1; labels >= origin.labelCount; labels--) {
    const parentName = child.name.ancestor(labels);
    const knownParent = nodes.get(parentName.key);
    const parent = knownParent ?? { name: parentName, rrsets: [], cut: undefined, wildcard: undefined };
    if (child.name.isWildcard) parent.wildcard = child;
    if (knownParent !== undefined) break;
    nodes.set(parentName.key, parent);
    child = parent;
  }
  return node;
}

function addRecord(node: DraftNode, record: ResourceRecord, faults: ZoneFaultList, pool: OctetPool): void {
  const { type, ttl } = record;
  const rdata = pool.keep(record.rdata);
  const rrset = node.rrsets.find((each) => each.type === type);
  if (rrset === undefined) {
    // RFC 1034 §3.1: case is kept as it was written.
    const owner = record.owner.equalsExactly(node.name) ? node.name : kept(record.owner, pool);
    node.rrsets.push({ owner, type, class: record.class, ttl, rdatas: [rdata], additional: none });
    return;
  }
  // Signatures have the TTLs of what they sign (RFC 4034 §3), so those of one name may differ.
  if (rrset.ttl !== ttl && type !== rrType.RRSIG) {
    // RFC 2181 §5.2: the records of a set have one TTL; where they don't, the least is safe for all of them.
    const least = Math.min(rrset.ttl, ttl);
    const what = `${record.owner.toString()} ${formatType(type)}`;
    faults.add('warning', `the records of ${what} have different TTLs; ${least} is used for all`, record);
    rrset.ttl = least;
  }
  rrset.rdatas.push(rdata);
}

function kept(name: DomainName, pool: OctetPool): DomainName {
  return DomainName.unchecked(pool.keep(name.wire));
}

/** Takes duplicates out (RFC 2181 §5); keeps the order of the file. */
function tidy(rrset: DraftRRset): void {
  if (rrset.rdatas.length < 2) return;
  const sorted = rrset.rdatas.map((rdata, index) => ({ rdata, index }));
  sorted.sort((a, b) => compareBytes(a.rdata, b.rdata) || a.index - b.index);
  const kept = sorted.filter(
    ({ rdata }, i) => i === 0 || compareBytes(sorted[i - 1]?.rdata ?? rdata, rdata) !== 0,
  );
  rrset.rdatas = kept.sort((a, b) => a.index - b.index).map(({ rdata }) => rdata);
}

/** Sets `cut` of each node to the topmost delegation at or above it (RFC 1034 §4.2). */
function markCuts(nodes: ReadonlyMap<string, DraftNode>, apex: DraftNode): void {
  const byDepth = [...nodes.values()].sort((a, b) => a.name.labelCount - b.name.labelCount);
  for (const node of byDepth) {
    if (node === apex) continue;
    const parent = nodes.get(node.name.parent()?.key ?? '');
    node.cut = parent?.cut ?? (rrsetOf(node, rrType.NS) === undefined ? undefined : node);
  }
}
