// Tells, by a look at its octets, whether a message is a question that the zone image answers at once, or work for the desk. Every
// query that isn't answered by a worker passes here, so nothing is made for the common shapes.
import { findTsig } from '../tsig/tsig-record.ts';
import { opcode } from '../wire/codes.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';

/** A transfer, a NOTIFY, an UPDATE, or anything that is signed by TSIG. Never a response. */
export function isForDesk(message: Uint8Array): boolean {
  if (message.length < headerLength) return false;
  const flags = message[2] ?? 0;
  if ((flags & 0x80) !== 0) return false;
  const code = (flags >>> 3) & 15;
  if (code === opcode.NOTIFY || code === opcode.UPDATE) return true;
  const typeAt = endOfFirstLabels(message);
  if (code === opcode.QUERY && isTransferAt(message, typeAt)) return true;
  const additionals = u16(message, 10);
  if (additionals === 0) return false;
  const isOneOpt = additionals === 1 && message[typeAt + 4] === 0 && u16(message, typeAt + 5) === rrType.OPT;
  return !isOneOpt && findTsig(message).kind === 'signed';
}

/** Whether the one question of a query is for a zone transfer. */
export function isTransfer(query: Uint8Array): boolean {
  return isTransferAt(query, endOfFirstLabels(query));
}

function isTransferAt(query: Uint8Array, typeAt: number): boolean {
  const type = u16(query, typeAt);
  return u16(query, 4) === 1 && (type === rrType.AXFR || type === rrType.IXFR);
}

/** Where the name of the first question ends; no pointer can stand there before it. */
function endOfFirstLabels(message: Uint8Array): number {
  let at = headerLength;
  for (let length = message[at]; length !== undefined; length = message[at]) {
    at += 1;
    if (length === 0 || length > 63) break;
    at += length;
  }
  return at;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
