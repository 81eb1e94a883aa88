// A keeper of zones that keeps nothing beyond the process: for tests of what reads and changes zones through the port.
import { fault, ok } from '../../src/lib/result.ts';
import type { Result } from '../../src/lib/result.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import { readRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { soa } from '../../src/dns/wire/rdata/soa.ts';
import { buildZone } from '../../src/dns/zone/zone-builder.ts';
import type { ZoneChange } from '../../src/dns/zone/zone-change.ts';
import type { AddedZone, UnfitZone, ZoneEvent, ZoneKeeper } from '../../src/dns/zone/zone-keeper.ts';
import { ZoneSet } from '../../src/dns/zone/zone-set.ts';
import type { ZoneView } from '../../src/dns/zone/zone-view.ts';

export class MemoryZoneKeeper implements ZoneKeeper {
  /** What is answered from. */
  readonly zones: ZoneSet;
  readonly #changes = new Map<string, ZoneChange[]>();
  readonly #listeners = new Set<(event: ZoneEvent) => void>();
  readonly #expired = new Set<string>();
  /** Origins that are known, with or without content. */
  readonly #origins = new Map<string, DomainName>();

  /** `origins`: zones that are configured and have no content yet. */
  constructor(zones: ZoneSet = new ZoneSet(), origins: readonly DomainName[] = []) {
    this.zones = zones;
    for (const origin of [...zones.zones().map((zone) => zone.origin), ...origins])
      this.#origins.set(origin.key, origin);
  }

  view(origin: DomainName): ZoneView | undefined {
    return this.#expired.has(origin.key) ? undefined : this.zones.get(origin);
  }

  enclosing(name: DomainName): DomainName | undefined {
    for (let labels = name.labelCount; labels >= 0; labels--) {
      const known = this.#origins.get(name.ancestor(labels).key);
      if (known !== undefined) return known;
    }
    return undefined;
  }

  changesSince(origin: DomainName, serial: number): Promise<readonly ZoneChange[] | undefined> {
    if (this.zones.get(origin)?.serial === serial) return Promise.resolve([]);
    const changes = this.#changes.get(origin.key) ?? [];
    const first = changes.findIndex(({ from }) => serialOf(from) === serial);
    return Promise.resolve(first < 0 ? undefined : changes.slice(first));
  }

  change<Fault>(
    origin: DomainName,
    make: (newest: ZoneView) => Result<ZoneChange | undefined, Fault>,
  ): Promise<Result<ZoneView, Fault | UnfitZone>> {
    const newest = this.zones.newest(origin);
    if (newest === undefined) return Promise.resolve(unfit(['there is no content to change']));
    const made = make(newest);
    if (!made.ok) return Promise.resolve(made);
    if (made.value === undefined) return Promise.resolve(ok(newest));
    const prepared = this.zones.prepare(origin, made.value);
    if (!prepared.ok) return Promise.resolve(unfit(prepared.fault.map(({ message }) => message)));
    this.zones.publish(origin, prepared.value.serial);
    this.#changes.set(origin.key, [...(this.#changes.get(origin.key) ?? []), made.value]);
    this.#tell({ kind: 'changed', origin });
    return Promise.resolve(ok(prepared.value));
  }

  async replace(
    origin: DomainName,
    records: AsyncIterable<readonly ResourceRecord[]>,
    check?: (content: ZoneView) => Promise<readonly string[]>,
  ): Promise<Result<ZoneView, readonly string[]>> {
    const all: ResourceRecord[] = [];
    for await (const some of records) all.push(...some);
    const built = buildZone(origin, all);
    if (!built.ok) return fault(built.fault.map(({ message }) => message));
    const faults = (await check?.(built.value.zone)) ?? [];
    if (faults.length > 0) return fault(faults);
    this.zones.put(built.value.zone);
    this.#changes.delete(origin.key);
    this.#expired.delete(origin.key);
    this.#origins.set(origin.key, origin);
    this.#tell({ kind: 'changed', origin });
    return ok(built.value.zone);
  }

  expire(origin: DomainName): void {
    if (this.zones.get(origin) !== undefined) this.#expired.add(origin.key);
  }

  revive(origin: DomainName): void {
    if (this.#expired.delete(origin.key)) this.#tell({ kind: 'changed', origin });
  }

  add({ origin }: AddedZone): Promise<void> {
    if (!this.#origins.has(origin.key)) {
      this.#origins.set(origin.key, origin);
      this.#tell({ kind: 'added', origin });
    }
    return Promise.resolve();
  }

  remove(origin: DomainName): Promise<void> {
    if (this.#origins.delete(origin.key)) {
      this.zones.delete(origin);
      this.#changes.delete(origin.key);
      this.#expired.delete(origin.key);
      this.#tell({ kind: 'removed', origin });
    }
    return Promise.resolve();
  }

  watch(listener: (event: ZoneEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(event: ZoneEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function unfit(reasons: readonly string[]): { readonly ok: false; readonly fault: UnfitZone } {
  return fault({ kind: 'unfit', reasons });
}

function serialOf(record: ResourceRecord): number | undefined {
  return readRdata(soa, record.rdata)?.serial;
}
