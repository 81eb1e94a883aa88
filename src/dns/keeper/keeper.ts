// The keeper of the zones that are served: every change and every new content passes here, is made durable first and served then.
//
// Of each zone, changes are pipelined: while one is on its way to the disk the next is made upon it. They become visible in
// their order. Whatever concerns a whole content (a transfer, a file, taking a zone away) waits for the changes before it,
// and those after it wait for it.
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { ZoneChange } from '../zone/zone-change.ts';
import type { AddedZone, UnfitZone, ZoneEvent, ZoneKeeper } from '../zone/zone-keeper.ts';
import type { ZoneSet } from '../zone/zone-set.ts';
import type { KeptZone, ZoneStore } from '../zone/zone-store.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import { contentChunks } from './content-chunks.ts';
import { takeFile } from './file-content.ts';
import type { ZoneFileContent } from './file-content.ts';
import { readKeptContent } from './kept-content.ts';
import { newZoneBuild } from './zone-build.ts';
import type { NewZoneBuild } from './zone-build.ts';
import { ZoneLife } from './zone-life.ts';
import type { Surroundings, ZoneSettings } from './zone-life.ts';

export interface KeeperOptions {
  /** What is answered from. */
  readonly zones: ZoneSet;
  /** Needed where a zone isn't only in its file. */
  readonly store: ZoneStore | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** How contents are built; unless given, all records are gathered first. */
  readonly newBuild?: NewZoneBuild;
}

/** Milliseconds of work that makes room for changes in zones, and of pause before each. */
const roomSliceMs = 2;
const roomPauseMs = 5;

export class Keeper implements ZoneKeeper {
  readonly #lives = new Map<string, ZoneLife>();
  readonly #around: Surroundings;
  readonly #listeners = new Set<(event: ZoneEvent) => void>();
  #mostLabels = 0;
  /** Work of the store that may take its time, one after the other. */
  #later: Promise<void> = Promise.resolve();
  #closed = false;
  #roomTimer: Timer | undefined;

  constructor({ zones, store, clock, log, newBuild = newZoneBuild }: KeeperOptions) {
    this.#around = {
      served: zones,
      store,
      newBuild,
      clock,
      log,
      tell: (event) => {
        for (const listener of this.#listeners) listener(event);
      },
      makeRoom: () => this.#makeRoom(),
      later: (work) => {
        this.#later = this.#later.then(() => (this.#closed ? undefined : work()));
      },
    };
  }

  /**
   * Takes over these zones, and serves those that no file has from what is kept of them; the others when their file is taken.
   * Gives sentences about what is kept but can't be served.
   */
  async open(zones: Iterable<ZoneSettings>): Promise<string[]> {
    for (const settings of zones) this.#begin(settings);
    const faults: string[] = [];
    for (const kept of (await this.#around.store?.listKeptZones()) ?? []) {
      const life = this.#lives.get(kept.origin.key);
      if (life === undefined) continue;
      if (life.settings.file) life.kept = kept;
      else faults.push(...(await this.#load(life, kept)));
    }
    return faults;
  }

  /** Waits for what is under way, and begins nothing more that may take long. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#roomTimer?.cancel();
    await this.#later;
  }

  /** Serves the zone as its file, which was read just now, and the changes since have it. The faults are sentences. */
  async takeFile(origin: DomainName, file: ZoneFileContent): Promise<Result<ZoneView, readonly string[]>> {
    const life = this.#lives.get(origin.key);
    return life === undefined ? fault([`there is no zone ${origin.toString()}`]) : takeFile(life, file);
  }

  view(origin: DomainName): ZoneView | undefined {
    return this.#lives.get(origin.key)?.view;
  }

  enclosing(name: DomainName): DomainName | undefined {
    for (let labels = Math.min(name.labelCount, this.#mostLabels); labels >= 0; labels--) {
      const life = this.#lives.get(name.ancestor(labels).key);
      if (life !== undefined) return life.origin;
    }
    return undefined;
  }

  async changesSince(
    origin: DomainName,
    serial: number,
    enoughOctets?: number,
  ): Promise<readonly ZoneChange[] | undefined> {
    const life = this.#lives.get(origin.key);
    const served = life?.view;
    return served === undefined ? undefined : life?.journal.between(serial, served.serial, enoughOctets);
  }

  async change<Fault>(
    origin: DomainName,
    make: (newest: ZoneView) => Result<ZoneChange | undefined, Fault>,
  ): Promise<Result<ZoneView, Fault | UnfitZone>> {
    const life = this.#lives.get(origin.key);
    if (life === undefined)
      return fault({ kind: 'unfit', reasons: [`there is no zone ${origin.toString()}`] });
    return life.change(make);
  }

  async replace(
    origin: DomainName,
    records: AsyncIterable<readonly ResourceRecord[]>,
    check?: (content: ZoneView) => Promise<readonly string[]>,
  ): Promise<Result<ZoneView, readonly string[]>> {
    using build = this.#around.newBuild(origin);
    for await (const some of records) build.add(some);
    const built = await build.finish();
    if (!built.ok) return built;
    const zone = built.value;
    const faults = (await check?.(zone)) ?? [];
    if (faults.length > 0) return fault(faults);
    const life = this.#lives.get(origin.key);
    if (life === undefined) return fault([`there is no zone ${origin.toString()} any more`]);
    return life.exclusively(async () => {
      const { store } = this.#around;
      const durable = life.settings.durable && store !== undefined;
      if (durable) {
        const chunks = contentChunks(zone, life.newBreather());
        await store.writeSnapshot(origin, zone.serial, chunks, 'restart');
      }
      // Taken away while it was being written.
      if (this.#lives.get(origin.key) !== life)
        return fault([`there is no zone ${origin.toString()} any more`]);
      life.journal.restart(durable);
      life.put(zone);
      return ok(zone);
    });
  }

  expire(origin: DomainName): void {
    this.#lives.get(origin.key)?.expire();
  }

  revive(origin: DomainName): void {
    this.#lives.get(origin.key)?.revive();
  }

  async add({ origin, journalSize }: AddedZone): Promise<void> {
    if (this.#lives.has(origin.key)) return;
    const life = this.#begin({ origin, journalSize, file: false, durable: true });
    const kept = await this.#around.store?.findKeptZone(origin);
    for (const sentence of kept === undefined ? [] : await this.#load(life, kept))
      this.#around.log.error('what is kept of a zone can not be served', { reason: sentence });
  }

  async remove(origin: DomainName): Promise<void> {
    const life = this.#lives.get(origin.key);
    if (life === undefined) return;
    this.#lives.delete(origin.key);
    await life.exclusively(async () => {
      life.drop();
      await this.#around.store?.removeZone(origin);
    });
  }

  watch(listener: (event: ZoneEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** In slices, with the event loop free in between; soon after changes, and not after each. */
  #makeRoom(): void {
    if (this.#roomTimer !== undefined || this.#closed) return;
    const { clock, served } = this.#around;
    this.#roomTimer = clock.after(roomPauseMs, () => {
      this.#roomTimer = undefined;
      if (served.step(roomSliceMs, () => clock.monotonic())) this.#makeRoom();
    });
  }

  #begin(settings: ZoneSettings): ZoneLife {
    const life = new ZoneLife(settings, this.#around);
    this.#lives.set(settings.origin.key, life);
    this.#mostLabels = Math.max(this.#mostLabels, settings.origin.labelCount);
    return life;
  }

  /** Serves what is kept of a zone that no file has. Gives sentences about what is wrong with it. */
  async #load(life: ZoneLife, { origin, snapshot, changes }: KeptZone): Promise<readonly string[]> {
    const { store, newBuild } = this.#around;
    if (store === undefined || snapshot === undefined) return [];
    return life.exclusively(async () => {
      const zone = await readKeptContent(origin, snapshot.serial, store, newBuild, life.newBreather());
      if (!zone.ok) return zone.fault;
      life.journal.resume(changes?.octets ?? 0);
      life.put(zone.value);
      return [];
    });
  }
}
