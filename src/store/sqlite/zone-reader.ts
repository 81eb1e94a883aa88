// Reading what is kept of zones. What could be long is read in pieces, with the event loop free in between.
import { decodeChange } from '../../dns/keeper/record-bytes.ts';
import { parseName } from '../../dns/wire/name.ts';
import type { DomainName } from '../../dns/wire/name.ts';
import type { ZoneChange } from '../../dns/zone/zone-change.ts';
import type { KeptZone, ZoneState } from '../../dns/zone/zone-store.ts';
import { StoreFault } from '../../mailbox/message.ts';
import type { Reader } from './reader.ts';
import { blob, integer, optionalInteger, text } from './rows.ts';
import type { Row } from './rows.ts';
import { firstZoneChunkId } from './zone-writes.ts';

const zonesAtOnce = 1000;
/** A change of a few records takes some 5 µs to decode. */
const changesAtOnce = 200;
/** As many as are read in vain at most, where only some are wanted. */
const fewChanges = 32;

/** How the table `zone` names it. */
export function zoneKey(origin: DomainName): string {
  return origin.lowerCase().toString();
}

export class ZoneReader {
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  async list(): Promise<readonly KeptZone[]> {
    const zones: KeptZone[] = [];
    for (let after = 0; ;) {
      const rows = this.#reader.all(
        'SELECT * FROM zone WHERE id > ? ORDER BY id LIMIT ?',
        after,
        zonesAtOnce,
      );
      for (const row of rows) zones.push(keptZoneOf(row));
      const last = rows.at(-1);
      if (rows.length < zonesAtOnce || last === undefined) return zones;
      after = integer(last, 'id');
      await breathe();
    }
  }

  find(origin: DomainName): KeptZone | undefined {
    const row = this.#find(origin);
    return row === undefined ? undefined : keptZoneOf(row);
  }

  async *readSnapshot(origin: DomainName): AsyncGenerator<Uint8Array, void, undefined> {
    const zone = this.#find(origin);
    const snapshot = zone === undefined ? undefined : optionalInteger(zone, 'snapshot');
    if (zone === undefined || snapshot === undefined) return;
    let left = integer(zone, 'snapshot_octets');
    for (let id = firstZoneChunkId(snapshot); left > 0; id++) {
      const row = this.#reader.one('SELECT bytes FROM zone_chunk WHERE id = ?', id);
      // Another one may have taken its place since the last chunk was pulled.
      if (row === undefined) throw new StoreFault('broken', `the kept content of ${zoneKey(origin)} is gone`);
      const bytes = blob(row, 'bytes');
      left -= bytes.length;
      yield bytes;
    }
  }

  async readChanges(
    origin: DomainName,
    fromSerial: number,
    enoughOctets?: number,
  ): Promise<readonly ZoneChange[] | undefined> {
    const zone = this.#find(origin);
    if (zone === undefined) return undefined;
    if (optionalInteger(zone, 'journal_to') === fromSerial) return [];
    const id = integer(zone, 'id');
    // Serials go around: of two changes from one serial the later counts.
    const first = this.#reader.one(
      'SELECT max(number) AS number FROM zone_change WHERE zone = ? AND from_serial = ?',
      id,
      fromSerial,
    );
    let next = first === undefined ? undefined : optionalInteger(first, 'number');
    if (next === undefined) return undefined;
    const changes: ZoneChange[] = [];
    const atOnce = enoughOctets === undefined ? changesAtOnce : fewChanges;
    let octets = 0;
    for (;;) {
      const rows = this.#reader.all(
        'SELECT number, bytes FROM zone_change WHERE zone = ? AND number >= ? ORDER BY number LIMIT ?',
        id,
        next,
        atOnce,
      );
      for (const row of rows) {
        if (enoughOctets !== undefined && octets >= enoughOctets) return changes;
        // The journal was trimmed or begun anew since the last piece was read.
        if (integer(row, 'number') !== next) return undefined;
        changes.push(changeOf(row, origin));
        octets += blob(row, 'bytes').length;
        next += 1;
      }
      if (rows.length < atOnce) return changes;
      await breathe();
    }
  }

  #find(origin: DomainName): Row | undefined {
    return this.#reader.one('SELECT * FROM zone WHERE name = ?', zoneKey(origin));
  }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function changeOf(row: Row, origin: DomainName): ZoneChange {
  const change = decodeChange(blob(row, 'bytes'));
  if (change === undefined) throw new StoreFault('broken', `the journal of ${zoneKey(origin)} is damaged`);
  return change;
}

function keptZoneOf(row: Row): KeptZone {
  const name = parseName(text(row, 'name'));
  if (!name.ok) throw new StoreFault('broken', `the store is damaged: a zone's name is wrong: ${name.fault}`);
  const serial = optionalInteger(row, 'snapshot_serial');
  const from = optionalInteger(row, 'journal_from');
  const to = optionalInteger(row, 'journal_to');
  return {
    origin: name.value,
    snapshot: serial === undefined ? undefined : { serial, octets: integer(row, 'snapshot_octets') },
    changes:
      from === undefined || to === undefined
        ? undefined
        : { from, to, octets: integer(row, 'journal_octets') },
    state: stateOf(text(row, 'state')),
  };
}

/** What stands there we have written, but perhaps with a later version's fields. */
function stateOf(json: string): ZoneState {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null)
    throw new StoreFault('broken', "the store is damaged: a zone's state is no JSON object");
  const read = new Map<string, unknown>(Object.entries(value));
  const refreshedAt = read.get('refreshedAt');
  const [fileHash, catalog, member] = [read.get('fileHash'), read.get('catalog'), read.get('member')];
  return {
    ...(typeof refreshedAt === 'number' && { refreshedAt }),
    ...(typeof fileHash === 'string' && { fileHash }),
    ...(typeof catalog === 'string' && { catalog }),
    ...(typeof member === 'string' && { member }),
  };
}
