// The zones of a server as one of its threads reads them: attached to the memory that `ZoneSet` writes on the main thread.
//
// A hot path: every query passes `find`, which makes no object and leaves its result in the fields.
import { openZone } from './zone.ts';
import type { Zone } from './zone.ts';
import type { DomainName } from '../wire/name.ts';
import { NameProbe } from './name-probe.ts';
import { ZoneImage } from './zone-image.ts';
import { ZoneIndex, zoneStatus } from './zone-index.ts';
import type { ZoneFinder } from './zone-finder.ts';
import type { ZoneShare, ZoneShareChange } from './zone-share.ts';

export class SharedZones implements ZoneFinder {
  #index: ZoneIndex;
  readonly #images: (ZoneImage | undefined)[] = [];
  readonly #ask: () => void;
  readonly #probe = new NameProbe();
  /** What `find` found, until it is let go. */
  image: ZoneImage;
  zone = 0;
  version = 0;
  #letGo = 0;

  /**
   * `ask` is called where memory is met that no message has told of yet: it must hand all messages that have come to `take` before it
   * returns. They are there, because the owner posts them before anything points to what they bring.
   */
  constructor(share: ZoneShare, ask: () => void = () => undefined) {
    this.#index = new ZoneIndex(share.index);
    for (const { id, memory } of share.images) this.#images[id] = new ZoneImage(memory);
    this.#ask = ask;
    this.image = noImage;
  }

  get reader(): SharedZones {
    return this;
  }

  /** Octets of all the memory that was let go since the start. V8 doesn't count them: see `SharedGarbage`. */
  get letGo(): number {
    return this.#letGo;
  }

  /** Takes one message of the owner; they must be taken in their order. */
  take(change: ZoneShareChange): void {
    switch (change.kind) {
      case 'image':
        this.#images[change.image.id] = new ZoneImage(change.image.memory);
        break;
      case 'drop': {
        const image = this.#images[change.id];
        this.#images[change.id] = undefined;
        if (image === undefined) break;
        if (image === this.image) this.image = noImage;
        this.#letGo += image.memory.byteLength;
        break;
      }
      case 'index':
        this.#letGo += this.#index.memory.byteLength;
        this.#index = new ZoneIndex(change.index);
        break;
    }
  }

  /**
   * Looks for the zone with the longest origin at or above the name that has at most so many labels, gives its `zoneStatus`, and where
   * it is served sets `image`, `zone` and `version`: all of an answer must come from that version.
   */
  find(probe: NameProbe, mostLabels: number): number {
    // The load by Atomics lets nothing that was stored before what it sees be missed.
    if (this.#index.hasMoved) this.#ask();
    const index = this.#index;
    const descriptor = index.find(probe, mostLabels);
    if (descriptor === 0) return zoneStatus.none;
    const status = index.status(descriptor);
    if (status !== zoneStatus.served) return status;
    const image = this.#images[index.image(descriptor)];
    if (image === undefined) return this.#findAfterMessages(probe, mostLabels);
    this.image = image;
    this.zone = index.zone(descriptor);
    this.version = image.version(this.zone);
    return status;
  }

  #findAfterMessages(probe: NameProbe, mostLabels: number): number {
    this.#ask();
    const descriptor = this.#index.find(probe, mostLabels);
    if (descriptor === 0) return zoneStatus.none;
    const image = this.#images[this.#index.image(descriptor)];
    if (image === undefined) return zoneStatus.withheld;
    this.image = image;
    this.zone = this.#index.zone(descriptor);
    this.version = image.version(this.zone);
    return this.#index.status(descriptor);
  }

  enclosing(name: DomainName, mostLabels = 127): Zone | 'withheld' | undefined {
    this.#probe.read(name.wire, 0, name.wire.length);
    switch (this.find(this.#probe, mostLabels)) {
      case zoneStatus.none:
        return undefined;
      case zoneStatus.withheld:
        return 'withheld';
      default:
        return openZone(this.image, this.zone, this.version) ?? 'withheld';
    }
  }
}

/** In place of none: nothing must be held on to that has been let go. */
export const noImage: ZoneImage = new ZoneImage(new SharedArrayBuffer(64));
