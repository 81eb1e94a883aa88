// The zones that a server serves, as they stand in its files: loaded at the start, and again when it is told to.
import type { Log } from '../../lib/log.ts';
import type { Authority } from '../authority/authority.ts';
import type { ZoneSource } from '../zone/zone-loader.ts';
import type { Zone } from '../zone/zone.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { loadZone } from './zone-files.ts';

export interface ServedZone {
  readonly zone: Zone;
  /** How many records its files have. The records themselves are not kept: they would take as much memory as the zone does. */
  readonly records: number;
}

export class ServedZones {
  readonly #sources: readonly ZoneSource[];
  readonly #authority: Authority;
  readonly #log: Log;
  #zones: ReadonlyMap<string, ServedZone> = new Map();

  constructor(sources: readonly ZoneSource[], authority: Authority, log: Log) {
    this.#sources = sources;
    this.#authority = authority;
    this.#log = log;
  }

  get zones(): readonly ServedZone[] {
    return [...this.#zones.values()];
  }

  /**
   * Reads all files, and swaps what is served in one step. A zone with faults is told of (texts of one or more lines), and
   * the one of that name that was there keeps serving.
   */
  load(): readonly string[] {
    const zones = new Map<string, ServedZone>();
    const faults: string[] = [];
    for (const source of this.#sources) {
      const loaded = loadZone(source);
      const { key } = source.name;
      if (loaded.ok) {
        const { zone, records, warnings } = loaded.value;
        zones.set(key, { zone, records: records.length });
        for (const warning of warnings) this.#log.warn('a zone has a weakness', { warning });
      } else {
        faults.push(...loaded.fault);
        const before = this.#zones.get(key);
        if (before !== undefined) zones.set(key, before);
      }
    }
    this.#zones = zones;
    this.#authority.replaceZones(new ZoneSet([...zones.values()].map(({ zone }) => zone)));
    return faults;
  }
}
