// Reads zones from zone files. What a file may `$INCLUDE` must lie in the zone file's own folder or below it, so that a zone
// file from elsewhere can't show the server's other files to the world.
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { formatZoneProblem, loadZone as loadZoneText } from '../zone/load-zone.ts';
import type { ZoneSource } from '../zone/zone-loader.ts';
import type { Zone } from '../zone/zone.ts';
import type { ZoneFileSource, ZoneRecord } from '../zonefile/zone-file-parser.ts';

export interface LoadedZone {
  readonly zone: Zone;
  /** In the order of the file. */
  readonly records: readonly ZoneRecord[];
  /** Each a text of one or more lines, for people. */
  readonly warnings: readonly string[];
}

/** Reads, checks and builds one zone. The faults are texts of one or more lines, with places and carets. */
export function loadZone(source: ZoneSource): Result<LoadedZone, readonly string[]> {
  const top = readSource(source.file);
  if (!top.ok) return fault([`zone ${source.name.toString()}: ${top.fault}`]);
  const loaded = loadZoneText(top.value, {
    origin: source.name,
    include: (path, from) => readIncluded(path, from, dirname(source.file)),
  });
  if (!loaded.ok) return fault(loaded.fault.map(formatZoneProblem));
  const { zone, records, warnings } = loaded.value;
  return ok({ zone, records, warnings: warnings.map(formatZoneProblem) });
}

function readIncluded(path: string, from: string, folder: string): Result<ZoneFileSource> {
  const file = resolve(dirname(from), path);
  try {
    // Links are followed first: one in the folder could point out of it.
    if (!realpathSync(file).startsWith(realpathSync(folder) + sep)) {
      return fault(`'${path}' is outside of ${folder}, where the zone file is`);
    }
  } catch (error) {
    return fault(readError(file, error));
  }
  return readSource(file);
}

function readSource(file: string): Result<ZoneFileSource> {
  try {
    return ok({ name: file, text: readFileSync(file) });
  } catch (error) {
    return fault(readError(file, error));
  }
}

function readError(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no file ${file}`;
  if (code === 'EACCES') return `${file} may not be read by this user`;
  if (code === 'EISDIR') return `${file} is a folder`;
  return `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`;
}
