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
import { afsdb } from './afsdb.ts';
import { amtrelay } from './amtrelay.ts';
import { apl } from './apl.ts';
import { avc } from './avc.ts';
import { caa } from './caa.ts';
import { cdnskey } from './cdnskey.ts';
import { cds } from './cds.ts';
import { cert } from './cert.ts';
import { cla } from './cla.ts';
import { cname } from './cname.ts';
import { csync } from './csync.ts';
import { dhcid } from './dhcid.ts';
import { dlv } from './dlv.ts';
import { dname } from './dname.ts';
import { dnskey } from './dnskey.ts';
import { ds } from './ds.ts';
import { dsync } from './dsync.ts';
import { eui48 } from './eui48.ts';
import { eui64 } from './eui64.ts';
import { gpos } from './gpos.ts';
import { hinfo } from './hinfo.ts';
import { hip } from './hip.ts';
import { ipseckey } from './ipseckey.ts';
import { isdn } from './isdn.ts';
import { key } from './key.ts';
import { kx } from './kx.ts';
import { l32 } from './l32.ts';
import { l64 } from './l64.ts';
import { loc } from './loc.ts';
import { lp } from './lp.ts';
import { mb } from './mb.ts';
import { md } from './md.ts';
import { mf } from './mf.ts';
import { mg } from './mg.ts';
import { minfo } from './minfo.ts';
import { mr } from './mr.ts';
import { mx } from './mx.ts';
import { naptr } from './naptr.ts';
import { nid } from './nid.ts';
import { ninfo } from './ninfo.ts';
import { ns } from './ns.ts';
import { nsapPtr } from './nsap-ptr.ts';
import { nsec } from './nsec.ts';
import { nsec3 } from './nsec3.ts';
import { nsec3param } from './nsec3param.ts';
import { openpgpkey } from './openpgpkey.ts';
import { opt } from './opt.ts';
import { ptr } from './ptr.ts';
import { px } from './px.ts';
import { parseWith, readRdata } from './record-type.ts';
import type { RecordType } from './record-type.ts';
import { resinfo } from './resinfo.ts';
import { rkey } from './rkey.ts';
import { rp } from './rp.ts';
import { rrsig } from './rrsig.ts';
import { rt } from './rt.ts';
import { sig } from './sig.ts';
import { smimea } from './smimea.ts';
import { soa } from './soa.ts';
import { spf } from './spf.ts';
import { srv } from './srv.ts';
import { sshfp } from './sshfp.ts';
import { svcb, https } from './svcb.ts';
import { ta } from './ta.ts';
import { talink } from './talink.ts';
import { tkey } from './tkey.ts';
import { tlsa } from './tlsa.ts';
import type { RdataFault, RdataToken } from './token-reader.ts';
import { tsig } from './tsig.ts';
import { txt } from './txt.ts';
import { uri } from './uri.ts';
import { wallet } from './wallet.ts';
import { x25 } from './x25.ts';
import { zonemd } from './zonemd.ts';

export { formatType, parseType } from '../rr-type.ts';
export type { RdataFault, RdataToken } from './token-reader.ts';

/** A record type whose data's shape doesn't matter to the caller: from wire or text to wire or text. */
export interface AnyRecordType {
  readonly code: number;
  readonly mnemonic: string;
  readonly names: RecordType<unknown>['names'];
  check(reader: WireReader): void;
  copy: RecordType<unknown>['copy'];
  /** The type's own presentation form; `undefined` where only the generic one can say it. */
  text(rdata: Uint8Array): string | undefined;
  parse(tokens: readonly RdataToken[], origin: DomainName): Result<Uint8Array, RdataFault>;
}

function erase<Data>(type: RecordType<Data>): AnyRecordType {
  return {
    code: type.code,
    mnemonic: type.mnemonic,
    names: type.names,
    check: (reader) => type.check(reader),
    copy: (reader, writer, style) => type.copy(reader, writer, style),
    text: (rdata) => {
      const data = readRdata(type, rdata);
      return data === undefined ? undefined : type.format(data);
    },
    parse: (tokens, origin) => parseWith(type, tokens, origin),
  };
}

/** Indexed by number, so that the types below 256, which is nearly all traffic, are found without hashing. */
const low: (AnyRecordType | undefined)[] = Array.from({ length: 256 }, () => undefined);
const high = new Map<number, AnyRecordType>();

for (const type of [
  erase(a),
  erase(ns),
  erase(md),
  erase(mf),
  erase(cname),
  erase(soa),
  erase(mb),
  erase(mg),
  erase(mr),
  erase(ptr),
  erase(hinfo),
  erase(minfo),
  erase(mx),
  erase(txt),
  erase(rp),
  erase(afsdb),
  erase(x25),
  erase(isdn),
  erase(rt),
  erase(nsapPtr),
  erase(sig),
  erase(key),
  erase(px),
  erase(gpos),
  erase(aaaa),
  erase(loc),
  erase(srv),
  erase(naptr),
  erase(kx),
  erase(cert),
  erase(dname),
  erase(opt),
  erase(apl),
  erase(ds),
  erase(sshfp),
  erase(ipseckey),
  erase(rrsig),
  erase(nsec),
  erase(dnskey),
  erase(dhcid),
  erase(nsec3),
  erase(nsec3param),
  erase(tlsa),
  erase(smimea),
  erase(hip),
  erase(ninfo),
  erase(rkey),
  erase(talink),
  erase(cds),
  erase(cdnskey),
  erase(openpgpkey),
  erase(csync),
  erase(zonemd),
  erase(svcb),
  erase(https),
  erase(dsync),
  erase(spf),
  erase(nid),
  erase(l32),
  erase(l64),
  erase(lp),
  erase(eui48),
  erase(eui64),
  erase(tkey),
  erase(tsig),
  erase(uri),
  erase(caa),
  erase(avc),
  erase(amtrelay),
  erase(resinfo),
  erase(wallet),
  erase(cla),
  erase(ta),
  erase(dlv),
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
  return recordTypeOf(type)?.text(rdata) ?? formatGenericRdata(rdata);
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

/** One for all data: writing is synchronous and doesn't nest. */
const writer = new WireWriter();

/**
 * The canonical form of record data (RFC 4034 §6.2): uncompressed, names in lower case for the types that RFC 6840 §5.1 leaves
 * in the list. Gives the argument itself where nothing changes.
 */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const known = recordTypeOf(type);
  if (known === undefined || known.names === 'plain') return rdata;
  const reader = new WireReader(rdata, 0, rdata.length, false);
  writer.rewind(0);
  known.copy(reader, writer, 'lower');
  return reader.fault === undefined && reader.remaining === 0 ? writer.finish() : rdata;
}
