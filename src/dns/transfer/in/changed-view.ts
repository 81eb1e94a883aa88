// A zone as it will be once steps are made: seen before they are, so that what they lead to can be checked (RFC 8976 §4) and
// refused. Checks on the way that each step is exact: what it removes is there, what it adds isn't.
import { bytesToLatin1 } from '../../../lib/bytes.ts';
import { fault, ok } from '../../../lib/result.ts';
import type { Result } from '../../../lib/result.ts';
import type { DomainName } from '../../wire/name.ts';
import type { ResourceRecord, RRset } from '../../wire/record.ts';
import { formatType, rrType } from '../../wire/rr-type.ts';
import type { ZoneChange } from '../../zone/zone-change.ts';
import type { ZoneView } from '../../zone/zone-view.ts';

import { serialOf } from './transfer-decoder.ts';

/** One RRset that steps have touched; empty where they removed all of it. */
interface Touched {
  readonly owner: DomainName;
  ttl: number;
  /** By octets, so that a set of thousands is not searched for each record. */
  readonly rdatas: Map<string, Uint8Array>;
}

/** The RRsets of one name that were touched, by type. */
type TouchedName = Map<number, Touched>;

export class ChangedView implements ZoneView {
  readonly #base: ZoneView;
  readonly #touched = new Map<string, TouchedName>();
  #soa: RRset;
  #serial: number;

  constructor(base: ZoneView) {
    this.#base = base;
    this.#soa = base.soa;
    this.#serial = base.serial;
  }

  get origin(): DomainName {
    return this.#base.origin;
  }

  get serial(): number {
    return this.#serial;
  }

  get soa(): RRset {
    return this.#soa;
  }

  /** Makes one step more. The fault says what doesn't fit; the view is then not to be used any more. */
  apply(change: ZoneChange): Result<void> {
    const { from, to } = change;
    const serial = serialOf(to);
    if (serialOf(from) !== this.#serial || serial === undefined)
      return fault(`a step from serial ${serialOf(from) ?? 'none'}, where ${this.#serial} is what we have`);
    for (const record of change.removed) {
      const rrset = this.#touch(record);
      if (!rrset.rdatas.delete(bytesToLatin1(record.rdata)))
        return fault(`the step to serial ${serial} removes ${named(record)}, which isn't there`);
    }
    for (const record of change.added) {
      const rrset = this.#touch(record);
      const key = bytesToLatin1(record.rdata);
      if (rrset.rdatas.has(key))
        return fault(`the step to serial ${serial} adds ${named(record)}, which is there already`);
      rrset.rdatas.set(key, record.rdata);
      rrset.ttl = record.ttl;
    }
    this.#serial = serial;
    this.#soa = { owner: to.owner, type: to.type, class: to.class, ttl: to.ttl, rdatas: [to.rdata] };
    return ok(undefined);
  }

  rrset(name: DomainName, type: number): RRset | undefined {
    if (type === rrType.SOA && name.equals(this.origin)) return this.#soa;
    const touched = this.#touched.get(name.key)?.get(type);
    return touched === undefined ? this.#base.rrset(name, type) : rrsetOf(type, touched);
  }

  /** An empty non-terminal that a step made or removed may be told wrongly: whoever needs those asks the zone itself. */
  rrsets(name: DomainName): readonly RRset[] | undefined {
    const touched = this.#touched.get(name.key);
    const base = this.#base.rrsets(name);
    const atApex = name.equals(this.origin);
    if (touched === undefined && !atApex) return base;
    const kept = (base ?? []).flatMap((rrset) => {
      if (atApex && rrset.type === rrType.SOA) return [this.#soa];
      return touched?.has(rrset.type) === true ? [] : [rrset];
    });
    return [...kept, ...touchedSets(touched)];
  }

  *all(): Iterable<RRset> {
    yield this.#soa;
    for (const rrset of this.#base.all()) {
      if (rrset.type === rrType.SOA && rrset.owner.equals(this.origin)) continue;
      if (this.#touched.size > 0 && this.#touched.get(rrset.owner.key)?.has(rrset.type) === true) continue;
      yield rrset;
    }
    for (const touched of this.#touched.values()) yield* touchedSets(touched);
  }

  #touch(record: ResourceRecord): Touched {
    const { owner, type } = record;
    const types: TouchedName = this.#touched.get(owner.key) ?? new Map<number, Touched>();
    this.#touched.set(owner.key, types);
    const known = types.get(type);
    if (known !== undefined) return known;
    const base = this.#base.rrset(owner, type);
    const touched: Touched = {
      owner: base?.owner ?? owner,
      ttl: base?.ttl ?? record.ttl,
      rdatas: new Map((base?.rdatas ?? []).map((rdata) => [bytesToLatin1(rdata), rdata])),
    };
    types.set(type, touched);
    return touched;
  }
}

function* touchedSets(touched: TouchedName | undefined): Iterable<RRset> {
  for (const [type, each] of touched ?? []) {
    const rrset = rrsetOf(type, each);
    if (rrset !== undefined) yield rrset;
  }
}

function rrsetOf(type: number, touched: Touched): RRset | undefined {
  const { owner, ttl, rdatas } = touched;
  return rdatas.size === 0 ? undefined : { owner, type, class: 1, ttl, rdatas: [...rdatas.values()] };
}

function named(record: ResourceRecord): string {
  return `a record ${record.owner.toString()} ${formatType(record.type)}`;
}
