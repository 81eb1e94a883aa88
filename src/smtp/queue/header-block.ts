// The header fields at the front of a content: what a bounce quotes, and where a need for SMTPUTF8 shows.
import { concatBytes, latin1ToBytes } from '../../lib/bytes.ts';

/** More header than this is cut off. */
const maxHeader = 32 * 1024;
const emptyLine: Uint8Array = latin1ToBytes('\r\n\r\n');

/** Whole lines, without the empty line that ends them; at most 32 KiB. Throws what `content` throws. */
export async function readHeaderBlock(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  // A line end is put in front, so that the empty line of a content without header fields is found too.
  const chunks: Uint8Array[] = [latin1ToBytes('\r\n')];
  let room = maxHeader;
  for await (const chunk of content) {
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room <= 0) break;
  }
  const bytes = concatBytes(chunks);
  const end = findEmptyLine(bytes);
  return end === -1 ? bytes.subarray(2, bytes.lastIndexOf(0x0a) + 1) : bytes.subarray(2, end + 2);
}

function findEmptyLine(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0x0d); at !== -1; at = bytes.indexOf(0x0d, at + 1)) {
    if (emptyLine.every((octet, index) => bytes[at + index] === octet)) return at;
  }
  return -1;
}
