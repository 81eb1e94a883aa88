// The zones of one server in shared memory, found by the names asked for, each in the version that is answered from and, while
// changes are on their way to the disk, in newer ones that aren't answered from yet. The main thread owns it; other threads answer from
// the same memory by `SharedZones`, and nothing here ever makes them wait.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { zoneEntry } from './image-layout.ts';
import { ImageFull, ImageWriter } from './image-writer.ts';
import { NameProbe } from './name-probe.ts';
import { SharedZones } from './shared-zones.ts';
import type { ZoneChange } from './zone-change.ts';
import { editZone, undoEdit } from './zone-edit.ts';
import { ZoneFaultList } from './zone-fault.ts';
import type { ZoneFault } from './zone-fault.ts';
import type { ZoneFinder } from './zone-finder.ts';
import type { ZoneImage } from './zone-image.ts';
import { ZoneIndex, zoneStatus } from './zone-index.ts';
import { ZoneMove } from './zone-move.ts';
import type { ZoneShare, ZoneShareChange } from './zone-share.ts';
import { Zone, openZone } from './zone.ts';

interface Prepared {
  readonly zone: Zone;
  readonly change: ZoneChange;
  readonly nodes: readonly number[];
}

interface Entry {
  readonly origin: DomainName;
  /** `undefined`: it never had content. */
  image: HeldImage | undefined;
  /** Where it stands in the image. */
  zone: number;
  published: Zone | undefined;
  withheld: boolean;
  /** Prepared and not yet published, oldest first. */
  prepared: Prepared[];
  move: ZoneMove | undefined;
}

interface HeldImage {
  readonly id: number;
  readonly image: ZoneImage;
  readonly writer: ImageWriter;
  /** Zones that are answered from it. */
  uses: number;
}

/** For all sets: a search is over before the next one starts. */
const probe = new NameProbe();
/** Zones: more are an index's work. */
const mostLookedThrough = 256;

export class ZoneSet implements ZoneFinder {
  readonly #entries = new Map<string, Entry>();
  readonly #images = new Map<ZoneImage, HeldImage>();
  #nextImage = 1;
  #index: ZoneIndex;
  readonly #shared: SharedZones;
  readonly #listeners = new Set<(change: ZoneShareChange) => void>();
  /** Zones that are being moved, or have to be. */
  readonly #crowded = new Set<Entry>();

  /** Of two zones with one origin the later one counts. */
  constructor(zones: Iterable<Zone> = []) {
    this.#index = ZoneIndex.create(16);
    this.#shared = new SharedZones({ index: this.#index.memory, images: [] });
    for (const zone of zones) this.put(zone);
  }

  /** Zones with content, withheld ones included. */
  get size(): number {
    let size = 0;
    for (const { image } of this.#entries.values()) if (image !== undefined) size += 1;
    return size;
  }

  /** How this thread answers from the zones. */
  get reader(): SharedZones {
    return this.#shared;
  }

  /** What another thread's `SharedZones` starts from; `onShareChange` tells of all that comes after. */
  share(): ZoneShare {
    const images = [...this.#images.values()].map(({ id, image }) => ({ id, memory: image.memory }));
    return { index: this.#index.memory, images };
  }

  /** `listener` must post each message to the other threads at once; returns how to stop. */
  onShareChange(listener: (change: ZoneShareChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether any zone's origin is that name or below it; it is said so, too, where there are too many zones to look through. */
  mayHaveWithin(name: DomainName): boolean {
    if (this.#entries.size > mostLookedThrough) return true;
    for (const { origin } of this.#entries.values()) if (origin.isAtOrBelow(name)) return true;
    return false;
  }

  /** All zones with content, by origin in canonical order. */
  zones(): readonly Zone[] {
    const zones = [...this.#entries.values()].flatMap((entry) => publishedOf(entry) ?? []);
    return zones.sort((a, b) => a.origin.compare(b.origin));
  }

  /** The version that is answered from, or would be if it weren't withheld. */
  get(origin: DomainName): Zone | undefined {
    const entry = this.#entries.get(origin.key);
    return entry === undefined ? undefined : publishedOf(entry);
  }

  /** Answers from this zone from now on, in place of one with the same origin and all that was prepared upon it. */
  put(zone: Zone): void {
    Atomics.store(zone.image.words, zone.entry + zoneEntry.version, zone.version);
    this.#place(zone.origin, zone.image, zone.entry).published = zone;
  }

  /** As `put`, for one of many zones of an image (`BuiltImage`): nothing is read of it before it is asked for. */
  putBuilt(origin: DomainName, image: ZoneImage, zone: number): void {
    this.#place(origin, image, zone);
  }

  #place(origin: DomainName, image: ZoneImage, zone: number): Entry {
    const entry = this.#entryOf(origin);
    const held = this.#hold(image);
    const before = entry.image;
    held.uses += 1;
    entry.image = held;
    entry.zone = zone;
    entry.published = undefined;
    entry.withheld = false;
    entry.prepared = [];
    this.#stopMove(entry);
    this.#point(entry);
    this.#release(before);
    return entry;
  }

  /** Questions about it get SERVFAIL from now on: it is ours, and its content, if it has any, must not be given out. */
  withhold(origin: DomainName): void {
    const entry = this.#entryOf(origin);
    entry.withheld = true;
    this.#point(entry);
  }

  /** Answers again from what was withheld; gives whether there is anything. */
  restore(origin: DomainName): boolean {
    const entry = this.#entries.get(origin.key);
    if (entry?.image === undefined) return false;
    entry.withheld = false;
    this.#point(entry);
    return true;
  }

  /** Gives whether there was such a zone. */
  delete(origin: DomainName): boolean {
    const entry = this.#entries.get(origin.key);
    if (entry === undefined) return false;
    this.#entries.delete(origin.key);
    this.#stopMove(entry);
    const { image } = entry;
    entry.image = undefined;
    this.#write(entry, zoneStatus.none);
    this.#release(image);
    return true;
  }

  /** The newest version, prepared or answered from. */
  newest(origin: DomainName): Zone | undefined {
    const entry = this.#entries.get(origin.key);
    return entry === undefined ? undefined : newestOf(entry);
  }

  /** Makes a version of the newest one. Nothing is answered from it before `publish`. The fault: it would be no zone any more. */
  prepare(origin: DomainName, change: ZoneChange): Result<Zone, readonly ZoneFault[]> {
    const entry = this.#entries.get(origin.key);
    if (entry?.image === undefined) {
      const faults = new ZoneFaultList();
      faults.add('error', `there is no zone ${origin.toString()}`);
      return fault(faults.list());
    }
    try {
      return this.#prepare(entry, entry.image, change);
    } catch (error) {
      if (!(error instanceof ImageFull)) throw error;
    }
    this.#moveAtOnce(entry, change);
    return this.#prepare(entry, entry.image, change);
  }

  #prepare(entry: Entry, held: HeldImage, change: ZoneChange): Result<Zone, readonly ZoneFault[]> {
    const base = newestOf(entry)?.version ?? 0;
    const edited = editZone(held.writer, entry.zone, base, change);
    if (!edited.ok) return edited;
    const zone = new Zone(held.image, entry.zone, base + 1);
    entry.prepared.push({ zone, change, nodes: edited.value });
    entry.move?.follow(change);
    if (held.writer.isCrowded) this.#crowded.add(entry);
    return ok(zone);
  }

  /** Answers from the prepared version with that serial from now on. */
  publish(origin: DomainName, serial: number): void {
    const entry = this.#entries.get(origin.key);
    if (entry?.image === undefined) return;
    const index = entry.prepared.findIndex(({ zone }) => zone.serial === serial);
    const zone = entry.prepared[index]?.zone;
    if (zone === undefined) return;
    Atomics.store(zone.image.words, entry.zone + zoneEntry.version, zone.version);
    entry.published = zone;
    entry.prepared.splice(0, index + 1);
  }

  /** Forgets what was prepared and not published. */
  abandon(origin: DomainName): void {
    const entry = this.#entries.get(origin.key);
    const zone = entry === undefined ? undefined : publishedOf(entry);
    if (entry === undefined || zone === undefined || entry.prepared.length === 0) return;
    for (const { nodes } of entry.prepared) undoEdit(zone.image, nodes, zone.version);
    entry.prepared = [];
    // What it has made again already would have to be taken back, too.
    if (entry.move !== undefined) {
      this.#stopMove(entry);
      this.#crowded.add(entry);
    }
  }

  /**
   * Makes room in images that are getting full, for so many milliseconds at most; gives whether there is more to do. To be called by a timer:
   * a zone whose image is full before that is moved at once, however long it takes. `now` is a monotonic clock, in milliseconds.
   */
  step(budgetMs: number, now: () => number): boolean {
    const end = now() + budgetMs;
    for (const entry of this.#crowded) {
      if (now() >= end) return true;
      try {
        if (!this.#moveOn(entry, () => now() < end)) return true;
      } catch (error) {
        if (!(error instanceof ImageFull)) throw error;
        entry.move = undefined;
        return true;
      }
    }
    return false;
  }

  /** The zone with the longest origin at or above `name`, or of those with at most so many labels. */
  enclosing(name: DomainName, mostLabels?: number): Zone | 'withheld' | undefined {
    return this.#shared.enclosing(name, mostLabels);
  }

  #moveOn(entry: Entry, hasTime: () => boolean): boolean {
    const published = publishedOf(entry);
    if (published === undefined) {
      this.#crowded.delete(entry);
      return true;
    }
    entry.move ??= new ZoneMove(
      published.image,
      published.entry,
      published.version,
      entry.prepared.map(({ change }) => change),
    );
    entry.move.resume();
    if (!entry.move.step(hasTime)) return false;
    this.#swap(entry, entry.move);
    return true;
  }

  /** To an image that has room for that change, too. */
  #moveAtOnce(entry: Entry, coming: ZoneChange): void {
    const published = publishedOf(entry);
    if (published === undefined) return;
    const changes = entry.prepared.map(({ change }) => change);
    const move = new ZoneMove(published.image, published.entry, published.version, changes, [coming]);
    move.finish();
    this.#swap(entry, move);
  }

  /** Answers from the copy from now on, at the version that is published. */
  #swap(entry: Entry, move: ZoneMove): void {
    const { writer, versions } = move;
    if (writer === undefined) return;
    const publishedVersion = 1 + versions.length - entry.prepared.length;
    writer.image.words[move.zone + zoneEntry.version] = publishedVersion;
    entry.prepared = entry.prepared.map(({ change }, index) => {
      const moved = versions[versions.length - entry.prepared.length + index];
      const version = moved?.version ?? publishedVersion;
      return { zone: new Zone(writer.image, move.zone, version), change, nodes: moved?.nodes ?? [] };
    });
    entry.move = undefined;
    this.#crowded.delete(entry);
    const before = entry.image;
    const held = this.#hold(writer.image);
    held.uses += 1;
    entry.image = held;
    entry.zone = move.zone;
    entry.published = undefined;
    this.#point(entry);
    this.#release(before);
  }

  #stopMove(entry: Entry): void {
    entry.move = undefined;
    this.#crowded.delete(entry);
  }

  #entryOf(origin: DomainName): Entry {
    const known = this.#entries.get(origin.key);
    if (known !== undefined) return known;
    const entry: Entry = {
      origin,
      image: undefined,
      zone: 0,
      published: undefined,
      withheld: false,
      prepared: [],
      move: undefined,
    };
    this.#entries.set(origin.key, entry);
    return entry;
  }

  #hold(image: ZoneImage): HeldImage {
    const known = this.#images.get(image);
    if (known !== undefined) return known;
    const held = { id: this.#nextImage++, image, writer: new ImageWriter(image), uses: 0 };
    this.#images.set(image, held);
    this.#tell({ kind: 'image', image: { id: held.id, memory: image.memory } });
    return held;
  }

  #release(held: HeldImage | undefined): void {
    if (held === undefined) return;
    held.uses -= 1;
    if (held.uses > 0) return;
    this.#images.delete(held.image);
    this.#tell({ kind: 'drop', id: held.id });
  }

  #point(entry: Entry): void {
    this.#write(entry, entry.withheld || entry.image === undefined ? zoneStatus.withheld : zoneStatus.served);
  }

  #write(entry: Entry, status: number): void {
    probe.read(entry.origin.wire, 0, entry.origin.wire.length);
    if (this.#index.put(probe, entry.image?.id ?? 0, entry.zone, status)) return;
    const before = this.#index;
    this.#index = ZoneIndex.create(Math.max(16, this.#entries.size * 2));
    for (const each of this.#entries.values()) {
      const withheld = each.withheld || each.image === undefined;
      probe.read(each.origin.wire, 0, each.origin.wire.length);
      this.#index.put(
        probe,
        each.image?.id ?? 0,
        each.zone,
        withheld ? zoneStatus.withheld : zoneStatus.served,
      );
    }
    this.#tell({ kind: 'index', index: this.#index.memory });
    before.markMoved();
  }

  #tell(change: ZoneShareChange): void {
    this.#shared.take(change);
    for (const listener of this.#listeners) listener(change);
  }
}

function publishedOf(entry: Entry): Zone | undefined {
  if (entry.image === undefined) return undefined;
  entry.published ??= openZone(entry.image.image, entry.zone);
  return entry.published;
}

function newestOf(entry: Entry): Zone | undefined {
  return entry.prepared.at(-1)?.zone ?? publishedOf(entry);
}
