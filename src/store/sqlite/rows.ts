// The boundary between SQLite's rows and our types: a column of the wrong type is a damaged store, said as such.
import type { SQLOutputValue } from 'node:sqlite';
import type { MailAddress } from '../../lib/mail-address.ts';
import { StoreFault } from '../../mailbox/message.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(column, value);
  return value;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column, value);
  return value;
}

export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function optionalInteger(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : integer(row, column);
}

export function blob(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw damaged(column, value);
  return value;
}

/** `undefined` is the null reverse-path. */
export function reversePath(row: Row): MailAddress | undefined {
  const localPart = optionalText(row, 'reverse_local');
  const domain = optionalText(row, 'reverse_domain');
  return localPart === undefined || domain === undefined ? undefined : { localPart, domain };
}

/** The list that was written there as JSON, by us: what its items are is the caller's knowledge. */
export function jsonList(row: Row, column: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text(row, column));
    if (Array.isArray(list)) return list;
  } catch {
    // Said below, as for any other damage.
  }
  throw damaged(column, row[column]);
}

/** What was written there as JSON, by us, as {@link jsonList}; `undefined` for NULL. */
export function optionalJson(row: Row, column: string): unknown {
  const json = optionalText(row, column);
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    throw damaged(column, json);
  }
}

/** The object that was written there as JSON, by us. */
export function jsonObject(row: Row, column: string): object {
  try {
    const value: unknown = JSON.parse(text(row, column));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, as for any other damage.
  }
  throw damaged(column, row[column]);
}

export function oneOf<Word extends string>(row: Row, column: string, words: readonly Word[]): Word {
  const value = text(row, column);
  const word = words.find((each) => each === value);
  if (word === undefined) throw damaged(column, value);
  return word;
}

function damaged(column: string, value: unknown): StoreFault {
  return new StoreFault('broken', `the store is damaged: column ${column} holds ${typeof value}`);
}
