// What a catalog zone says (RFC 9432 §4): which zones are its members, each under a label of its own, and what is said of each.
import { Breather } from '../../lib/breather.ts';
import { bytesToUtf8, latin1ToBytes } from '../../lib/bytes.ts';
import type { Clock } from '../../lib/clock.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { DomainName } from '../wire/name.ts';
import { ptr } from '../wire/rdata/ptr.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { joinedText, txt } from '../wire/rdata/txt.ts';
import type { RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import type { ZoneView } from '../zone/zone-view.ts';

export interface CatalogMember {
  readonly zone: DomainName;
  /** The unique label, lower case, in presentation form: when it changes, what is kept of the zone is to be forgotten (RFC 9432 §5.4). */
  readonly label: string;
  /** The catalog that is to have the zone next (RFC 9432 §4.4.1). */
  readonly newOwner: DomainName | undefined;
  /** What the producer calls the way in which the zone is to be served (RFC 9432 §4.4.2). */
  readonly groups: readonly string[];
}

export interface Catalog {
  readonly origin: DomainName;
  readonly serial: number;
  /** By the zone's key, each once. */
  readonly members: ReadonlyMap<string, CatalogMember>;
  /** Member nodes that were passed over, in sentences. */
  readonly ignored: readonly string[];
}

/** Names of the parts of a catalog and of a member, below it. */
export type CatalogPart = 'zones' | 'version' | 'coo' | 'group';

/** `undefined` where the name would be too long. */
export function catalogPart(name: DomainName, part: CatalogPart): DomainName | undefined {
  return name.prepend(latin1ToBytes(part));
}

/**
 * The fault says in a sentence why this is no catalog: it is then not processed, and what it said before counts (RFC 9432 §5.1).
 * Work goes in slices timed by `clock`.
 */
export async function readCatalog(view: ZoneView, clock: Clock): Promise<Result<Catalog>> {
  const { origin, serial } = view;
  const wrong = versionFault(view);
  if (wrong !== undefined) return fault(wrong);
  const breather = new Breather(clock);
  const members = new Map<string, CatalogMember>();
  const ignored: string[] = [];
  for (const node of memberNodes(view)) {
    if (breather.due) await breather.rest();
    const { owner } = node;
    const zone = targetOf(node);
    // RFC 9432 §4.1
    if (zone === undefined)
      return fault(`${owner.toString()} has several PTR records, and so names no one member`);
    const label = formatLabel(owner);
    const known = members.get(zone.key);
    if (known !== undefined) {
      ignored.push(`${zone.toString()} is listed twice, as ${known.label} and ${label}`);
      // RFC 9432 §5.2: one of them counts, and always the same one.
      if (known.label < label) continue;
    }
    members.set(zone.key, {
      zone,
      label,
      newOwner: newOwnerOf(view, owner),
      groups: groupsOf(view, owner),
    });
  }
  return ok({ origin, serial, members, ignored });
}

/** The PTR sets of the members (RFC 9432 §4.1), and no other. */
export function* memberNodes(view: ZoneView): Iterable<RRset> {
  const below = catalogPart(view.origin, 'zones');
  if (below === undefined) return;
  for (const rrset of view.all()) {
    const { owner, type } = rrset;
    if (type === rrType.PTR && owner.labelCount === below.labelCount + 1 && owner.isBelow(below)) yield rrset;
  }
}

/** The one name that a PTR set has; `undefined` where it has several. */
export function targetOf(rrset: RRset): DomainName | undefined {
  const [rdata, second] = rrset.rdatas;
  return rdata === undefined || second !== undefined ? undefined : readRdata(ptr, rdata)?.target;
}

/** The first label of a name, lower case, in presentation form. */
function formatLabel(name: DomainName): string {
  return DomainName.root.prepend(name.label(0))?.lowerCase().toString().slice(0, -1) ?? '';
}

/** RFC 9432 §4.3.1 */
function versionFault(view: ZoneView): string | undefined {
  const name = catalogPart(view.origin, 'version');
  const rrset = name === undefined ? undefined : view.rrset(name, rrType.TXT);
  if (rrset === undefined) return 'it has no version record, and so is no catalog';
  const [rdata, second] = rrset.rdatas;
  const data = rdata === undefined ? undefined : readRdata(txt, rdata);
  if (second !== undefined || data === undefined) return 'it has several version records';
  const said = bytesToUtf8(joinedText(data));
  return said === '2' && data.strings.length === 1
    ? undefined
    : `it is of version '${said.slice(0, 20)}', not 2`;
}

/** RFC 9432 §4.4.1; with several records it means nothing. */
function newOwnerOf(view: ZoneView, node: DomainName): DomainName | undefined {
  const name = catalogPart(node, 'coo');
  const rrset = name === undefined ? undefined : view.rrset(name, rrType.PTR);
  return rrset === undefined ? undefined : targetOf(rrset);
}

/** RFC 9432 §4.4.2 */
function groupsOf(view: ZoneView, node: DomainName): readonly string[] {
  const name = catalogPart(node, 'group');
  const rrset = name === undefined ? undefined : view.rrset(name, rrType.TXT);
  return (rrset?.rdatas ?? []).flatMap((rdata) => {
    const data = readRdata(txt, rdata);
    return data === undefined ? [] : [bytesToUtf8(joinedText(data))];
  });
}
