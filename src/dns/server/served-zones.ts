// The zones that a server has from files: loaded at the start, and again when it is told to. Whoever keeps the served zones
// takes them.
import type { Log } from '../../lib/log.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import type { ZoneLoader, ZoneLoadOutcome, ZoneSource } from '../zone/zone-loader.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Zone } from '../zone/zone.ts';

/** What the keeper of zones does with a file that was read. */
export interface FileTaker {
  /** Serves the zone as its file and the changes since have it. The faults are sentences; what was served then still is. */
  takeFile(
    origin: DomainName,
    file: { readonly zone: Zone; readonly hash: string },
  ): Promise<Result<ZoneView, readonly string[]>>;
}

export interface ServedZonesOptions {
  readonly loader: ZoneLoader;
  readonly taker: FileTaker;
  readonly log: Log;
}

export interface ServedZone {
  readonly name: DomainName;
  /** How many records its files have. The records themselves are not kept: they would take as much memory as the zone does. */
  readonly records: number;
}

/** Warnings that one load tells of; of a hundred thousand zones each may have some. */
const mostTold = 100;

export class ServedZones {
  readonly #options: ServedZonesOptions;
  readonly #zones = new Map<string, ServedZone>();

  constructor(options: ServedZonesOptions) {
    this.#options = options;
  }

  /** Those that were loaded well at least once. */
  get zones(): readonly ServedZone[] {
    return [...this.#zones.values()];
  }

  /**
   * Reads those of the files that have changed, and serves each zone as soon as it is loaded. Gives what is wrong, texts of one or more lines:
   * a zone with faults goes on as it was, and the others go on without it. One that never was loaded has nothing to answer, which
   * is a server failure and no missing name.
   */
  async load(sources: readonly ZoneSource[]): Promise<readonly string[]> {
    const { loader, log } = this.#options;
    const faults: string[] = [];
    const taken: Promise<void>[] = [];
    let weaknesses = 0;
    await loader.load(sources, (source, outcome) => {
      taken.push(this.#take(source, outcome, faults));
      if (outcome.kind !== 'loaded') return;
      for (const warning of outcome.warnings)
        if (++weaknesses <= mostTold) log.warn('a zone has a weakness', { warning });
    });
    await Promise.all(taken);
    if (weaknesses > mostTold)
      log.warn("there are more weaknesses in zones: 'signpost zone check' tells all", {
        untold: weaknesses - mostTold,
      });
    return faults;
  }

  /** A zone that is no longer served. */
  forget(name: DomainName): void {
    this.#zones.delete(name.key);
    this.#options.loader.forget(name);
  }

  async #take(source: ZoneSource, outcome: ZoneLoadOutcome, faults: string[]): Promise<void> {
    const { loader, taker } = this.#options;
    if (outcome.kind === 'unchanged') return;
    if (outcome.kind === 'refused') {
      faults.push(...outcome.faults);
      return;
    }
    const { zone, records, hash } = outcome;
    const served = await taker.takeFile(source.name, { zone, hash });
    if (served.ok) {
      this.#zones.set(source.name.key, { name: source.name, records });
      return;
    }
    faults.push(...served.fault);
    // So that what is wrong is told again the next time.
    loader.forget(source.name);
  }
}
