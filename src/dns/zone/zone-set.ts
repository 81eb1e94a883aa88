// The zones of one server, found by the names asked for. Immutable: a reload makes a new one.
import type { DomainName } from '../wire/name.ts';
import type { Zone } from './zone.ts';

export class ZoneSet {
  readonly #zones = new Map<string, Zone>();
  /** The least and the most labels that an origin has: no other ancestor of a name needs a look. */
  readonly #fewestLabels: number;
  readonly #mostLabels: number;

  /** Of two zones with one origin the later one counts. */
  constructor(zones: Iterable<Zone> = []) {
    for (const zone of zones) this.#zones.set(zone.origin.key, zone);
    const counts = [...this.#zones.values()].map((zone) => zone.origin.labelCount);
    this.#fewestLabels = Math.min(...counts);
    this.#mostLabels = Math.max(...counts);
  }

  get size(): number {
    return this.#zones.size;
  }

  /** All zones, by origin in canonical order. */
  zones(): readonly Zone[] {
    return [...this.#zones.values()].sort((a, b) => a.origin.compare(b.origin));
  }

  get(origin: DomainName): Zone | undefined {
    return this.#zones.get(origin.key);
  }

  /** The zone with the longest origin at or above `name` (RFC 1034 §4.3.2, step 2). */
  enclosing(name: DomainName): Zone | undefined {
    return this.#enclosing(name.key, name.labelCount, this.#mostLabels);
  }

  /** The zone that would hold the delegation of `zone`: the longest one above its origin. */
  parent(zone: Zone): Zone | undefined {
    const labels = zone.origin.labelCount;
    return this.#enclosing(zone.origin.key, labels, labels - 1);
  }

  /** The longest origin with at most `most` labels. */
  #enclosing(key: string, labelCount: number, most: number): Zone | undefined {
    let labels = labelCount;
    for (let at = 0; labels >= this.#fewestLabels; at += key.charCodeAt(at) + 1, labels--) {
      if (labels > most) continue;
      const zone = this.#zones.get(at === 0 ? key : key.slice(at));
      if (zone !== undefined) return zone;
      if (labels === 0) return undefined;
    }
    return undefined;
  }
}
