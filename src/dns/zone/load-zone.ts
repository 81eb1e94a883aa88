// From a zone file to a zone, with everything that is wrong in the form that people see: file, line, column, the line
// itself, a caret. Reading files is the caller's: `include` hands over what $INCLUDE names.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { formatZoneFileFault } from '../zonefile/zone-file-fault.ts';
import type { ZoneFileSource } from '../zonefile/zone-file-parser.ts';
import type { ZoneProblem } from './fault-places.ts';
import { ZoneAssembly } from './zone-assembly.ts';
import type { Zone } from './zone.ts';

export interface LoadZoneOptions {
  /** The zone's name, and what relative names in the file are below. */
  readonly origin: DomainName;
  /** As `ZoneFileOptions.include`. */
  readonly include?: (path: string, from: string) => Result<ZoneFileSource>;
  readonly defaultTtl?: number;
  /** Seconds since the epoch, for signatures; without it their times are not looked at. */
  readonly now?: number;
}

export interface LoadedZone {
  readonly zone: Zone;
  /** How many the file has, duplicates included. */
  readonly records: number;
  readonly warnings: readonly ZoneProblem[];
}

/** The whole way from text to zone. On refusal there is at least one error; warnings found until then come too. */
export function loadZone(
  source: ZoneFileSource,
  options: LoadZoneOptions,
): Result<LoadedZone, readonly ZoneProblem[]> {
  const assembly = new ZoneAssembly<undefined>(options.now);
  const read = assembly.read(undefined, source, options);
  if (!read.ok) return read;
  const { zones, refused } = assembly.finish();
  const [loaded] = zones;
  return loaded === undefined ? fault(refused[0]?.problems ?? []) : ok(loaded);
}

/** `zones/a.zone:3:7: warning: …`, the line, the caret; or `warning: …` alone. */
export function formatZoneProblem(problem: ZoneProblem): string {
  const message = `${problem.severity}: ${problem.message}`;
  return problem.at === undefined ? message : formatZoneFileFault({ ...problem.at, message });
}
