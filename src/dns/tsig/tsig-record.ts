// The TSIG record at the end of a message (RFC 8945 §4.2): taken off, and put on. Works on octets, because what is signed is the
// message as it was sent, byte by byte.
import { concatBytes } from '../../lib/bytes.ts';
import { unreachable } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { rrClass } from '../wire/codes.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { tsig as tsigType } from '../wire/rdata/tsig.ts';
import type { TsigData } from '../wire/rdata/tsig.ts';
import { writeRdata } from '../wire/rdata/record-type.ts';
import { WireReader } from '../wire/reader.ts';
import { rrType } from '../wire/rr-type.ts';
import { WireWriter, maxMessageLength } from '../wire/writer.ts';
import { algorithmFacts } from './tsig-key.ts';
import type { TsigKey } from './tsig-key.ts';

export interface TsigRecord extends TsigData {
  readonly keyName: DomainName;
}

export type TsigSplit =
  | { readonly kind: 'unsigned' }
  /** `message`: a copy without the record, its id as it came. */
  | { readonly kind: 'signed'; readonly message: Uint8Array; readonly tsig: TsigRecord }
  /** Not a message, or a TSIG record where none may be. `reason` is for logs. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Takes the TSIG record off. */
export function splitTsig(bytes: Uint8Array): TsigSplit {
  const place = findTsig(bytes);
  switch (place.kind) {
    case 'unsigned':
    case 'malformed':
      return place;
    case 'signed':
      return readTsig(bytes, place.at);
    default:
      return unreachable(place);
  }
}

export type TsigPlace =
  | { readonly kind: 'unsigned' }
  /** Where the record starts, which is the last of the message. */
  | { readonly kind: 'signed'; readonly at: number }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Where the TSIG record is. Work is bounded by the message's length: no name is followed. */
export function findTsig(bytes: Uint8Array): TsigPlace {
  if (bytes.length < headerLength) return malformed('too short for a header');
  const reader = new WireReader(bytes);
  reader.skip(4);
  const questions = reader.u16();
  const records = [reader.u16(), reader.u16(), reader.u16()] as const;
  const total = records[0] + records[1] + records[2];
  for (let i = 0; i < questions && reader.fault === undefined; i++) {
    skipName(reader);
    reader.skip(4);
  }
  for (let i = 0; i < total && reader.fault === undefined; i++) {
    const { at } = reader;
    skipName(reader);
    if (reader.u16() === rrType.TSIG) {
      // RFC 8945 §5.1: one, and the last record of the additional section. One that isn't makes the message malformed.
      return i === total - 1 && records[2] > 0
        ? { kind: 'signed', at }
        : malformed('a TSIG record that is not the last of all');
    }
    reader.skip(6);
    reader.skip(reader.u16());
  }
  // Whoever meant them for a signature must not be taken for one who hasn't signed.
  if (reader.remaining > 0) reader.fail(`${reader.remaining} octets after the message`);
  return reader.fault === undefined ? { kind: 'unsigned' } : malformed(reader.fault);
}

/** One for all records: writing is synchronous and doesn't nest. */
const writer = new WireWriter();

/** `message` with the record behind it. Throws where that is more than a message can have: a bug of who made the message. */
export function appendTsig(message: Uint8Array, { keyName, ...data }: TsigRecord): Uint8Array {
  writer.rewind(0);
  writer.name(keyName, 'plain');
  writer.u16(rrType.TSIG);
  writer.u16(rrClass.ANY);
  writer.u32(0);
  const rdata = writeRdata(tsigType, data);
  writer.u16(rdata.length);
  writer.put(rdata);
  const signed = concatBytes([message, writer.finish()]);
  if (signed.length > maxMessageLength)
    throw new RangeError(`a message that leaves no room for its signature below ${maxMessageLength} octets`);
  patchU16(signed, 10, u16At(message, 10) + 1);
  return signed;
}

/** Octets that {@link appendTsig} adds when it is signed by `key`; with `other`, octets of other data, 6 more for BADTIME. */
export function tsigLength(key: TsigKey, other = 0): number {
  const { name, macLength } = algorithmFacts[key.algorithm];
  return key.name.wire.length + 10 + name.wire.length + 16 + macLength + other;
}

function readTsig(bytes: Uint8Array, at: number): TsigSplit {
  const reader = new WireReader(bytes, headerLength);
  reader.skip(at - headerLength);
  const keyName = reader.name();
  reader.skip(2);
  const [recordClass, ttl] = [reader.u16(), reader.u32()];
  const data = reader.slice(reader.u16(), false);
  const tsig = tsigType.read(data);
  const fault = reader.fault ?? data.fault;
  if (fault !== undefined) return malformed(`a malformed TSIG record: ${fault}`);
  if (data.remaining > 0 || reader.remaining > 0) return malformed('octets after the TSIG record');
  // RFC 8945 §4.2
  if (recordClass !== rrClass.ANY || ttl !== 0) return malformed('a TSIG record with a class or a TTL');
  const message = bytes.slice(0, at);
  patchU16(message, 10, u16At(bytes, 10) - 1);
  return {
    kind: 'signed',
    message,
    tsig: { ...tsig, keyName, mac: tsig.mac.slice(), other: tsig.other.slice() },
  };
}

/** Steps over a name without following pointers. */
function skipName(reader: WireReader): void {
  for (let length = reader.u8(); length !== 0; length = reader.u8()) {
    if (length >= 0xc0) {
      reader.skip(1);
      return;
    }
    if (length >= 0x40) reader.fail('an unknown kind of label');
    reader.skip(length);
  }
}

function u16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function patchU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function malformed(reason: string): { readonly kind: 'malformed'; readonly reason: string } {
  return { kind: 'malformed', reason };
}
