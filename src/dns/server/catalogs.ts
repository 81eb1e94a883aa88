// The catalog zones (RFC 9432) of the server: those that tell it which zones to take from primaries, and those that it makes of its own zones
// to tell others.
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import type { Random } from '../../lib/random.ts';
import { ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { CatalogConsumer } from '../catalog/catalog-consumer.ts';
import { publishCatalog } from '../catalog/catalog-producer.ts';
import { SecondaryMembers } from '../catalog/secondary-members.ts';
import type { Secondary } from '../transfer/in/secondary.ts';
import { domainName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneKeeper } from '../zone/zone-keeper.ts';
import type { ZoneStore } from '../zone/zone-store.ts';
import type { ServingPolicy, ZonePolicies } from './zone-policies.ts';

export interface CatalogsOptions {
  readonly zones: Config['zones'];
  readonly keeper: ZoneKeeper;
  readonly store: ZoneStore | undefined;
  readonly secondary: Secondary;
  readonly policies: ZonePolicies;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class Catalogs {
  readonly #options: CatalogsOptions;
  /** How the members of each consumed catalog are served, by the catalog's key. */
  readonly #members: ReadonlyMap<string, ServingPolicy>;
  #consumer: CatalogConsumer | undefined;

  private constructor(options: CatalogsOptions, members: ReadonlyMap<string, ServingPolicy>) {
    this.#options = options;
    this.#members = members;
  }

  /** The keeper must know the config's zones already. The fault is a sentence about the config. */
  static async open(options: CatalogsOptions): Promise<Result<Catalogs>> {
    const members = new Map<string, ServingPolicy>();
    for (const { name, catalog } of options.zones) {
      if (typeof catalog === 'string') continue;
      const made = options.policies.compile(catalog);
      if (!made.ok) return made;
      members.set(domainName(name).key, made.value);
    }
    const catalogs = new Catalogs(options, members);
    await catalogs.publish(options.zones);
    await catalogs.#consume();
    return ok(catalogs);
  }

  /** How a zone is served that is here because a catalog lists it. */
  policyOf(zone: DomainName): ServingPolicy | undefined {
    const owner = this.#consumer?.ownerOf(zone);
    return owner === undefined ? undefined : this.#members.get(owner.catalog.key);
  }

  /** Makes the produced catalogs list their members among these zones. */
  async publish(zones: Config['zones']): Promise<void> {
    const { keeper, clock, random, log } = this.#options;
    for (const { name, catalog } of this.#options.zones) {
      if (catalog !== 'producer') continue;
      const members = zones.filter(({ memberOf }) => memberOf === name);
      const listed = members.map((zone) => domainName(zone.name));
      const published = await publishCatalog(domainName(name), listed, { keeper, clock, random });
      if (!published.ok)
        log.error('a catalog could not be made', { catalog: name, reason: published.fault.join('; ') });
    }
  }

  async close(): Promise<void> {
    await this.#consumer?.close();
  }

  async #consume(): Promise<void> {
    const { keeper, store, secondary, zones, clock, log } = this.#options;
    // The config's order counts where two catalogs list one zone.
    const consumed = zones.filter(({ name }) => this.#members.has(domainName(name).key));
    if (store === undefined || consumed.length === 0) return;
    const members = new SecondaryMembers({
      keeper,
      store,
      secondary,
      primaries: new Map([...this.#members].map(([key, { primaries }]) => [key, primaries])),
      journalSize: Math.max(...consumed.map(({ journalSize }) => journalSize)),
    });
    const kept = await members.resume(await store.listKeptZones());
    const catalogs = consumed.map(({ name }) => domainName(name));
    this.#consumer = new CatalogConsumer({ keeper, members, catalogs, clock, log }, kept);
  }
}
