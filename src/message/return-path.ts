// The Return-Path field (RFC 5321 §4.4): the first line of whatever lies in a mailbox, and of nothing that goes on to another server.
// As content is kept once for all its recipients, it begins with one as soon as one recipient has a mailbox here, and the
// relay leaves that line out.
import { concatBytes, latin1ToBytes } from '../lib/bytes.ts';
import { formatMailAddress } from '../lib/mail-address.ts';
import type { MailAddress } from '../lib/mail-address.ts';

/** The whole field with its CRLF; `undefined` is the null reverse-path. */
export function formatReturnPath(reversePath: MailAddress | undefined): string {
  return `Return-Path: <${reversePath === undefined ? '' : formatMailAddress(reversePath)}>\r\n`;
}

const start = latin1ToBytes('Return-Path: <');
const lf = 10;
/** A path has at most 256 octets (RFC 5321 §4.5.3.1.3), and some more where its local part was let through longer. */
const longestField = 2048;

/** The content without the field of {@link formatReturnPath} at its very beginning, where it has one. Throws what `content` throws. */
export async function* withoutReturnPath(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let front: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of content) {
    if (front === undefined) {
      yield chunk;
      continue;
    }
    front = front.length === 0 ? chunk : concatBytes([front, chunk]);
    const end = fieldEnd(front);
    if (end === 'later') continue;
    if (end < front.length) yield front.subarray(end);
    front = undefined;
  }
  if (front !== undefined && front.length > 0) yield front;
}

/** Where the field ends; 0 where the content has none, `later` where more octets must tell. */
function fieldEnd(front: Uint8Array): number | 'later' {
  const known = Math.min(front.length, start.length);
  for (let at = 0; at < known; at++) if (front[at] !== start[at]) return 0;
  if (front.length < start.length) return 'later';
  const end = front.subarray(0, longestField).indexOf(lf);
  if (end !== -1) return end + 1;
  return front.length < longestField ? 'later' : 0;
}
