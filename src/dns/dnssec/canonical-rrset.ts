// The octets that a signature is of: an RRset in canonical form and order (RFC 4034 §6, §3.1.8.1).
import { compareBytes } from '../../lib/bytes.ts';
import type { DomainName } from '../wire/name.ts';
import { canonicalRdata } from '../wire/rdata/registry.ts';
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
 * for an answer by a wildcard is the wildcard (RFC 4035 §5.3.2). `rdatas`: as {@link canonicalRdatas} gives them.
 */
export function signedOctets(
  owner: DomainName,
  recordClass: number,
  rdatas: readonly Uint8Array[],
  signature: RrsigData,
): Uint8Array {
  const name = owner.lowerCase().wire;
  const signer = signature.signer.lowerCase().wire;
  let length = signatureHead + signer.length;
  for (const rdata of rdatas) length += name.length + recordHead + rdata.length;
  const octets = new Uint8Array(length);
  const view = new DataView(octets.buffer);
  view.setUint16(0, signature.typeCovered);
  octets[2] = signature.algorithm;
  octets[3] = signature.labels;
  view.setUint32(4, signature.originalTtl);
  view.setUint32(8, signature.expiration);
  view.setUint32(12, signature.inception);
  view.setUint16(16, signature.keyTag);
  octets.set(signer, signatureHead);
  let at = signatureHead + signer.length;
  for (const rdata of rdatas) {
    octets.set(name, at);
    at += name.length;
    view.setUint16(at, signature.typeCovered);
    view.setUint16(at + 2, recordClass);
    view.setUint32(at + 4, signature.originalTtl);
    view.setUint16(at + 8, rdata.length);
    octets.set(rdata, at + recordHead);
    at += recordHead + rdata.length;
  }
  return octets;
}

/** Octets of an RRSIG's data before the signer's name, and of a record between its owner and its data. */
const signatureHead = 18;
const recordHead = 10;
