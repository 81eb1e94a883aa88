// What went wrong in SQLite, as the ports above know it.
import { StoreFault } from '../../mailbox/message.ts';

/** SQLITE_FULL: no room on the disk, or the file's size limit. */
const sqliteFull = 13;

/** Made of plain values, so that it can cross from the writer's thread. */
export interface FaultMessage {
  readonly kind: StoreFault['kind'];
  readonly message: string;
}

export function describeFault(error: unknown): FaultMessage {
  if (error instanceof StoreFault) return { kind: error.kind, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  // Extended result codes carry the primary one in their low octet.
  if (sqliteCode(error) === sqliteFull) return { kind: 'full', message: `no room is left: ${message}` };
  return { kind: 'broken', message: `the store failed: ${message}` };
}

export function toStoreFault(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const { kind, message } = describeFault(error);
  return new StoreFault(kind, message, { cause: error });
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}
