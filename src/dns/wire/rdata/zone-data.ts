// What may become data of a zone where others put it there: stricter than what may pass on the wire, so that one record doesn't keep secondaries
// and readers of other makes from taking the whole zone. Where no standard says it as sharply, BIND 9.18 is the measure
// (test/interop/zone-data-dig.test.ts).
import { bytesToLatin1 } from '../../../lib/bytes.ts';
import { WireReader } from '../reader.ts';
import { rrType } from '../rr-type.ts';
import { ipseckey } from './ipseckey.ts';
import { naptr } from './naptr.ts';
import { nsec } from './nsec.ts';
import { readRdata } from './record-type.ts';
import { recordTypeOf } from './registry.ts';
import { rkey } from './rkey.ts';
import { x25 } from './x25.ts';

/**
 * Whether a zone may take uncompressed data that passed the decoder. Data of a type that we know must have the type's own text form; of types that are
 * octets to us, but that others know, the shape is looked at; of all others, nothing.
 */
export function isZoneData(type: number, rdata: Uint8Array): boolean {
  if (usual.has(type)) return true;
  const known = recordTypeOf(type);
  if (known !== undefined && known.text(rdata) === undefined) return false;
  return rules.get(type)?.(rdata) ?? true;
}

/** Nearly all records; what passes the decoder is good. */
const usual: ReadonlySet<number> = new Set([
  rrType.A,
  rrType.AAAA,
  rrType.NS,
  rrType.CNAME,
  rrType.SOA,
  rrType.PTR,
  rrType.MX,
  rrType.TXT,
  rrType.SRV,
  rrType.RRSIG,
  rrType.NSEC3,
]);

type Rule = (rdata: Uint8Array) => boolean;

const rules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [rrType.X25, (rdata) => isPsdnAddress(readRdata(x25, rdata)?.address)],
  [rrType.NAPTR, isNaptr],
  // RFC 4034 §4.1.2: an NSEC has at least its own type.
  [rrType.NSEC, (rdata) => (readRdata(nsec, rdata)?.types.length ?? 0) > 0],
  [rrType.KEY, (rdata) => isKey(rdata) && mayHaveKey(rdata)],
  [rrType.DNSKEY, isKey],
  [rrType.CDNSKEY, isKey],
  // The draft of the type has no flag yet.
  [rrType.RKEY, (rdata) => isKey(rdata) && readRdata(rkey, rdata)?.flags === 0],
  // RFC 4025 §2.4: algorithm 0 says that there is no key.
  [rrType.IPSECKEY, hasIpsecKey],
  // RFC 1035 §3.4.2: address, protocol, and a bit map whose zeros at the end are left out.
  [
    rrType.WKS,
    (rdata) => rdata.length === 5 || (rdata.length > 5 && rdata.length <= 5 + 8192 && rdata.at(-1) !== 0),
  ],
  [rrType.NSAP, isSomething],
  [rrType.EID, isSomething],
  [rrType.NIMLOC, isSomething],
  [rrType.HHIT, isSomething],
  [rrType.BRID, isSomething],
  // Meaning, coding and subcoding come first.
  [rrType.SINK, (rdata) => rdata.length >= 3],
  [rrType.ATMA, isAtmAddress],
  [rrType.NXT, reads(nxt)],
  [rrType.A6, reads(a6)],
  [rrType.DOA, reads(doa)],
]);

function isSomething(rdata: Uint8Array): boolean {
  return rdata.length > 0;
}

/** RFC 1183 §3.1: digits of X.121, which begin with the four of a network. */
function isPsdnAddress(address: Uint8Array | undefined): boolean {
  return address !== undefined && address.length >= 4 && address.every(isDigit);
}

/** Format 1 is E.164: digits. */
function isAtmAddress(rdata: Uint8Array): boolean {
  const [format, ...address] = rdata;
  return format !== undefined && address.length > 0 && (format !== 1 || address.every(isDigit));
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

/** Flags, protocol and algorithm. */
const keyHeader = 4;

/** RFC 2535 §3.1.2: with both of the first flags there is no key. */
function mayHaveKey([flags = 0]: Uint8Array): boolean {
  return (flags & 0xc0) !== 0xc0;
}

/** RFC 4034 appendix A.1.1: the key of a private algorithm begins with the algorithm's name or object identifier. */
function isKey(rdata: Uint8Array): boolean {
  const reader = new WireReader(rdata, keyHeader, rdata.length, false);
  if (rdata[3] === privateDns) reader.name();
  if (rdata[3] === privateOid) reader.take(reader.u8());
  return reader.fault === undefined;
}

const privateDns = 253;
const privateOid = 254;

function hasIpsecKey(rdata: Uint8Array): boolean {
  const data = readRdata(ipseckey, rdata);
  return data !== undefined && (data.algorithm === 0 || data.publicKey.length > 0);
}

function isNaptr(rdata: Uint8Array): boolean {
  const data = readRdata(naptr, rdata);
  if (data === undefined) return false;
  // RFC 3403 §4.1: flags are letters and digits.
  return /^[A-Za-z0-9]*$/.test(bytesToLatin1(data.flags)) && isSubstitution(bytesToLatin1(data.regexp));
}

/**
 * RFC 3402 §3.2: delimiter, expression, delimiter, replacement, delimiter, flags; empty where there is none. Back-references are to groups that
 * there are.
 */
function isSubstitution(text: string): boolean {
  if (text === '') return true;
  if (text.includes('\0')) return false;
  const delimiter = text.slice(0, 1);
  // A delimiter can't be what has a meaning in the parts.
  if (/[0-9\\i]/.test(delimiter)) return false;
  const parts: string[] = [];
  let part = '';
  for (let at = 1; at < text.length; at++) {
    const letter = text.charAt(at);
    if (letter === '\\') part += letter + text.charAt(++at);
    else if (letter === delimiter) {
      parts.push(part);
      part = '';
    } else part += letter;
  }
  const [expression, replacement, ...more] = parts;
  if (expression === undefined || replacement === undefined || more.length > 0) return false;
  if (part !== '' && part !== 'i') return false;
  if (!isExpression(expression)) return false;
  const groups = (expression.replaceAll(/\\./gs, '').match(/\(/g) ?? []).length;
  return [...replacement.matchAll(/\\([1-9])/g)].every(([, digit]) => Number(digit) <= groups);
}

/** POSIX extended expressions are those of JavaScript but for rare forms, and for lazy repetition; this one is read, and never used. */
function isExpression(text: string): boolean {
  if (text === '' || /[*+?}][*+?]/.test(text.replaceAll(/\\.|\[\^?\]?[^\]]*\]/gs, 'x'))) return false;
  try {
    void new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function reads(shape: (reader: WireReader) => void): Rule {
  return (rdata) => {
    const reader = new WireReader(rdata, 0, rdata.length, false);
    shape(reader);
    return reader.fault === undefined && reader.remaining === 0;
  };
}

/** RFC 2535 §5.2: the next name, and a bit map of up to 128 types whose zeros at the end are left out. */
function nxt(reader: WireReader): void {
  reader.name();
  const map = reader.rest();
  if (map.length > 16 || map.at(-1) === 0 || ((map[0] ?? 0) & 0x80) !== 0) reader.fail('no bit map of types');
}

/** RFC 2874 §3.1: the length of the prefix in bits, what of the address is not prefix, and the prefix's name where there is a prefix. */
function a6(reader: WireReader): void {
  const prefix = reader.u8();
  if (prefix > 128) reader.fail('a prefix longer than an address');
  reader.skip(Math.max(0, 16 - Math.floor(prefix / 8)));
  if (prefix > 0) reader.name();
}

/** The draft of digital objects: enterprise, type, location, a media type and the data. */
function doa(reader: WireReader): void {
  reader.skip(4 + 4 + 1);
  reader.skip(reader.u8());
  reader.rest();
}
