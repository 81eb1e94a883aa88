// Finds where the records that a zone is faulted for were written, by reading its file once more.
import { faultInFile } from '../zonefile/zone-file-fault.ts';
import type { ReadFile, ZoneFileFault } from '../zonefile/zone-file-fault.ts';
import { readZoneFile } from '../zonefile/zone-file-parser.ts';
import type { ZoneFileOptions, ZoneFileSource } from '../zonefile/zone-file-parser.ts';
import type { RawRecord, RecordSink } from '../zonefile/record-sink.ts';
import { DomainName } from '../wire/name.ts';
import { bytesToUtf8, utf8ToBytes } from '../../lib/bytes.ts';
import type { FaultyRecords, ZoneFault } from './zone-fault.ts';

/** A fault of the file's syntax or of the zone in it. */
export interface ZoneProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Where, if a place can be named; a zone without a SOA has none. */
  readonly at: ZoneFileFault | undefined;
}

/** Each fault with the place of the first of its records, if the file (still) has it. They come with all errors first, and so they go. */
export function placeFaults(
  faults: readonly ZoneFault[],
  source: ZoneFileSource,
  options: ZoneFileOptions,
): readonly ZoneProblem[] {
  const about = faults.flatMap((fault) => (fault.about === undefined ? [] : [fault.about]));
  const finder = new RecordFinder(about);
  const read = about.length === 0 ? undefined : readZoneFile(source, options, finder);
  const files = read?.ok === true ? read.value : [];
  const placed = faults.map(({ severity, message, about: records }) => ({
    severity,
    message,
    place: records === undefined ? undefined : finder.placeOf(records),
  }));
  // Those that have a place go where such a one stands, in the order of the file.
  const inOrder = placed.filter(({ place }) => place !== undefined).sort(byPlace);
  let next = 0;
  return placed.map((each) => {
    const { severity, message, place } = each.place === undefined ? each : (inOrder[next++] ?? each);
    const file = place === undefined ? undefined : files[place.file];
    return { severity, message, at: file && place && lineFault(file, place.line, place.at, message) };
  });
}

interface PlacedFault {
  readonly severity: ZoneFault['severity'];
  readonly place: Place | undefined;
}

/** Errors first. */
function byPlace(a: PlacedFault, b: PlacedFault): number {
  if (a.severity !== b.severity) return a.severity === 'error' ? -1 : 1;
  if (a.place === undefined || b.place === undefined) return 0;
  return a.place.file - b.place.file || a.place.line - b.place.line;
}

/** The rest of the record's line is shown as what is at fault. */
function lineFault(file: ReadFile, line: number, at: number, message: string): ZoneFileFault {
  const end = file.bytes.indexOf(0x0a, at);
  const rest = bytesToUtf8(file.bytes.subarray(at, end === -1 ? file.bytes.length : end)).trimEnd();
  // `faultInFile` counts octets.
  const length = utf8ToBytes(rest).length;
  return faultInFile(file, line, at, length, message);
}

interface Place {
  readonly file: number;
  readonly line: number;
  readonly at: number;
}

class RecordFinder implements RecordSink {
  readonly #types: ReadonlySet<number>;
  /** Wanted, and found. */
  readonly #places: Map<string, Place | undefined>;

  constructor(wanted: readonly FaultyRecords[]) {
    this.#types = new Set(wanted.map(({ type }) => type));
    this.#places = new Map(wanted.map((each) => [keyOf(each), undefined]));
  }

  placeOf(records: FaultyRecords): Place | undefined {
    return this.#places.get(keyOf(records));
  }

  add(record: RawRecord): void {
    if (!this.#types.has(record.type)) return;
    const owner = DomainName.unchecked(record.owner.subarray(0, record.ownerLength));
    const key = keyOf({ owner, type: record.type });
    if (!this.#places.has(key) || this.#places.get(key) !== undefined) return;
    const { file, line, at } = record;
    this.#places.set(key, { file, line, at });
  }
}

function keyOf({ owner, type }: FaultyRecords): string {
  return `${type} ${owner.key}`;
}
