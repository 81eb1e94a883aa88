// The zones that a server serves, as they stand in its files: loaded at the start, and again when it is told to.
import type { Log } from '../../lib/log.ts';
import type { Authority } from '../authority/authority.ts';
import { ZoneSet } from '../zone/zone-set.ts';
import { loadZone } from './zone-files.ts';
import type { LoadedZone, ZoneSource } from './zone-files.ts';

export class ServedZones {
  readonly #sources: readonly ZoneSource[];
  readonly #authority: Authority;
  readonly #log: Log;
  #zones: ReadonlyMap<string, LoadedZone> = new Map();

  constructor(sources: readonly ZoneSource[], authority: Authority, log: Log) {
    this.#sources = sources;
    this.#authority = authority;
    this.#log = log;
  }

  get zones(): readonly LoadedZone[] {
    return [...this.#zones.values()];
  }

  /**
   * Reads all files, and swaps what is served in one step. A zone with faults is told of (texts of one or more lines), and
   * the one of that name that was there keeps serving.
   */
  load(): readonly string[] {
    const zones = new Map<string, LoadedZone>();
    const faults: string[] = [];
    for (const source of this.#sources) {
      const loaded = loadZone(source);
      if (loaded.ok) {
        for (const warning of loaded.value.warnings) this.#log.warn('a zone has a weakness', { warning });
      } else {
        faults.push(...loaded.fault);
      }
      const zone = loaded.ok ? loaded.value : this.#zones.get(source.name.key);
      if (zone !== undefined) zones.set(source.name.key, zone);
    }
    this.#zones = zones;
    this.#authority.replaceZones(new ZoneSet([...zones.values()].map(({ zone }) => zone)));
    return faults;
  }
}
