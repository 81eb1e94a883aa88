// Zones that the resolver answers itself: those of `resolver.local-zones`, and the default ones of RFC 6303 and RFC 6761.
import { fault, ok, unreachable } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { LocalZoneConfig, LocalZoneType } from '../../config/reach-config.ts';
import { rrClass } from '../wire/codes.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { parseZoneFile } from '../zonefile/zone-file-parser.ts';
import type { LocalAnswer, LocalQuestion } from './local-answer.ts';
import { emptyZoneSoa } from './empty-zone.ts';

/** Seconds, where a record has none. */
const defaultTtl = 3600;

export class LocalZone {
  readonly name: DomainName;
  readonly type: LocalZoneType;
  /** By owner and type. */
  readonly #owners = new Map<string, Map<number, RRset>>();
  /** Names that exist for the sake of those below them (RFC 4592 §2.2.2). */
  readonly #between = new Set<string>();

  constructor(name: DomainName, type: LocalZoneType, records: readonly ResourceRecord[]) {
    this.name = name;
    this.type = type;
    for (const record of records) this.#add(record);
  }

  /** `undefined`: the world is asked. */
  answer(question: LocalQuestion): LocalAnswer | undefined {
    const types = this.#typesAt(question.name);
    switch (this.type) {
      case 'world':
        return undefined;
      case 'nodata':
      case 'nxdomain':
        return { kind: this.type, soa: this.#soa };
      case 'redirect':
        return this.#dataIn(types, question) ?? this.#nothing('nodata');
      case 'typetransparent':
        return this.#dataIn(types, question);
      case 'transparent':
        return types && (this.#dataIn(types, question) ?? { kind: 'nodata', soa: this.#ownSoa });
      case 'refuse':
      case 'drop':
        return this.#dataIn(types, question) ?? { kind: this.type };
      case 'static':
        return (
          this.#dataIn(types, question) ?? this.#nothing(this.#exists(question.name) ? 'nodata' : 'nxdomain')
        );
      default:
        return unreachable(this.type);
    }
  }

  #typesAt(name: DomainName): ReadonlyMap<number, RRset> | undefined {
    return this.#owners.get((this.type === 'redirect' ? this.name : name).key);
  }

  #dataIn(types: ReadonlyMap<number, RRset> | undefined, question: LocalQuestion): LocalAnswer | undefined {
    const rrset = types?.get(question.type);
    if (rrset !== undefined) return { kind: 'records', rrset: { ...rrset, owner: question.name } };
    const alias = types?.get(rrType.CNAME);
    return alias && { kind: 'alias', rrset: { ...alias, owner: question.name } };
  }

  #nothing(kind: 'nodata' | 'nxdomain'): LocalAnswer {
    return { kind, soa: this.#soa };
  }

  #exists(name: DomainName): boolean {
    return name.equals(this.name) || this.#owners.has(name.key) || this.#between.has(name.key);
  }

  get #ownSoa(): ResourceRecord | undefined {
    const soa = this.#owners.get(this.name.key)?.get(rrType.SOA);
    const [rdata] = soa?.rdatas ?? [];
    return soa && rdata && { owner: this.name, type: rrType.SOA, class: rrClass.IN, ttl: soa.ttl, rdata };
  }

  get #soa(): ResourceRecord {
    return this.#ownSoa ?? emptyZoneSoa(this.name);
  }

  #add({ owner, type, class: rrClass, ttl, rdata }: ResourceRecord): void {
    const types = this.#owners.get(owner.key) ?? new Map<number, RRset>();
    this.#owners.set(owner.key, types);
    const before = types.get(type);
    // RFC 2181 §5.2: the TTLs of a set are equal.
    types.set(type, {
      owner,
      type,
      class: rrClass,
      ttl: Math.min(ttl, before?.ttl ?? ttl),
      rdatas: [...(before?.rdatas ?? []), rdata],
    });
    for (let labels = owner.labelCount - 1; labels > this.name.labelCount; labels--)
      this.#between.add(owner.ancestor(labels).key);
  }
}

export class LocalZones {
  readonly #zones = new Map<string, LocalZone>();
  /** By key, the names at or above one that doesn't leave names to the world. */
  readonly #decided = new Set<string>();

  constructor(zones: Iterable<LocalZone>) {
    for (const zone of zones) {
      const { name, type } = zone;
      this.#zones.set(name.key, zone);
      if (type === 'world') continue;
      for (let labels = name.labelCount; labels >= 0; labels--) this.#decided.add(name.ancestor(labels).key);
    }
  }

  /** Whether one of them, other than those that leave names to the world, is that zone or below it. */
  decidesWithin(zone: DomainName): boolean {
    return this.#decided.has(zone.key);
  }

  /** The deepest zone that the name is in. */
  deepest(name: DomainName): LocalZone | undefined {
    if (this.#zones.size === 0) return undefined;
    for (let labels = name.labelCount; labels >= 0; labels--) {
      const zone = this.#zones.get(name.ancestor(labels).key);
      if (zone !== undefined) return zone;
    }
    return undefined;
  }
}

/** A zone of the config. The fault is a sentence. */
export function localZoneOf(config: LocalZoneConfig): Result<LocalZone> {
  const name = domainName(config.name === '.' ? '.' : `${config.name}.`);
  const text = `${config.records.join('\n')}\n`;
  const parsed = parseZoneFile({ name: 'records', text }, { origin: name, defaultTtl });
  if (!parsed.ok) {
    const [first] = parsed.fault;
    return fault(`local zone ${config.name}: '${first?.text ?? ''}': ${first?.message ?? 'not a record'}`);
  }
  const outside = parsed.value.records.find(({ owner }) => !owner.isAtOrBelow(name));
  if (outside !== undefined)
    return fault(`local zone ${config.name}: ${outside.owner.toString()} is not in the zone`);
  return ok(new LocalZone(name, config.type, parsed.value.records));
}
