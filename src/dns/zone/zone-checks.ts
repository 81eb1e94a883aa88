// What makes a set of records a zone that can be served, and what only looks like a mistake in one.
import type { DomainName } from '../wire/name.ts';
import { formatClass, rrClass } from '../wire/codes.ts';
import { formatType, isValidRdata } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { DraftNode, DraftRRset } from './draft.ts';
import { addressTypes, targetOf } from './targets.ts';
import type { ZoneFaultList } from './zone-fault.ts';
import { rrsetOf } from './zone.ts';

/** Types that may stand beside a CNAME, and at a cut without being shadowed by it (RFC 4034 §3, §4, RFC 2181 §10.1). */
const dnssecTypes: ReadonlySet<number> = new Set([rrType.RRSIG, rrType.NSEC, rrType.NSEC3]);
/** A DNAME there is an error of its own. */
const cutTypes: ReadonlySet<number> = new Set([rrType.NS, rrType.DS, rrType.DNAME]);
/** Octets of an RRset's records, without owner names: more than this fits no message, not even over TCP. */
const mostRRsetOctets = 65000;

/** Whether a record can be part of the zone at all. */
export function checkRecord(origin: DomainName, record: ResourceRecord, faults: ZoneFaultList): boolean {
  const { owner, type } = record;
  const what = `${owner.toString()} ${formatType(type)}`;
  if (!owner.isAtOrBelow(origin)) {
    faults.add('error', `${what} does not belong to the zone ${origin.toString()}`, record);
    return false;
  }
  if (record.class !== rrClass.IN) {
    faults.add('error', `${what} has class ${formatClass(record.class)}; only IN is served`, record);
    return false;
  }
  if (type === rrType.SOA && !owner.equals(origin)) {
    faults.add('error', `${what} stands below the zone's origin ${origin.toString()}`, record);
    return false;
  }
  if (!isValidRdata(type, record.rdata)) {
    faults.add('error', `the data of ${what} does not fit its type`, record);
    return false;
  }
  return true;
}

/** Looks at the zone as a whole, its RRsets tidied and its cuts marked. */
export function checkZone(
  nodes: ReadonlyMap<string, DraftNode>,
  apex: DraftNode,
  faults: ZoneFaultList,
): void {
  checkApex(apex, faults);
  for (const node of nodes.values()) {
    checkSingles(node, faults);
    checkBesides(node, apex, faults);
    if (node.cut === undefined) checkRedirection(nodes, node, apex, faults);
    else checkDelegated(node, faults);
    for (const rrset of node.rrsets) {
      checkSize(rrset, faults);
      if (node.cut === undefined || node.cut === node) checkTargets(nodes, rrset, apex, faults);
    }
  }
}

function checkApex(apex: DraftNode, faults: ZoneFaultList): void {
  const origin = apex.name.toString();
  // RFC 1035 §5.2
  if (rrsetOf(apex, rrType.SOA) === undefined) faults.add('error', `the zone ${origin} has no SOA record`);
  // RFC 1034 §4.2.1
  if (rrsetOf(apex, rrType.NS) === undefined) faults.add('error', `the zone ${origin} has no NS record`);
  const ds = rrset(apex, rrType.DS);
  // RFC 4035 §2.4: the parent zone holds it.
  if (ds !== undefined) faults.add('warning', `DS records of ${origin} belong to its parent zone`, ds);
}

/** Types that a name has one record of at most. */
function checkSingles(node: DraftNode, faults: ZoneFaultList): void {
  for (const type of [rrType.SOA, rrType.CNAME, rrType.DNAME]) {
    const many = rrset(node, type);
    if (many === undefined || many.rdatas.length < 2) continue;
    // RFC 1035 §5.2, RFC 2181 §10.1, RFC 6672 §2.4
    const what = `${node.name.toString()} has ${many.rdatas.length} ${formatType(type)} records`;
    faults.add('error', `${what}; one is all there can be`, many);
  }
}

function checkBesides(node: DraftNode, apex: DraftNode, faults: ZoneFaultList): void {
  const name = node.name.toString();
  const cname = rrset(node, rrType.CNAME);
  if (cname !== undefined) {
    const other = node.rrsets.find((each) => each !== cname && !dnssecTypes.has(each.type));
    // RFC 1034 §3.6.2, RFC 2181 §10.1
    if (other !== undefined)
      faults.add('error', `${name} has a CNAME and also ${formatType(other.type)} records`, cname);
  }
  const [dname, ns] = [rrset(node, rrType.DNAME), rrset(node, rrType.NS)];
  // RFC 6672 §2.3
  if (dname !== undefined && ns !== undefined && node !== apex)
    faults.add('error', `${name} is delegated by NS records and can have no DNAME`, dname);
  if (!node.name.isWildcard) return;
  // RFC 4592 §4.2 and §4.4 leave open what these mean, and servers differ.
  for (const each of [dname, ns])
    if (each !== undefined)
      faults.add('warning', `${formatType(each.type)} records of a wildcard, ${name}, mean nothing`, each);
}

/** RFC 6672 §2.4: nothing stands below a DNAME. Called for names that no cut is above. */
function checkRedirection(
  nodes: ReadonlyMap<string, DraftNode>,
  node: DraftNode,
  apex: DraftNode,
  faults: ZoneFaultList,
): void {
  const [first] = node.rrsets;
  if (node === apex || first === undefined) return;
  // NSEC3 records and their signatures stand below the apex whatever the apex has.
  if (node.rrsets.every((each) => dnssecTypes.has(each.type))) return;
  for (let labels = node.name.labelCount - 1; labels >= apex.name.labelCount; labels--) {
    const above = nodes.get(node.name.ancestor(labels).key);
    if (above === undefined || rrsetOf(above, rrType.DNAME) === undefined) continue;
    const [name, source] = [node.name.toString(), above.name.toString()];
    faults.add('error', `${name} stands below ${source}, which a DNAME redirects`, first);
    return;
  }
}

/** At and below a cut only the delegation, its DS, glue and DNSSEC's own records have a use (RFC 2181 §6.1). */
function checkDelegated(node: DraftNode, faults: ZoneFaultList): void {
  for (const each of node.rrsets) {
    if (addressTypes.includes(each.type) || dnssecTypes.has(each.type)) continue;
    if (node.cut === node && cutTypes.has(each.type)) continue;
    const what = `${node.name.toString()} ${formatType(each.type)}`;
    const cut = node.cut?.name.toString() ?? '';
    faults.add('warning', `${what} is never given out: ${cut} is delegated to other servers`, each);
  }
}

function checkSize(rrset: DraftRRset, faults: ZoneFaultList): void {
  // 12 octets of a record beside its data: owner as a pointer, type, class, TTL, length.
  const octets = rrset.rdatas.reduce((sum, rdata) => sum + rdata.length + 12, 0);
  if (octets <= mostRRsetOctets) return;
  const what = `${rrset.owner.toString()} ${formatType(rrset.type)}`;
  faults.add('error', `the records of ${what} have ${octets} octets, too many for one message`, rrset);
}

/** Names in the data that this zone should know. */
function checkTargets(
  nodes: ReadonlyMap<string, DraftNode>,
  rrset: DraftRRset,
  apex: DraftNode,
  faults: ZoneFaultList,
): void {
  for (const rdata of rrset.rdatas) {
    const target = targetOf(rrset.owner, rrset.type, rdata)?.name;
    if (target === undefined || !target.isAtOrBelow(apex.name)) continue;
    const what = `the ${formatType(rrset.type)} of ${rrset.owner.toString()} names ${target.toString()}`;
    const problem = targetProblem(nodes, target, rrset);
    if (problem !== undefined) faults.add('warning', `${what}, ${problem}`, rrset);
  }
}

function targetProblem(
  nodes: ReadonlyMap<string, DraftNode>,
  target: DomainName,
  rrset: DraftRRset,
): string | undefined {
  const node = nodes.get(target.key);
  if (node !== undefined) {
    // RFC 2181 §10.3, RFC 2782; a service binding's target may be one (RFC 9460 §3).
    if (rrsetOf(node, rrType.CNAME) !== undefined && isServiceBinding(rrset)) return undefined;
    if (rrsetOf(node, rrType.CNAME) !== undefined) return 'which is an alias (CNAME) and must not be';
    if (node.cut === undefined || node.rrsets.length > 0)
      return node.rrsets.some((each) => addressTypes.includes(each.type))
        ? undefined
        : 'which has no address';
  }
  const encloser = closestNode(nodes, target);
  // Below another cut the address may come from there; below its own nobody else has it (RFC 1034 §4.2.1).
  if (encloser?.cut !== undefined)
    return rrset.type === rrType.NS && target.isAtOrBelow(rrset.owner)
      ? 'which needs an address here (glue)'
      : undefined;
  const synthesised = encloser?.wildcard?.rrsets.some((each) => addressTypes.includes(each.type)) === true;
  return synthesised || (encloser !== undefined && rrsetOf(encloser, rrType.DNAME) !== undefined)
    ? undefined
    : 'which does not exist';
}

function isServiceBinding(rrset: DraftRRset): boolean {
  return rrset.type === rrType.SVCB || rrset.type === rrType.HTTPS;
}

function closestNode(nodes: ReadonlyMap<string, DraftNode>, name: DomainName): DraftNode | undefined {
  for (let labels = name.labelCount; labels >= 0; labels--) {
    const node = nodes.get(name.ancestor(labels).key);
    if (node !== undefined) return node;
  }
  return undefined;
}

function rrset(node: DraftNode, type: number): DraftRRset | undefined {
  return node.rrsets.find((each) => each.type === type);
}
