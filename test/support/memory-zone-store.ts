// A store of zones in memory, for tests above it. It can be made to fail as a full disk does.
import { changeLength, decodeChange, encodeChange } from '../../src/dns/keeper/record-bytes.ts';
import type { DomainName } from '../../src/dns/wire/name.ts';
import { readRdata } from '../../src/dns/wire/rdata/record-type.ts';
import { soa } from '../../src/dns/wire/rdata/soa.ts';
import type { ResourceRecord } from '../../src/dns/wire/record.ts';
import type { ZoneChange } from '../../src/dns/zone/zone-change.ts';
import type { KeptZone, ZoneState, ZoneStore } from '../../src/dns/zone/zone-store.ts';
import { StoreFault } from '../../src/mailbox/message.ts';

interface Kept {
  readonly origin: DomainName;
  snapshot: { readonly serial: number; readonly chunks: readonly Uint8Array[] } | undefined;
  journal: { from: number; changes: { from: number; to: number; bytes: Uint8Array }[] } | undefined;
  state: ZoneState;
}

export class MemoryZoneStore implements ZoneStore {
  readonly #zones = new Map<string, Kept>();
  /** While it gives a fault, nothing can be written. */
  fails: (() => StoreFault | undefined) | undefined;
  /** Resolves when writes may go on; for tests that look at what is under way. */
  gate: Promise<void> | undefined;

  async listKeptZones(): Promise<readonly KeptZone[]> {
    return [...this.#zones.values()].map(keptZone);
  }

  async findKeptZone(origin: DomainName): Promise<KeptZone | undefined> {
    const kept = this.#zones.get(origin.key);
    return kept === undefined ? undefined : keptZone(kept);
  }

  async *readSnapshot(origin: DomainName): AsyncGenerator<Uint8Array, void, undefined> {
    for (const chunk of this.#zones.get(origin.key)?.snapshot?.chunks ?? []) yield chunk.slice();
  }

  async writeSnapshot(
    origin: DomainName,
    serial: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    changes: 'keep' | 'restart',
  ): Promise<void> {
    const copies: Uint8Array[] = [];
    for await (const chunk of chunks) copies.push(chunk.slice());
    await this.#write(() => {
      const kept = this.#kept(origin);
      if (changes === 'restart') kept.journal = { from: serial, changes: [] };
      else if (
        kept.journal?.from !== serial &&
        kept.journal?.changes.every(({ to }) => to !== serial) !== false
      )
        throw new StoreFault('broken', `the journal doesn't lead to ${serial}`);
      kept.snapshot = { serial, chunks: copies };
    });
  }

  async startJournal(origin: DomainName, serial: number): Promise<void> {
    await this.#write(() => {
      const kept = this.#kept(origin);
      kept.snapshot = undefined;
      kept.journal = { from: serial, changes: [] };
    });
  }

  async appendChange(origin: DomainName, change: ZoneChange): Promise<void> {
    const [from, to, bytes] = [serialOf(change.from), serialOf(change.to), encodeChange(change)];
    await this.#write(() => {
      const journal = this.#zones.get(origin.key)?.journal;
      const last = journal?.changes.at(-1)?.to ?? journal?.from;
      if (journal === undefined || last !== from)
        throw new StoreFault('broken', `no change from ${from} can follow ${last ?? 'nothing'}`);
      journal.changes.push({ from, to, bytes });
    });
  }

  async readChanges(
    origin: DomainName,
    fromSerial: number,
    enoughOctets?: number,
  ): Promise<readonly ZoneChange[] | undefined> {
    const journal = this.#zones.get(origin.key)?.journal;
    if (journal === undefined) return undefined;
    if ((journal.changes.at(-1)?.to ?? journal.from) === fromSerial) return [];
    const first = journal.changes.findLastIndex(({ from }) => from === fromSerial);
    if (first < 0) return undefined;
    const changes: ZoneChange[] = [];
    let octets = 0;
    for (const { bytes } of journal.changes.slice(first)) {
      if (octets >= (enoughOctets ?? Number.POSITIVE_INFINITY)) break;
      changes.push(decoded(bytes));
      octets += bytes.length;
    }
    return changes;
  }

  async trimChanges(origin: DomainName, mostOctets: number): Promise<number> {
    let dropped = 0;
    await this.#write(() => {
      const { journal, snapshot } = this.#zones.get(origin.key) ?? {};
      if (journal === undefined || snapshot === undefined) return;
      while (octetsOf(journal.changes) > mostOctets && journal.from !== snapshot.serial) {
        journal.from = journal.changes.shift()?.to ?? journal.from;
        dropped += 1;
      }
    });
    return dropped;
  }

  async saveState(origin: DomainName, state: ZoneState): Promise<void> {
    await this.#write(() => void (this.#kept(origin).state = state));
  }

  async removeZone(origin: DomainName): Promise<void> {
    await this.#write(() => void this.#zones.delete(origin.key));
  }

  /** As a commit does: not at once, and all that wait in their order. */
  async #write(work: () => void): Promise<void> {
    await this.gate;
    const failure = this.fails?.();
    if (failure !== undefined) throw failure;
    work();
  }

  #kept(origin: DomainName): Kept {
    const known = this.#zones.get(origin.key);
    if (known !== undefined) return known;
    const made: Kept = { origin: origin.lowerCase(), snapshot: undefined, journal: undefined, state: {} };
    this.#zones.set(origin.key, made);
    return made;
  }
}

function keptZone({ origin, snapshot, journal, state }: Kept): KeptZone {
  return {
    origin,
    snapshot:
      snapshot === undefined
        ? undefined
        : {
            serial: snapshot.serial,
            octets: snapshot.chunks.reduce((sum, { length }) => sum + length, 0),
          },
    changes:
      journal === undefined
        ? undefined
        : {
            from: journal.from,
            to: journal.changes.at(-1)?.to ?? journal.from,
            octets: octetsOf(journal.changes),
          },
    state,
  };
}

function octetsOf(changes: readonly { readonly bytes: Uint8Array }[]): number {
  return changes.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function decoded(bytes: Uint8Array): ZoneChange {
  const change = decodeChange(bytes);
  if (change === undefined || changeLength(change) !== bytes.length) throw new Error('not a change');
  return change;
}

function serialOf(record: ResourceRecord): number {
  const data = readRdata(soa, record.rdata);
  if (data === undefined) throw new Error('not a SOA record');
  return data.serial;
}
