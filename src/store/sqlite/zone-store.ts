// The zones' part of the store. It is a part of `SqliteStore`, whose reader and writer it shares, and is closed with it.
import { encodeChange } from '../../dns/keeper/record-bytes.ts';
import type { DomainName } from '../../dns/wire/name.ts';
import { soa } from '../../dns/wire/rdata/soa.ts';
import { readRdata } from '../../dns/wire/rdata/record-type.ts';
import type { ResourceRecord } from '../../dns/wire/record.ts';
import type { ZoneChange } from '../../dns/zone/zone-change.ts';
import type { KeptZone, ZoneState, ZoneStore } from '../../dns/zone/zone-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { GroupWriter } from './group-writer.ts';
import type { Reader } from './reader.ts';
import type { WriteValue } from './write-request.ts';
import { ZoneReader, zoneKey } from './zone-reader.ts';

export class SqliteZoneStore implements ZoneStore {
  readonly #writer: GroupWriter;
  readonly #reader: ZoneReader;
  #sweeping = false;

  constructor(writer: GroupWriter, reader: Reader) {
    this.#writer = writer;
    this.#reader = new ZoneReader(reader);
  }

  async listKeptZones(): Promise<readonly KeptZone[]> {
    return this.#reader.list();
  }

  async findKeptZone(origin: DomainName): Promise<KeptZone | undefined> {
    return this.#reader.find(origin);
  }

  readSnapshot(origin: DomainName): AsyncIterable<Uint8Array> {
    return this.#reader.readSnapshot(origin);
  }

  async writeSnapshot(
    origin: DomainName,
    serial: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    changes: 'keep' | 'restart',
  ): Promise<void> {
    const snapshot = idOf(await this.#writer.submit({ kind: 'beginSnapshot' }));
    let ended = false;
    try {
      let number = 0;
      let total = 0;
      for await (const chunk of chunks) {
        total += chunk.length;
        const request = { kind: 'addChunk', snapshot, number: number++, octets: chunk.length } as const;
        // One at a time: others' requests get their turn in between.
        await this.#writer.submit(request, [chunk]);
      }
      const zone = zoneKey(origin);
      const restart = changes === 'restart';
      await this.#writer.submit({ kind: 'endSnapshot', zone, snapshot, serial, total, restart });
      ended = true;
    } finally {
      if (!ended) void this.#drop(snapshot);
      this.sweep();
    }
  }

  async startJournal(origin: DomainName, serial: number): Promise<void> {
    await this.#writer.submit({ kind: 'startJournal', zone: zoneKey(origin), serial });
    this.sweep();
  }

  async appendChange(origin: DomainName, change: ZoneChange): Promise<void> {
    const bytes = encodeChange(change);
    const [from, to] = [serialOf(change.from), serialOf(change.to)];
    await this.#writer.submit(
      { kind: 'appendChange', zone: zoneKey(origin), from, to, octets: bytes.length },
      [bytes],
    );
  }

  async readChanges(
    origin: DomainName,
    fromSerial: number,
    enoughOctets?: number,
  ): Promise<readonly ZoneChange[] | undefined> {
    return this.#reader.readChanges(origin, fromSerial, enoughOctets);
  }

  /** In pieces: a piece is what one request drops. */
  async trimChanges(origin: DomainName, mostOctets: number): Promise<number> {
    const zone = zoneKey(origin);
    for (let dropped = 0; ;) {
      const more = countOf(await this.#writer.submit({ kind: 'trimChanges', zone, mostOctets }));
      dropped += more;
      if (more === 0) return dropped;
    }
  }

  async saveState(origin: DomainName, state: ZoneState): Promise<void> {
    await this.#writer.submit({ kind: 'saveZoneState', zone: zoneKey(origin), state: JSON.stringify(state) });
  }

  async removeZone(origin: DomainName): Promise<void> {
    await this.#writer.submit({ kind: 'removeZone', zone: zoneKey(origin) });
    this.sweep();
  }

  /** Deletes what nothing refers to any more, a little at a time; at the start, too, for what a killed process left. */
  sweep(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    void this.#sweep().finally(() => (this.#sweeping = false));
  }

  async #sweep(): Promise<void> {
    await this.#unlessClosed(async () => {
      for (let count = 1; count > 0;) count = countOf(await this.#writer.submit({ kind: 'sweepSnapshots' }));
    });
  }

  #drop(snapshot: number): Promise<void> {
    return this.#unlessClosed(
      async () => void (await this.#writer.submit({ kind: 'dropSnapshot', snapshot })),
    );
  }

  /** The store may be closed, or its disk full: there is another time for tidying, and nobody waits for it. */
  async #unlessClosed(tidy: () => Promise<void>): Promise<void> {
    try {
      await tidy();
    } catch (error) {
      if (!(error instanceof StoreFault)) throw error;
    }
  }
}

function serialOf(record: ResourceRecord): number {
  const data = readRdata(soa, record.rdata);
  if (data === undefined) throw new StoreFault('broken', 'a change without a SOA record on either side');
  return data.serial;
}

function idOf(value: WriteValue): number {
  if (value.kind !== 'id') throw new StoreFault('broken', `the writer gave ${value.kind} for an id`);
  return value.id;
}

function countOf(value: WriteValue): number {
  if (value.kind !== 'count') throw new StoreFault('broken', `the writer gave ${value.kind} for a count`);
  return value.count;
}
