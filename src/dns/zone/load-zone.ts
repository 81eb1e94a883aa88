// From a zone file to a zone, with everything that is wrong in the form that people see: file, line, column, the line
// itself, a caret. Reading files is the caller's: `include` hands over what $INCLUDE names.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { formatZoneFileFault } from '../zonefile/zone-file-fault.ts';
import { parseZoneFile } from '../zonefile/zone-file-parser.ts';
import type { ZoneFileSource, ZoneRecord } from '../zonefile/zone-file-parser.ts';
import { placeFaults } from './fault-places.ts';
import type { ZoneProblem } from './fault-places.ts';
import { buildZone } from './zone-builder.ts';
import type { Zone } from './zone.ts';

export interface LoadZoneOptions {
  /** The zone's name, and what relative names in the file are below. */
  readonly origin: DomainName;
  /** As `ZoneFileOptions.include`. */
  readonly include?: (path: string, from: string) => Result<ZoneFileSource>;
  readonly defaultTtl?: number;
}

export interface LoadedZone {
  readonly zone: Zone;
  /** As the file has them, in its order. */
  readonly records: readonly ZoneRecord[];
  readonly warnings: readonly ZoneProblem[];
}

/** The whole way from text to zone. On refusal there is at least one error; warnings found until then come too. */
export function loadZone(
  source: ZoneFileSource,
  options: LoadZoneOptions,
): Result<LoadedZone, readonly ZoneProblem[]> {
  const file = parseZoneFile(source, options);
  if (!file.ok) return fault(file.fault.map((at) => ({ severity: 'error', message: at.message, at })));
  const { records } = file.value;
  const built = buildZone(options.origin, records);
  if (!built.ok) return fault(placeFaults(built.fault, source, options));
  const { zone, warnings } = built.value;
  return ok({ zone, records, warnings: placeFaults(warnings, source, options) });
}

/** `zones/a.zone:3:7: warning: …`, the line, the caret; or `warning: …` alone. */
export function formatZoneProblem(problem: ZoneProblem): string {
  const message = `${problem.severity}: ${problem.message}`;
  return problem.at === undefined ? message : formatZoneFileFault({ ...problem.at, message });
}
