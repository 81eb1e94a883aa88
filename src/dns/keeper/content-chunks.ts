// A zone's content as the chunks that a store keeps: whole records one behind the other.
import type { Breather } from '../../lib/breather.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import { recordLength, writeMember } from './record-bytes.ts';

/** A chunk is a request of its own to the writer: large enough to be few, small enough to hold nobody up. A record is never larger. */
const chunkOctets = 256 * 1024;
const rrsetsBetweenLooks = 64;

/** The SOA comes first. The view is read as it is pulled, in slices. The chunk is only valid until the next is pulled. */
export async function* contentChunks(view: ZoneView, breather: Breather): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(chunkOctets);
  let length = 0;
  let count = 0;
  for (const rrset of view.all()) {
    for (const rdata of rrset.rdatas) {
      if (length + recordLength({ owner: rrset.owner, rdata }) > chunkOctets) {
        yield chunk.subarray(0, length);
        length = 0;
      }
      length = writeMember(chunk, length, rrset, rdata);
    }
    if (++count % rrsetsBetweenLooks === 0 && breather.due) await breather.rest();
  }
  if (length > 0) yield chunk.subarray(0, length);
}
