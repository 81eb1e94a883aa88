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

/** Each fault with the place of the first of its records, if the file (still) has it. */
export function placeFaults(
  faults: readonly ZoneFault[],
  source: ZoneFileSource,
  options: ZoneFileOptions,
): readonly ZoneProblem[] {
  const about = faults.flatMap((fault) => (fault.about === undefined ? [] : [fault.about]));
  const finder = new RecordFinder(about);
  const read = about.length === 0 ? undefined : readZoneFile(source, options, finder);
  const files = read?.ok === true ? read.value : [];
  return faults.map(({ severity, message, about: records }) => {
    const found = records === undefined ? undefined : finder.placeOf(records);
    const file = found === undefined ? undefined : files[found.file];
    return { severity, message, at: file && found && lineFault(file, found.line, found.at, message) };
  });
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
