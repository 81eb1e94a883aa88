// Serves what catalog zones list (RFC 9432 §5): whenever one has changed, zones that it lists anew are added, those that it no longer
// lists are removed, and those whose label has changed begin anew. A zone belongs to one catalog at a time.
import { Breather } from '../../lib/breather.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneKeeper } from '../zone/zone-keeper.ts';
import { readCatalog } from './catalog.ts';
import type { Catalog, CatalogMember } from './catalog.ts';
import type { CatalogMembers, MemberZone } from './catalog-members.ts';

export interface CatalogConsumerOptions {
  readonly keeper: Pick<ZoneKeeper, 'view' | 'watch'>;
  readonly members: CatalogMembers;
  /** Origins of the catalog zones; of two that list one zone the first counts. */
  readonly catalogs: readonly DomainName[];
  readonly clock: Clock;
  readonly log: Log;
}

export class CatalogConsumer {
  readonly #options: CatalogConsumerOptions;
  /** What each catalog said when it was last in order. */
  readonly #catalogs = new Map<string, Catalog>();
  /** Who is served because of which catalog, by zone. */
  readonly #owned = new Map<string, MemberZone>();
  /** Catalogs that have changed and weren't looked at since. */
  readonly #changed = new Map<string, DomainName>();
  readonly #unwatch: () => void;
  #working: Promise<void> | undefined;
  #closed = false;

  /** `kept`: members that are served already, from before a restart. */
  constructor(options: CatalogConsumerOptions, kept: Iterable<MemberZone> = []) {
    this.#options = options;
    for (const member of kept) this.#owned.set(member.zone.key, member);
    const origins = new Set(options.catalogs.map(({ key }) => key));
    this.#unwatch = options.keeper.watch(({ kind, origin }) => {
      if (kind !== 'removed' && origins.has(origin.key)) this.#look(origin);
    });
    for (const origin of options.catalogs) this.#look(origin);
  }

  /** The catalog because of which a zone is served. */
  ownerOf(zone: DomainName): MemberZone | undefined {
    return this.#owned.get(zone.key);
  }

  /** Resolves when all that catalogs have said so far is done. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    await this.settled();
  }

  #look(origin: DomainName): void {
    this.#changed.set(origin.key, origin);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    // What is put in while this goes on comes at its end.
    for (const [key, origin] of this.#changed) {
      this.#changed.delete(key);
      if (this.#closed) return;
      try {
        await this.#process(origin);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log.error('a catalog could not be processed', { catalog: origin.toString(), reason });
      }
    }
  }

  async #process(origin: DomainName): Promise<void> {
    const { keeper, clock, log } = this.#options;
    // A catalog that has expired or hasn't come yet says nothing: its members stay.
    const view = keeper.view(origin);
    if (view === undefined) return;
    const name = origin.toString();
    const read = await readCatalog(view, clock);
    if (!read.ok) {
      log.error('a catalog is broken; its members stay as they were', { catalog: name, reason: read.fault });
      return;
    }
    const catalog = read.value;
    for (const reason of catalog.ignored) log.warn('a catalog lists a zone twice', { catalog: name, reason });
    this.#catalogs.set(origin.key, catalog);
    const breather = new Breather(clock);
    const freed = await this.#removeUnlisted(catalog, breather);
    for (const member of catalog.members.values()) {
      if (this.#closed) return;
      await this.#list(catalog, member);
      if (breather.due) await breather.rest();
    }
    for (const zone of freed) await this.#listElsewhere(zone);
  }

  /** RFC 9432 §5.3: only those that are served because of this catalog. */
  async #removeUnlisted(catalog: Catalog, breather: Breather): Promise<readonly DomainName[]> {
    const freed: DomainName[] = [];
    for (const [key, owned] of this.#owned) {
      if (breather.due) await breather.rest();
      if (!owned.catalog.equals(catalog.origin) || catalog.members.has(key)) continue;
      await this.#options.members.remove(owned);
      this.#owned.delete(key);
      freed.push(owned.zone);
      this.#tell('a catalog no longer lists a zone, which is removed', owned);
    }
    return freed;
  }

  async #list(catalog: Catalog, listed: CatalogMember): Promise<void> {
    const { zone, label, groups, newOwner } = listed;
    const member: MemberZone = { zone, catalog: catalog.origin, label, groups };
    const owned = this.#owned.get(zone.key);
    if (owned === undefined) {
      await this.#add(member);
      return;
    }
    if (owned.catalog.equals(catalog.origin)) {
      if (owned.label !== label) await this.#reset(member);
      else this.#owned.set(zone.key, member);
      // Which of the two catalogs is seen first is left to chance, so either may complete the move.
      const next = newOwner === undefined ? undefined : this.#catalogs.get(newOwner.key);
      const there = next?.members.get(zone.key);
      if (next !== undefined && next !== catalog && there !== undefined)
        await this.#migrate(member, next, there);
      return;
    }
    const before = this.#catalogs.get(owned.catalog.key)?.members.get(zone.key);
    // RFC 9432 §4.4.1: the catalog that has the zone says who is to have it next.
    if (before?.newOwner?.equals(catalog.origin) === true) await this.#migrate(owned, catalog, listed);
    else this.#tell('a catalog lists a zone that another one has; it stays with that', member);
  }

  async #migrate(owned: MemberZone, to: Catalog, { zone, label, groups }: CatalogMember): Promise<void> {
    const member: MemberZone = { zone, catalog: to.origin, label, groups };
    // RFC 9432 §5.6: what is kept of the zone goes along only where the label does.
    if (owned.label !== label) {
      await this.#reset(member);
      return;
    }
    await this.#options.members.move(member);
    this.#owned.set(zone.key, member);
    this.#tell('a zone has moved to another catalog', member);
  }

  async #add(member: MemberZone): Promise<void> {
    const added = await this.#options.members.add(member);
    if (added.ok) {
      this.#owned.set(member.zone.key, member);
      this.#tell('a catalog lists a zone, which is added', member);
      return;
    }
    this.#options.log.error('a zone that a catalog lists is not added', {
      zone: member.zone.toString(),
      catalog: member.catalog.toString(),
      reason: added.fault,
    });
  }

  async #reset(member: MemberZone): Promise<void> {
    await this.#options.members.reset(member);
    this.#owned.set(member.zone.key, member);
    this.#tell('a catalog has a new label for a zone, which begins anew', member);
  }

  /** A zone that one catalog has let go of may stand in another, which had to be passed over until now. */
  async #listElsewhere(zone: DomainName): Promise<void> {
    for (const { key } of this.#options.catalogs) {
      const catalog = this.#catalogs.get(key);
      const listed = catalog?.members.get(zone.key);
      if (catalog === undefined || listed === undefined || this.#owned.has(zone.key)) continue;
      await this.#list(catalog, listed);
    }
  }

  #tell(event: string, { zone, catalog, label }: MemberZone): void {
    this.#options.log.info(event, { zone: zone.toString(), catalog: catalog.toString(), label });
  }
}
