// All record types that are typed, by number; others are handled as RFC 3597 has it.
import { bytesToHex, emptyBytes, hexToBytes } from '../../../lib/bytes.ts';
import { fault, ok } from '../../../lib/result.ts';
import type { Result } from '../../../lib/result.ts';
import type { DomainName } from '../name.ts';
import { WireReader } from '../reader.ts';
import { formatType } from '../rr-type.ts';
import { WireWriter } from '../writer.ts';
import { a } from './a.ts';
import { aaaa } from './aaaa.ts';
import { cname } from './cname.ts';
import { dname } from './dname.ts';
import { mx } from './mx.ts';
import { ns } from './ns.ts';
import { opt } from './opt.ts';
import { ptr } from './ptr.ts';
import { parseWith } from './record-type.ts';
import type { RecordType } from './record-type.ts';
import { soa } from './soa.ts';
import { srv } from './srv.ts';
import type { RdataFault, RdataToken } from './token-reader.ts';
import { txt } from './txt.ts';

export { formatType, parseType } from '../rr-type.ts';
export type { RdataFault, RdataToken } from './token-reader.ts';

/** A record type whose data's shape doesn't matter to the caller: from wire or text to wire or text. */
export interface AnyRecordType {
  readonly code: number;
  readonly mnemonic: string;
  readonly names: RecordType<unknown>['names'];
  check(reader: WireReader): void;
  copy: RecordType<unknown>['copy'];
  /** The presentation form of data that was checked. */
  text(rdata: Uint8Array): string;
  parse(tokens: readonly RdataToken[], origin: DomainName): Result<Uint8Array, RdataFault>;
}

function erase<Data>(type: RecordType<Data>): AnyRecordType {
  return {
    code: type.code,
    mnemonic: type.mnemonic,
    names: type.names,
    check: (reader) => type.check(reader),
    copy: (reader, writer, style) => type.copy(reader, writer, style),
    text: (rdata) => type.format(type.read(new WireReader(rdata, 0, rdata.length, false))),
    parse: (tokens, origin) => parseWith(type, tokens, origin),
  };
}

/** Indexed by number, so that the types below 256, which is nearly all traffic, are found without hashing. */
const low: (AnyRecordType | undefined)[] = Array.from({ length: 256 }, () => undefined);
const high = new Map<number, AnyRecordType>();

for (const type of [
  erase(a),
  erase(ns),
  erase(cname),
  erase(soa),
  erase(ptr),
  erase(mx),
  erase(txt),
  erase(aaaa),
  erase(srv),
  erase(dname),
  erase(opt),
]) {
  if (type.code < 256) low[type.code] = type;
  else high.set(type.code, type);
}

/** The type of that number, or `undefined` where its data is only octets to us. */
export function recordTypeOf(code: number): AnyRecordType | undefined {
  return code < 256 ? low[code] : high.get(code);
}

/** Whether uncompressed record data fits its type; data of an unknown type always does. */
export function isValidRdata(type: number, rdata: Uint8Array): boolean {
  const known = recordTypeOf(type);
  if (known === undefined) return true;
  const reader = new WireReader(rdata, 0, rdata.length, false);
  known.check(reader);
  return reader.fault === undefined && reader.remaining === 0;
}

/**
 * The presentation form of uncompressed record data; in the generic form of RFC 3597 §5 (`\# 4 0A000001`) for unknown types,
 * and for data that doesn't fit its type.
 */
export function formatRdata(type: number, rdata: Uint8Array): string {
  const known = recordTypeOf(type);
  if (known !== undefined && isValidRdata(type, rdata)) return known.text(rdata);
  return formatGenericRdata(rdata);
}

/** RFC 3597 §5 */
export function formatGenericRdata(rdata: Uint8Array): string {
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${bytesToHex(rdata).toUpperCase()}`;
}

/**
 * Reads a record's data from the words of its presentation form, in the type's own or the generic form of RFC 3597 §5. Names
 * that don't end in a dot are relative to `origin`. Gives the uncompressed wire form, or what is wrong with which word.
 */
export function parseRdata(
  type: number,
  tokens: readonly RdataToken[],
  origin: DomainName,
): Result<Uint8Array, RdataFault> {
  const [first] = tokens;
  if (first !== undefined && first.text === '\\#' && !first.quoted) return parseGenericRdata(type, tokens);
  const known = recordTypeOf(type);
  if (known !== undefined) return known.parse(tokens, origin);
  return fault({
    message: `data of type ${formatType(type)} must be written as \\# length hexadecimal`,
    token: 0,
  });
}

function parseGenericRdata(type: number, tokens: readonly RdataToken[]): Result<Uint8Array, RdataFault> {
  const length = tokens[1]?.text ?? '';
  if (!/^\d{1,5}$/.test(length) || Number(length) > 0xffff)
    return fault({ message: 'after \\# comes the number of octets, 0 to 65535', token: 1 });
  let hex = '';
  for (const token of tokens.slice(2)) hex += token.text;
  const rdata = hexToBytes(hex);
  if (rdata === undefined)
    return fault({ message: 'the data must be hexadecimal digits, two for each octet', token: 2 });
  if (rdata.length !== Number(length))
    return fault({ message: `\\# says ${length} octets, but ${rdata.length} follow`, token: 1 });
  if (!isValidRdata(type, rdata))
    return fault({ message: `these octets are not ${formatType(type)} data`, token: 2 });
  return ok(rdata.length === 0 ? emptyBytes : rdata);
}

/**
 * The canonical form of record data (RFC 4034 §6.2): uncompressed, names in lower case for the types that RFC 6840 §5.1 leaves
 * in the list. Gives the argument itself where nothing changes.
 */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const known = recordTypeOf(type);
  if (known === undefined || known.names === 'plain') return rdata;
  const reader = new WireReader(rdata, 0, rdata.length, false);
  const writer = new WireWriter();
  known.copy(reader, writer, 'lower');
  return reader.fault === undefined && reader.remaining === 0 ? writer.finish() : rdata;
}
