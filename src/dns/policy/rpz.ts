// Response policy zones (draft-vixie-dnsop-dns-rpz-00): what the records of such a zone say about names. Triggers are the owners below the
// zone's own name; actions are CNAME records to special names (§3), or the data to answer with.
import { domainName, nameFromWire } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';

export type RpzRule =
  | { readonly kind: 'nxdomain' | 'nodata' | 'drop' | 'pass' }
  | { readonly kind: 'data'; readonly type: number; readonly ttl: number; readonly rdata: Uint8Array }
  /** By an address, a name server or a client's address, or asking for TCP: not done here. */
  | { readonly kind: 'unsupported' };

export interface RpzEntry {
  /** The name without the zone's, in lower case. */
  readonly name: DomainName;
  readonly below: boolean;
  readonly rule: RpzRule;
}

/** §3.1 to §3.4. */
const actions: ReadonlyMap<string, RpzRule> = new Map<string, RpzRule>([
  [domainName('.').key, { kind: 'nxdomain' }],
  [domainName('*.').key, { kind: 'nodata' }],
  [domainName('rpz-drop.').key, { kind: 'drop' }],
  [domainName('rpz-passthru.').key, { kind: 'pass' }],
  [domainName('rpz-tcp-only.').key, { kind: 'unsupported' }],
]);
/** §4: triggers by something else than the name that is asked for. */
const otherTriggers: ReadonlySet<string> = new Set(['rpz-ip', 'rpz-client-ip', 'rpz-nsdname', 'rpz-nsip']);
/** Records of the zone itself. */
const ownTypes: ReadonlySet<number> = new Set([
  rrType.SOA,
  rrType.NS,
  rrType.RRSIG,
  rrType.NSEC,
  rrType.DNSKEY,
]);

/** What a record of the zone says, or `undefined` where it says nothing about a name. */
export function rpzEntry(record: ResourceRecord, zone: DomainName): RpzEntry | undefined {
  const { owner, type, ttl, rdata } = record;
  if (!owner.isBelow(zone) || ownTypes.has(type)) return undefined;
  const trigger = owner.lowerCase().rebase(zone.lowerCase(), domainName('.'));
  if (trigger === undefined) return undefined;
  const below = trigger.isWildcard;
  const name = below ? trigger.parent() : trigger;
  if (name === undefined) return undefined;
  const top = new TextDecoder().decode(trigger.label(trigger.labelCount - 1));
  if (otherTriggers.has(top)) return { name, below, rule: { kind: 'unsupported' } };
  if (type !== rrType.CNAME) return { name, below, rule: { kind: 'data', type, ttl, rdata } };
  const target = nameFromWire(rdata);
  if (!target.ok) return undefined;
  // A CNAME to the very name is how older zones say "not this one".
  const passes = target.value.equals(trigger);
  const rule = passes ? ({ kind: 'pass' } as const) : actions.get(target.value.lowerCase().key);
  return { name, below, rule: rule ?? { kind: 'data', type, ttl, rdata } };
}
