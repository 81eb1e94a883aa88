// What is kept of zones: snapshots of whole contents, journals of changes, states.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { unreachable } from '../../lib/result.ts';
import { StoreFault } from '../../mailbox/message.ts';
import { integer, optionalInteger } from './rows.ts';
import type { Row } from './rows.ts';
import type { WriteValue, ZoneRequest } from './write-request.ts';

const done: WriteValue = { kind: 'done' };

/** Chunks that one request deletes of a snapshot: 4 MiB, about 5 ms. */
const chunksAtOnce = 4;
/** Changes that one request drops from a journal. */
const changesAtOnce = 2000;

/** The chunks of a snapshot have ids from this one on, below that of the next snapshot. */
export function firstZoneChunkId(snapshot: number): number {
  return snapshot * 1_048_576;
}

export class ZoneWrites {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #insertChange: StatementSync;
  readonly #appended: StatementSync;
  readonly #startJournal: StatementSync;
  readonly #dropChanges: StatementSync;
  readonly #oldestChanges: StatementSync;
  readonly #dropChangesBefore: StatementSync;
  readonly #trimmed: StatementSync;
  readonly #changeFrom: StatementSync;
  readonly #setState: StatementSync;
  readonly #remove: StatementSync;
  readonly #insertSnapshot: StatementSync;
  readonly #insertChunk: StatementSync;
  readonly #setPhase: StatementSync;
  readonly #setSnapshot: StatementSync;
  readonly #clearSnapshot: StatementSync;
  readonly #unusedSnapshot: StatementSync;
  readonly #deleteChunks: StatementSync;
  readonly #deleteSnapshot: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT * FROM zone WHERE name = ?');
    this.#insert = db.prepare(
      `INSERT INTO zone (name, journal_octets, first_change, next_change, state) VALUES (?, 0, 1, 1, '{}')
       RETURNING *`,
    );
    this.#insertChange = db.prepare(
      'INSERT INTO zone_change (zone, number, from_serial, to_serial, bytes) VALUES (?, ?, ?, ?, ?)',
    );
    this.#appended = db.prepare(
      `UPDATE zone SET journal_to = ?, journal_octets = journal_octets + ?, next_change = next_change + 1
       WHERE id = ?`,
    );
    this.#startJournal = db.prepare(
      'UPDATE zone SET journal_from = ?1, journal_to = ?1, journal_octets = 0, first_change = next_change WHERE id = ?2',
    );
    this.#dropChanges = db.prepare('DELETE FROM zone_change WHERE zone = ?');
    this.#oldestChanges = db.prepare(
      `SELECT number, to_serial, length(bytes) AS octets FROM zone_change WHERE zone = ? AND number >= ?
       ORDER BY number LIMIT ${changesAtOnce}`,
    );
    this.#dropChangesBefore = db.prepare('DELETE FROM zone_change WHERE zone = ? AND number < ?');
    this.#trimmed = db.prepare(
      'UPDATE zone SET journal_from = ?, journal_octets = journal_octets - ?, first_change = ? WHERE id = ?',
    );
    this.#changeFrom = db.prepare('SELECT 1 FROM zone_change WHERE zone = ? AND from_serial = ?');
    this.#setState = db.prepare('UPDATE zone SET state = ? WHERE id = ?');
    this.#remove = db.prepare('DELETE FROM zone WHERE id = ?');
    this.#insertSnapshot = db.prepare("INSERT INTO zone_snapshot (phase) VALUES ('writing')");
    this.#insertChunk = db.prepare('INSERT INTO zone_chunk (id, bytes) VALUES (?, ?)');
    this.#setPhase = db.prepare('UPDATE zone_snapshot SET phase = ? WHERE id = ?');
    this.#setSnapshot = db.prepare(
      'UPDATE zone SET snapshot = ?, snapshot_serial = ?, snapshot_octets = ? WHERE id = ?',
    );
    this.#clearSnapshot = db.prepare(
      'UPDATE zone SET snapshot = NULL, snapshot_serial = NULL, snapshot_octets = NULL WHERE id = ?',
    );
    this.#unusedSnapshot = db.prepare("SELECT id FROM zone_snapshot WHERE phase = 'unused' LIMIT 1");
    // What a process was writing when it ended.
    db.exec("UPDATE zone_snapshot SET phase = 'unused' WHERE phase = 'writing'");
    this.#deleteChunks = db.prepare(
      `DELETE FROM zone_chunk WHERE id IN
       (SELECT id FROM zone_chunk WHERE id >= ? AND id < ? ORDER BY id LIMIT ${chunksAtOnce})`,
    );
    this.#deleteSnapshot = db.prepare('DELETE FROM zone_snapshot WHERE id = ?');
  }

  /** `contents` are the octets of this request; they are only valid during the call. */
  apply(request: ZoneRequest, contents: Uint8Array): WriteValue {
    switch (request.kind) {
      case 'appendChange':
        this.#append(request.zone, request.from, request.to, contents);
        return done;
      case 'startJournal': {
        const zone = this.#findOrMake(request.zone);
        this.#dropSnapshot(zone);
        this.#restart(zone, request.serial);
        return done;
      }
      case 'trimChanges':
        return { kind: 'count', count: this.#trim(request.zone, request.mostOctets) };
      case 'saveZoneState':
        this.#setState.run(request.state, integer(this.#findOrMake(request.zone), 'id'));
        return done;
      case 'removeZone': {
        const zone = this.#find.get(request.zone);
        if (zone === undefined) return done;
        this.#dropSnapshot(zone);
        this.#dropChanges.run(integer(zone, 'id'));
        this.#remove.run(integer(zone, 'id'));
        return done;
      }
      case 'beginSnapshot':
        return { kind: 'id', id: Number(this.#insertSnapshot.run().lastInsertRowid) };
      case 'addChunk':
        this.#insertChunk.run(firstZoneChunkId(request.snapshot) + request.number, contents);
        return done;
      case 'endSnapshot':
        this.#endSnapshot(request);
        return done;
      case 'dropSnapshot':
        this.#setPhase.run('unused', request.snapshot);
        return done;
      case 'sweepSnapshots':
        return { kind: 'count', count: this.#sweep() };
      default:
        return unreachable(request);
    }
  }

  #append(name: string, from: number, to: number, bytes: Uint8Array): void {
    const zone = this.#find.get(name);
    const last = zone === undefined ? undefined : optionalInteger(zone, 'journal_to');
    // A change whose forerunner failed must not be kept: the journal would have a gap.
    if (zone === undefined || last !== from) {
      const where = last === undefined ? 'has not begun' : `has come to ${last}`;
      throw new StoreFault('broken', `the journal of ${name} ${where}: no change from ${from} can follow`);
    }
    const id = integer(zone, 'id');
    this.#insertChange.run(id, integer(zone, 'next_change'), from, to, bytes);
    this.#appended.run(to, bytes.length, id);
  }

  #restart(zone: Row, serial: number): void {
    const id = integer(zone, 'id');
    this.#dropChanges.run(id);
    this.#startJournal.run(serial, id);
  }

  #trim(name: string, mostOctets: number): number {
    const zone = this.#find.get(name);
    const needed = zone === undefined ? undefined : optionalInteger(zone, 'snapshot_serial');
    if (zone === undefined || needed === undefined) return 0;
    const id = integer(zone, 'id');
    const first = integer(zone, 'first_change');
    let from = optionalInteger(zone, 'journal_from') ?? needed;
    let surplus = integer(zone, 'journal_octets') - mostOctets;
    let next = first;
    let dropped = 0;
    // The content needs the changes that come after its serial.
    for (const row of surplus > 0 ? this.#oldestChanges.all(id, first) : []) {
      if (surplus <= 0 || from === needed) break;
      const octets = integer(row, 'octets');
      surplus -= octets;
      dropped += octets;
      from = integer(row, 'to_serial');
      next = integer(row, 'number') + 1;
    }
    if (next === first) return 0;
    this.#dropChangesBefore.run(id, next);
    this.#trimmed.run(from, dropped, next, id);
    return next - first;
  }

  #endSnapshot(request: ZoneRequest & { readonly kind: 'endSnapshot' }): void {
    const zone = this.#findOrMake(request.zone);
    const id = integer(zone, 'id');
    const last = optionalInteger(zone, 'journal_to');
    const known = last === request.serial || this.#changeFrom.get(id, request.serial) !== undefined;
    if (!request.restart && !known) {
      throw new StoreFault('broken', `the journal of ${request.zone} doesn't lead to ${request.serial}`);
    }
    this.#dropSnapshot(zone);
    this.#setPhase.run('used', request.snapshot);
    this.#setSnapshot.run(request.snapshot, request.serial, request.total, id);
    if (request.restart) this.#restart(zone, request.serial);
  }

  /** Its chunks go later, a few at a time. */
  #dropSnapshot(zone: Row): void {
    const snapshot = optionalInteger(zone, 'snapshot');
    if (snapshot === undefined) return;
    this.#setPhase.run('unused', snapshot);
    this.#clearSnapshot.run(integer(zone, 'id'));
  }

  #sweep(): number {
    const row = this.#unusedSnapshot.get();
    if (row === undefined) return 0;
    const snapshot = integer(row, 'id');
    const { changes } = this.#deleteChunks.run(firstZoneChunkId(snapshot), firstZoneChunkId(snapshot + 1));
    if (Number(changes) < chunksAtOnce) this.#deleteSnapshot.run(snapshot);
    return Number(changes) + 1;
  }

  #findOrMake(name: string): Row {
    const zone = this.#find.get(name) ?? this.#insert.get(name);
    if (zone === undefined) throw new StoreFault('broken', `zone ${name} can't be kept`);
    return zone;
  }
}
