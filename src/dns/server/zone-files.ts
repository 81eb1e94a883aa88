// Reads zone files, and knows them again. What a file may `$INCLUDE` must lie in the zone file's own folder or below it, so that a
// zone file from elsewhere can't show the server's other files to the world.
import { closeSync, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import type { ZoneFileSource } from '../zonefile/zone-file-parser.ts';

/** By which a file is known to be the one that was read. */
export interface FileStamp {
  readonly file: string;
  /** Size, time of its last change, and number: an editor may write a new file of the same size within a tick of the clock. */
  readonly stamp: string;
}

export interface StampedFile {
  readonly source: ZoneFileSource;
  readonly stamp: FileStamp;
}

export function readStamped(file: string): Result<StampedFile> {
  try {
    const descriptor = openSync(file, 'r');
    try {
      // Before it is read: what changes later than this is seen the next time.
      const stamp = { file, stamp: stampOf(fstatSync(descriptor, { bigint: true })) };
      return ok({ source: { name: file, text: readFileSync(descriptor) }, stamp });
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return fault(readError(file, error));
  }
}

/** What `$INCLUDE path` in the file `from` names. `folder` is that of the zone file. */
export function readIncluded(path: string, from: string, folder: string): Result<StampedFile> {
  const file = resolve(dirname(from), path);
  try {
    // Links are followed first: one in the folder could point out of it.
    if (!realpathSync(file).startsWith(realpathSync(folder) + sep)) {
      return fault(`'${path}' is outside of ${folder}, where the zone file is`);
    }
  } catch (error) {
    return fault(readError(file, error));
  }
  return readStamped(file);
}

/** Whether all of these files are still the ones that were read. */
export function isUnchanged(stamps: readonly FileStamp[]): boolean {
  return stamps.every(({ file, stamp }) => stampOfFile(file) === stamp);
}

/** The stamp of a file as it is now, or `undefined` where there is none to be seen. */
export function stampOfFile(file: string): string | undefined {
  try {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    return stats && stampOf(stats);
  } catch {
    // A folder above it that may not be read, say.
    return undefined;
  }
}

function stampOf({ size, mtimeNs, ino, ctimeNs }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}

function readError(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no file ${file}`;
  if (code === 'EACCES') return `${file} may not be read by this user`;
  if (code === 'EISDIR') return `${file} is a folder`;
  return `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`;
}
