// Contents: written once, counted by their uses, removed with the last one.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { integer } from './rows.ts';
import type { MessageToWrite } from './write-request.ts';

/** The most octets that one read of a content brings into memory. */
export const chunkOctets: number = 256 * 1024;

/** How many chunk ids each content has for itself. */
const chunkIds = 65_536;

export function firstChunkId(content: number): number {
  return content * chunkIds;
}

export class ContentWrites {
  readonly #insert: StatementSync;
  readonly #insertChunk: StatementSync;
  readonly #insertParsed: StatementSync;
  readonly #release: StatementSync;
  readonly #remove: StatementSync;
  readonly #removeChunks: StatementSync;
  readonly #removeParsed: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `INSERT INTO content (message, reverse_local, reverse_domain, eight_bit, utf8, is_binary, terms, size, uses)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertChunk = db.prepare('INSERT INTO content_chunk (id, bytes) VALUES (?, ?)');
    this.#insertParsed = db.prepare('INSERT INTO content_parsed (content, bytes) VALUES (?, ?)');
    this.#release = db.prepare('UPDATE content SET uses = uses - 1 WHERE id = ? RETURNING uses');
    this.#remove = db.prepare('DELETE FROM content WHERE id = ?');
    this.#removeChunks = db.prepare('DELETE FROM content_chunk WHERE id >= ? AND id < ?');
    this.#removeParsed = db.prepare('DELETE FROM content_parsed WHERE content = ?');
  }

  /** Gives the content's id. `parsed` may be empty: then there is none. `uses` must be the number of entries that will refer to it. */
  add(message: MessageToWrite, bytes: Uint8Array, parsed: Uint8Array, uses: number): number {
    const content = Number(
      this.#insert.run(
        message.id,
        message.reverseLocal,
        message.reverseDomain,
        message.eightBit ? 1 : 0,
        message.utf8 ? 1 : 0,
        message.binary ? 1 : 0,
        message.terms,
        bytes.length,
        uses,
      ).lastInsertRowid,
    );
    let id = firstChunkId(content);
    for (let at = 0; at < bytes.length; at += chunkOctets) {
      this.#insertChunk.run(id++, bytes.subarray(at, at + chunkOctets));
    }
    if (parsed.length > 0) this.#insertParsed.run(content, parsed);
    return content;
  }

  /** One use less. */
  release(content: number): void {
    const row = this.#release.get(content);
    if (row === undefined || integer(row, 'uses') > 0) return;
    this.#remove.run(content);
    this.#removeChunks.run(firstChunkId(content), firstChunkId(content + 1));
    this.#removeParsed.run(content);
  }
}
