// Whether a change would make a zone that can't be served: what `zone-checks.ts` refuses in a whole zone, looked for where the change is.
import { DomainName } from '../wire/name.ts';
import { formatClass, rrClass } from '../wire/codes.ts';
import { formatType, isValidRdata } from '../wire/rdata/registry.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { directoryKey, nodeState, typeOfKey, zoneEntry } from './image-layout.ts';
import { NameProbe } from './name-probe.ts';
import { mostRRsetOctets } from './rrset-encoder.ts';
import type { ZoneFaultList } from './zone-fault.ts';
import type { ZoneImage } from './zone-image.ts';

/** What a change makes of one RRset. */
export interface RRsetDraft {
  readonly key: number;
  readonly type: number;
  ttl: number;
  rdatas: Uint8Array[];
}

/** A name that changes, as it was before. */
export interface ChangedNode {
  readonly image: ZoneImage;
  readonly zone: number;
  readonly version: number;
  /** 0 where there was no such name. */
  readonly state: number;
  readonly isApex: boolean;
  readonly name: DomainName;
}

/** Types that may stand beside a CNAME, and below a DNAME at the apex (RFC 4034 §3, §4, RFC 5155 §3). */
export const dnssecTypes: ReadonlySet<number> = new Set([rrType.RRSIG, rrType.NSEC, rrType.NSEC3]);
const singleTypes: ReadonlySet<number> = new Set([rrType.SOA, rrType.CNAME, rrType.DNAME]);

const probe = new NameProbe();

/** Whether a record can be part of a zone at all. */
export function checkChangedRecord(record: ResourceRecord, faults: ZoneFaultList): boolean {
  const what = `${record.owner.toString()} ${formatType(record.type)}`;
  if (record.class !== rrClass.IN) {
    faults.add('error', `${what} has class ${formatClass(record.class)}; only IN is served`);
    return false;
  }
  if (isValidRdata(record.type, record.rdata)) return true;
  faults.add('error', `the data of ${what} does not fit its type`);
  return false;
}

/** `rrsets`: those that the change makes others. Faults name the name and say why. */
export function checkChangedNode(
  node: ChangedNode,
  rrsets: readonly RRsetDraft[],
  faults: ZoneFaultList,
): void {
  const name = node.name.toString();
  const added = rrsets.filter(({ rdatas }) => rdatas.length > 0);
  if (!isInZone(node)) {
    if (added.length > 0) faults.add('error', `${name} does not belong to the zone ${originOf(node)}`);
    return;
  }
  const types = typesAfter(node, rrsets);
  if (node.isApex) {
    // RFC 1035 §5.2, RFC 1034 §4.2.1
    if (!types.has(rrType.SOA)) faults.add('error', `the zone ${name} has no SOA record`);
    if (!types.has(rrType.NS)) faults.add('error', `the zone ${name} has no NS record`);
  } else if (types.has(rrType.SOA)) {
    faults.add('error', `${name} SOA stands below the zone's origin ${originOf(node)}`);
  }
  for (const { type, rdatas } of added) {
    // RFC 1035 §5.2, RFC 2181 §10.1, RFC 6672 §2.4
    if (singleTypes.has(type) && rdatas.length > 1)
      faults.add(
        'error',
        `${name} has ${rdatas.length} ${formatType(type)} records; one is all there can be`,
      );
    const octets = rdatas.reduce((sum, { length }) => sum + length + 12, 0);
    if (octets > mostRRsetOctets)
      faults.add(
        'error',
        `the records of ${name} ${formatType(type)} have ${octets} octets, too many for one message`,
      );
  }
  // RFC 1034 §3.6.2, RFC 2181 §10.1
  const other = [...types].find((type) => type !== rrType.CNAME && !dnssecTypes.has(type));
  if (types.has(rrType.CNAME) && other !== undefined)
    faults.add('error', `${name} has a CNAME and also ${formatType(other)} records`);
  // RFC 6672 §2.3
  if (!node.isApex && types.has(rrType.DNAME) && types.has(rrType.NS))
    faults.add('error', `${name} is delegated by NS records and can have no DNAME`);
}

function typesAfter(node: ChangedNode, rrsets: readonly RRsetDraft[]): ReadonlySet<number> {
  const { image, state } = node;
  const keys = new Set<number>();
  const entries = state === 0 ? 0 : (image.words[state + nodeState.meta] ?? 0) & 0xffff;
  for (let i = 0; i < entries; i++) keys.add(image.words[state + nodeState.directory + i * 2] ?? 0);
  for (const { key, type, rdatas } of rrsets) {
    if (rdatas.length > 0) keys.add(key);
    else keys.delete(key);
    if (type === rrType.SOA && rdatas.length === 0) keys.delete(directoryKey(rrType.SOA, 1));
  }
  return new Set([...keys].map(typeOfKey));
}

function isInZone({ image, zone, name }: ChangedNode): boolean {
  const labels = image.words[zone + zoneEntry.labels] ?? 0;
  if (name.labelCount < labels) return false;
  probe.read(name.wire, 0, name.wire.length);
  const start = probe.starts[labels] ?? 0;
  const hash = probe.hashes[labels] ?? 0;
  const node = image.findNode(zone, hash, name.wire, start, probe.length - start);
  return node !== 0 && node === (image.words[zone + zoneEntry.apex] ?? 0);
}

function originOf({ image, zone }: ChangedNode): string {
  const apex = image.words[zone + zoneEntry.apex] ?? 0;
  const at = image.nameAt(apex);
  return DomainName.unchecked(image.bytes.slice(at, at + image.nameLength(apex))).toString();
}
