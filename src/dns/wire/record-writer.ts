// Writes a record as messages have it (RFC 1035 §3.2.1): the owner's name compressed, names in the data only where RFC 3597 §4
// allows it.
import { recordTypeOf } from './rdata/registry.ts';
import { WireReader } from './reader.ts';
import type { ResourceRecord } from './record.ts';
import type { WireWriter } from './writer.ts';

/** What doesn't fit leaves the writer overflowed. */
export function writeRecord(
  writer: WireWriter,
  { owner, type, class: rrClass, ttl, rdata }: ResourceRecord,
): void {
  writer.name(owner, 'compressed');
  writer.u16(type);
  writer.u16(rrClass);
  writer.u32(ttl);
  const known = recordTypeOf(type);
  if (known?.names !== 'compressed' || rdata.length === 0) {
    writer.u16(rdata.length);
    writer.put(rdata);
    return;
  }
  const lengthAt = writer.length;
  writer.u16(0);
  const reader = new WireReader(rdata, 0, rdata.length, false);
  known.copy(reader, writer, 'compressed');
  if (writer.overflowed) return;
  if (reader.fault !== undefined || reader.remaining > 0) {
    // Not our decoder's or parser's work: sent as it is, so that what we were given is what leaves.
    writer.rewind(lengthAt + 2);
    writer.put(rdata);
  }
  writer.patchU16(lengthAt, writer.length - lengthAt - 2);
}
