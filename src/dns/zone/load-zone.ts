// From a zone file to a zone, with everything that is wrong in the form that people see: file, line, column, the line
// itself, a caret. Reading files is the caller's: `include` hands over what $INCLUDE names.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { bytesToUtf8, utf8ToBytes } from '../../lib/bytes.ts';
import { faultInFile, formatZoneFileFault } from '../zonefile/zone-file-fault.ts';
import type { ZoneFileFault } from '../zonefile/zone-file-fault.ts';
import { parseZoneFile } from '../zonefile/zone-file-parser.ts';
import type { ZoneFileSource, ZoneRecord } from '../zonefile/zone-file-parser.ts';
import { buildZone } from './zone-builder.ts';
import type { ZoneFault } from './zone-fault.ts';
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

/** A fault of the file's syntax or of the zone in it. */
export interface ZoneProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Where, if a place can be named; a zone without a SOA has none. */
  readonly at: ZoneFileFault | undefined;
}

/** The whole way from text to zone. On refusal there is at least one error; warnings found until then come too. */
export function loadZone(
  source: ZoneFileSource,
  options: LoadZoneOptions,
): Result<LoadedZone, readonly ZoneProblem[]> {
  const { origin, include, defaultTtl } = options;
  const texts = new Map([[source.name, source.text]]);
  const file = parseZoneFile(source, {
    origin,
    ...(defaultTtl === undefined ? {} : { defaultTtl }),
    ...(include === undefined
      ? {}
      : {
          include: (path: string, from: string) => {
            const included = include(path, from);
            if (included.ok) texts.set(included.value.name, included.value.text);
            return included;
          },
        }),
  });
  if (!file.ok) return fault(file.fault.map((at) => ({ severity: 'error', message: at.message, at })));
  const { records } = file.value;
  const built = buildZone(origin, records);
  const problemOf = (zoneFault: ZoneFault): ZoneProblem => locate(zoneFault, texts);
  return built.ok
    ? ok({ zone: built.value.zone, records, warnings: built.value.warnings.map(problemOf) })
    : fault(built.fault.map(problemOf));
}

/** `zones/a.zone:3:7: warning: …`, the line, the caret; or `warning: …` alone. */
export function formatZoneProblem(problem: ZoneProblem): string {
  const message = `${problem.severity}: ${problem.message}`;
  return problem.at === undefined ? message : formatZoneFileFault({ ...problem.at, message });
}

function locate(
  { severity, message, place }: ZoneFault,
  texts: ReadonlyMap<string, ZoneFileSource['text']>,
): ZoneProblem {
  if (place === undefined) return { severity, message, at: undefined };
  const text = texts.get(place.file) ?? '';
  const bytes = typeof text === 'string' ? utf8ToBytes(text) : text;
  let start = 0;
  for (let line = 1; line < place.line; line++) start = bytes.indexOf(0x0a, start) + 1;
  const end = bytes.indexOf(0x0a, start);
  const at = start + place.column - 1;
  const length = bytesToUtf8(bytes.subarray(at, end === -1 ? bytes.length : end)).trimEnd().length;
  return {
    severity,
    message,
    at: faultInFile({ name: place.file, bytes }, place.line, at, Math.max(1, length), message),
  };
}
