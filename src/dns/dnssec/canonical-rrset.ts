// The octets that a signature is of: an RRset in canonical form and order (RFC 4034 §6, §3.1.8.1).
import { compareBytes } from '../../lib/bytes.ts';
import { lowerOctets } from '../wire/lower-octets.ts';
import type { DomainName } from '../wire/name.ts';
import { canonicalRdata } from '../wire/rdata/registry.ts';
import { rrsigHead } from '../wire/rdata/rrsig.ts';
import type { RrsigData } from '../wire/rdata/rrsig.ts';
import type { RRset } from '../wire/record.ts';

/** The set's data in canonical form (RFC 4034 §6.2, RFC 6840 §5.1) and order, each once (RFC 4034 §6.3). */
export function canonicalRdatas(rrset: RRset): readonly Uint8Array[] {
  const { type, rdatas } = rrset;
  const [only] = rdatas;
  if (only !== undefined && rdatas.length === 1) return [canonicalRdata(type, only)];
  const sorted = rdatas.map((rdata) => canonicalRdata(type, rdata)).sort(compareBytes);
  return sorted.filter((rdata, i) => {
    const before = sorted[i - 1];
    return before === undefined || compareBytes(before, rdata) !== 0;
  });
}

/**
 * What the signature was made of (RFC 4034 §3.1.8.1): the RRSIG's data without the signature, then each record. `owner`: the name that was signed, which
 * for an answer by a wildcard is the wildcard (RFC 4035 §5.3.2). `rdatas`: as {@link canonicalRdatas} gives them. What is given may be
 * overwritten by the next call.
 */
export function signedOctets(
  owner: DomainName,
  recordClass: number,
  rdatas: readonly Uint8Array[],
  signature: RrsigData,
): Uint8Array {
  const { wire: name } = owner;
  const { wire: signer } = signature.signer;
  let length = rrsigHead + signer.length;
  for (const rdata of rdatas) length += name.length + recordHead + rdata.length;
  const octets = length <= scratch.length ? scratch.subarray(0, length) : new Uint8Array(length);
  putU16(octets, 0, signature.typeCovered);
  octets[2] = signature.algorithm;
  octets[3] = signature.labels;
  putU32(octets, 4, signature.originalTtl);
  putU32(octets, 8, signature.expiration);
  putU32(octets, 12, signature.inception);
  putU16(octets, 16, signature.keyTag);
  let at = putLower(octets, rrsigHead, signer);
  for (const rdata of rdatas) {
    at = putLower(octets, at, name);
    putU16(octets, at, signature.typeCovered);
    putU16(octets, at + 2, recordClass);
    putU32(octets, at + 4, signature.originalTtl);
    putU16(octets, at + 8, rdata.length);
    octets.set(rdata, at + recordHead);
    at += recordHead + rdata.length;
  }
  return octets;
}

/** Octets of a record between its owner and its data. */
const recordHead = 10;

/** A new array for each signature costs more than what is written to it. */
const scratch = new Uint8Array(4096);

function putU16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

function putU32(octets: Uint8Array, at: number, value: number): void {
  putU16(octets, at, value >>> 16);
  putU16(octets, at + 2, value);
}

/** A name in lower case (RFC 4034 §6.2); gives the octet after it. */
function putLower(octets: Uint8Array, at: number, name: Uint8Array): number {
  for (const octet of name) octets[at++] = lowerOctets[octet] ?? 0;
  return at;
}
