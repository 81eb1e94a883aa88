// Loads zones from their files into images, many small zones to one. Works through its jobs at once: it runs in a loader thread, or
// where there is little to load in whichever thread it is called in.
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { dirname } from 'node:path';
import { ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { formatZoneProblem } from '../zone/load-zone.ts';
import { ZoneAssembly } from '../zone/zone-assembly.ts';
import type { ZoneFileSource } from '../zonefile/zone-file-parser.ts';
import { DomainName } from '../wire/name.ts';
import { isUnchanged, readIncluded, readStamped } from './zone-files.ts';
import type { FileStamp } from './zone-files.ts';

export interface ZoneJob {
  /** What the outcome names it by. */
  readonly id: number;
  /** The zone's name in wire form. */
  readonly origin: Uint8Array;
  readonly file: string;
  /** Of all files that were read when it was loaded last; empty: it wasn't. */
  readonly stamps: readonly FileStamp[];
}

/** Can be cloned to another thread, which shares the image. */
export type BatchOutcome =
  | { readonly kind: 'image'; readonly memory: SharedArrayBuffer; readonly zones: readonly BatchedZone[] }
  | { readonly kind: 'unchanged'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly faults: readonly string[] };

export interface BatchedZone {
  readonly id: number;
  /** Where it stands in the image. */
  readonly entry: number;
  readonly records: number;
  readonly warnings: readonly string[];
  readonly hash: string;
  readonly stamps: readonly FileStamp[];
}

/** Octets that are gathered before an image is made of them. Zones that are larger have one of their own. */
const packedOctets = 4 * 2 ** 20;

/** Tells an outcome for each job, in no order that means anything. `now`: seconds since the epoch. */
export function loadBatch(
  jobs: readonly ZoneJob[],
  now: number,
  tell: (outcome: BatchOutcome) => void,
): void {
  let pack = new Pack(now, tell);
  for (const job of jobs) {
    if (job.stamps.length > 0 && isUnchanged(job.stamps)) {
      tell({ kind: 'unchanged', id: job.id });
      continue;
    }
    const origin = DomainName.unchecked(job.origin);
    const reading = new FileReading(job);
    const top = reading.top(job.file);
    if (!top.ok) {
      tell({ kind: 'refused', id: job.id, faults: [`zone ${origin.toString()}: ${top.fault}`] });
      continue;
    }
    if (pack.zones > 0 && pack.octets + top.value.text.length > packedOctets) {
      pack.finish();
      pack = new Pack(now, tell);
    }
    pack.add(origin, top.value, reading);
  }
  pack.finish();
}

/** The files of one zone, as they are read. */
class FileReading {
  readonly id: number;
  readonly stamps: FileStamp[] = [];
  hash = '';
  readonly #digest: Hash = createHash('sha256');
  readonly #folder: string;
  #finished = false;

  constructor({ id, file }: ZoneJob) {
    this.id = id;
    this.#folder = dirname(file);
  }

  top(file: string): Result<ZoneFileSource> {
    return this.#note(readStamped(file));
  }

  included(path: string, from: string): Result<ZoneFileSource> {
    return this.#note(readIncluded(path, from, this.#folder));
  }

  /** Files may be read once more, to find where a fault stands: that counts for nothing. */
  finish(): void {
    this.#finished = true;
    this.hash = this.#digest.digest('hex');
  }

  #note(
    read: Result<{ readonly source: ZoneFileSource; readonly stamp: FileStamp }>,
  ): Result<ZoneFileSource> {
    if (!read.ok) return read;
    const { source, stamp } = read.value;
    if (!this.#finished) {
      this.stamps.push(stamp);
      this.#digest.update(source.text);
    }
    return ok(source);
  }
}

/** Zones that share an image. */
class Pack {
  readonly #assembly: ZoneAssembly<FileReading>;
  readonly #tell: (outcome: BatchOutcome) => void;

  constructor(now: number, tell: (outcome: BatchOutcome) => void) {
    this.#assembly = new ZoneAssembly(now);
    this.#tell = tell;
  }

  get zones(): number {
    return this.#assembly.zones;
  }

  get octets(): number {
    return this.#assembly.octets;
  }

  add(origin: DomainName, source: ZoneFileSource, reading: FileReading): void {
    const include = (path: string, from: string): Result<ZoneFileSource> => reading.included(path, from);
    const read = this.#assembly.read(reading, source, { origin, include });
    reading.finish();
    if (!read.ok) this.#tell({ kind: 'refused', id: reading.id, faults: read.fault.map(formatZoneProblem) });
  }

  finish(): void {
    if (this.zones === 0) return;
    const { image, zones, refused } = this.#assembly.finish();
    for (const { tag, problems } of refused)
      this.#tell({ kind: 'refused', id: tag.id, faults: problems.map(formatZoneProblem) });
    if (zones.length === 0) return;
    this.#tell({
      kind: 'image',
      memory: image.memory,
      zones: zones.map(({ tag: { id, hash, stamps }, zone, records, warnings }) => ({
        id,
        hash,
        stamps,
        entry: zone.entry,
        records,
        warnings: warnings.map(formatZoneProblem),
      })),
    });
  }
}
