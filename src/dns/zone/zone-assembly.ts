// From zone files to zones in an image: one large zone, or many small ones packed together. Reading files is the caller's.
import { fault, ok } from '../../lib/result.ts';
import type { Result } from '../../lib/result.ts';
import { DomainName } from '../wire/name.ts';
import { rrClass } from '../wire/codes.ts';
import { formatType } from '../wire/rdata/registry.ts';
import { rrType } from '../wire/rr-type.ts';
import { readZoneFile } from '../zonefile/zone-file-parser.ts';
import type { ZoneFileOptions, ZoneFileSource } from '../zonefile/zone-file-parser.ts';
import type { RawRecord, RecordSink } from '../zonefile/record-sink.ts';
import { placeFaults } from './fault-places.ts';
import type { ZoneProblem } from './fault-places.ts';
import { ImageBuilder } from './image-builder.ts';
import { recordFault } from './record-checks.ts';
import { checkZone } from './zone-checks.ts';
import { ZoneFaultList } from './zone-fault.ts';
import type { ZoneImage } from './zone-image.ts';
import { openZone } from './zone.ts';
import { verifyZonemdAtOnce } from './zonemd.ts';
import type { Zone } from './zone.ts';

export interface AssembledZone<Tag> {
  /** What the caller gave with the file. */
  readonly tag: Tag;
  readonly zone: Zone;
  /** How many the file has, duplicates included. */
  readonly records: number;
  readonly warnings: readonly ZoneProblem[];
}

export interface Assembled<Tag> {
  readonly image: ZoneImage;
  readonly zones: readonly AssembledZone<Tag>[];
  /** Zones whose records were read, and make no zone that can be served. At least one of a zone's problems is an error. */
  readonly refused: readonly { readonly tag: Tag; readonly problems: readonly ZoneProblem[] }[];
}

interface ReadZone<Tag> {
  readonly tag: Tag;
  readonly source: ZoneFileSource;
  readonly options: ZoneFileOptions;
  readonly records: number;
  readonly faults: ZoneFaultList;
}

/** Takes files until `finish`, once. `Tag` is whatever the caller knows a zone by. */
export class ZoneAssembly<Tag> {
  readonly #builder = new ImageBuilder();
  readonly #zones: ReadZone<Tag>[] = [];
  readonly #now: number | undefined;

  /** `now`: seconds since the epoch, for signatures; without it their times are not looked at. */
  constructor(now: number | undefined) {
    this.#now = now;
  }

  get zones(): number {
    return this.#zones.length;
  }

  /** Octets gathered, about what the image will take: for who packs small zones together. */
  get octets(): number {
    return this.#builder.octets;
  }

  /** Reads one zone; `options.origin` is its name. The fault is what is wrong with the file; then the zone is left out. */
  read(tag: Tag, source: ZoneFileSource, options: ZoneFileOptions): Result<void, readonly ZoneProblem[]> {
    const { origin } = options;
    this.#builder.reserve(source.text.length);
    this.#builder.addZone(origin);
    const sink = new ZoneSink(origin, this.#builder);
    const file = readZoneFile(source, options, sink);
    if (!file.ok) {
      this.#builder.dropZone();
      return fault(file.fault.map((at) => ({ severity: 'error', message: at.message, at })));
    }
    this.#zones.push({ tag, source, options, records: sink.records, faults: sink.faults });
    return ok(undefined);
  }

  finish(): Assembled<Tag> {
    const { image, zones: built, notes } = this.#builder.finish();
    const zones: AssembledZone<Tag>[] = [];
    const refused: { tag: Tag; problems: readonly ZoneProblem[] }[] = [];
    for (const [index, { tag, source, options, records, faults }] of this.#zones.entries()) {
      const entry = built[index]?.zone ?? 0;
      checkZone(
        image,
        entry,
        notes.filter(({ zone }) => zone === options.origin),
        this.#now,
        faults,
      );
      const opened = faults.hasErrors ? undefined : openZone(image, entry);
      if (opened !== undefined) checkDigest(opened, faults);
      const zone = faults.hasErrors ? undefined : opened;
      const problems = placeFaults(faults.list(), source, options);
      if (zone === undefined) refused.push({ tag, problems });
      else zones.push({ tag, zone, records, warnings: problems });
    }
    return { image, zones, refused };
  }
}

/** RFC 8976 §4: a zone that is not what it was when its digest was made is no zone to serve. */
function checkDigest(zone: Zone, faults: ZoneFaultList): void {
  const about = { owner: zone.origin, type: rrType.ZONEMD };
  const verdict = verifyZonemdAtOnce(zone);
  if (verdict.kind === 'wrong') faults.add('error', `${zone.origin.toString()}: ${verdict.reason}`, about);
  if (verdict.kind === 'unsupported')
    faults.add('warning', `${zone.origin.toString()}: ${verdict.reason}`, about);
}

/** Hands the builder what can be part of the zone. */
class ZoneSink implements RecordSink {
  readonly faults = new ZoneFaultList();
  records = 0;
  readonly #origin: DomainName;
  readonly #builder: ImageBuilder;

  constructor(origin: DomainName, builder: ImageBuilder) {
    this.#origin = origin;
    this.#builder = builder;
  }

  add(record: RawRecord): void {
    const { owner, ownerLength, sameOwner, type, ttl, rdata, rdataLength } = record;
    this.records += 1;
    const isOdd =
      record.class !== rrClass.IN || (type === rrType.SOA && ownerLength !== this.#origin.wire.length);
    if (isOdd || !this.#builder.addRecord(owner, ownerLength, sameOwner, type, ttl, rdata, rdataLength))
      this.#refuse(record);
  }

  #refuse({ owner: octets, ownerLength, type, class: recordClass }: RawRecord): void {
    const owner = DomainName.unchecked(octets.slice(0, ownerLength));
    const why = recordFault(this.#origin, owner, type, recordClass) ?? 'is no record of the zone';
    this.faults.add('error', `${owner.toString()} ${formatType(type)} ${why}`, { owner, type });
  }
}
