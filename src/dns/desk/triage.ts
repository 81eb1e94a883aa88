// Tells, by a look at its octets, whether a message is a question that the zone image answers at once, or work for the desk. Every
// query that isn't answered by a worker passes here, so nothing is made for the common shapes.
import { findTsig } from '../tsig/tsig-record.ts';
import { opcode } from '../wire/codes.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';

/** A transfer, a NOTIFY, an UPDATE, or anything that is signed by TSIG; never a response. The message is `length` octets from `at`. */
export function isForDesk(bytes: Uint8Array, at = 0, length: number = bytes.length): boolean {
  if (length < headerLength) return false;
  const flags = bytes[at + 2] ?? 0;
  if ((flags & 0x80) !== 0) return false;
  const code = (flags >>> 3) & 15;
  if (code === opcode.NOTIFY || code === opcode.UPDATE) return true;
  const end = at + length;
  const typeAt = endOfFirstName(bytes, at + headerLength, end);
  if (code === opcode.QUERY && isTransferAt(bytes, at, typeAt, end)) return true;
  const additionals = u16(bytes, at + 10);
  if (additionals === 0) return false;
  const isOneOpt =
    additionals === 1 &&
    typeAt + 7 <= end &&
    bytes[typeAt + 4] === 0 &&
    u16(bytes, typeAt + 5) === rrType.OPT;
  return !isOneOpt && findTsig(bytes.subarray(at, end)).kind === 'signed';
}

/** Whether the one question of a query is for a zone transfer. */
export function isTransfer(query: Uint8Array): boolean {
  const typeAt = endOfFirstName(query, headerLength, query.length);
  return isTransferAt(query, 0, typeAt, query.length);
}

function isTransferAt(bytes: Uint8Array, at: number, typeAt: number, end: number): boolean {
  if (typeAt + 2 > end || u16(bytes, at + 4) !== 1) return false;
  const type = u16(bytes, typeAt);
  return type === rrType.AXFR || type === rrType.IXFR;
}

/** Where the name that starts at `at` ends; no pointer can stand in the first name of a message. */
function endOfFirstName(bytes: Uint8Array, at: number, end: number): number {
  while (at < end) {
    const label = bytes[at] ?? 0;
    at += 1;
    if (label === 0 || label > 63) break;
    at += label;
  }
  return at;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
