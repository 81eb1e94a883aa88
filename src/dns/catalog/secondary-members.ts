// Members of catalogs as secondary zones: each is taken from the primaries that go with its catalog.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { Primary } from '../transfer/in/primary.ts';
import type { Secondary } from '../transfer/in/secondary.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneKeeper } from '../zone/zone-keeper.ts';
import type { KeptZone, ZoneState, ZoneStore } from '../zone/zone-store.ts';
import type { CatalogMembers, MemberZone } from './catalog-members.ts';

export interface SecondaryMembersOptions {
  readonly keeper: Pick<ZoneKeeper, 'add' | 'remove' | 'enclosing'>;
  readonly store: Pick<ZoneStore, 'saveState' | 'findKeptZone'>;
  readonly secondary: Pick<Secondary, 'add' | 'remove'>;
  /** By the catalog's key; of each one that is consumed. */
  readonly primaries: ReadonlyMap<string, readonly Primary[]>;
  /** Octets of changes kept for IXFR, of each member. */
  readonly journalSize: number;
}

export class SecondaryMembers implements CatalogMembers {
  readonly #options: SecondaryMembersOptions;

  constructor(options: SecondaryMembersOptions) {
    this.#options = options;
  }

  /**
   * Serves again what was served before a restart, and gives those members for the consumer to begin with. Those of catalogs that
   * are no more consumed are forgotten; those that the config names now are left to it.
   */
  async resume(kept: readonly KeptZone[]): Promise<readonly MemberZone[]> {
    const { keeper, primaries, journalSize } = this.#options;
    const members: MemberZone[] = [];
    for (const { origin, state } of kept) {
      if (state.catalog === undefined || state.member === undefined || this.#isServed(origin)) continue;
      const catalog = parseName(state.catalog);
      await keeper.add({ origin, journalSize });
      if (!catalog.ok || !primaries.has(catalog.value.key)) {
        await keeper.remove(origin);
        continue;
      }
      const member = { zone: origin, catalog: catalog.value, label: state.member, groups: [] };
      this.#take(member, state);
      members.push(member);
    }
    return members;
  }

  async add(member: MemberZone): Promise<Result<void>> {
    // RFC 9432 §5.2
    if (this.#isServed(member.zone)) return fault('a zone of that name is served on other grounds');
    await this.#begin(member);
    return ok(undefined);
  }

  async remove({ zone }: MemberZone): Promise<void> {
    this.#options.secondary.remove(zone);
    await this.#options.keeper.remove(zone);
  }

  async reset(member: MemberZone): Promise<void> {
    await this.remove(member);
    await this.#begin(member);
  }

  async move(member: MemberZone): Promise<void> {
    const kept = await this.#options.store.findKeptZone(member.zone);
    const state = { ...kept?.state, ...stateOf(member) };
    await this.#options.store.saveState(member.zone, state);
    this.#take(member, state);
  }

  async #begin(member: MemberZone): Promise<void> {
    const { keeper, store, journalSize } = this.#options;
    await keeper.add({ origin: member.zone, journalSize });
    const state = stateOf(member);
    await store.saveState(member.zone, state);
    this.#take(member, state);
  }

  #take({ zone, catalog }: MemberZone, state: ZoneState): void {
    const primaries = this.#options.primaries.get(catalog.key) ?? [];
    this.#options.secondary.add({ origin: zone, primaries, state });
  }

  #isServed(zone: DomainName): boolean {
    return this.#options.keeper.enclosing(zone)?.equals(zone) === true;
  }
}

function stateOf({ catalog, label }: MemberZone): ZoneState {
  return { catalog: catalog.toString(), member: label };
}
