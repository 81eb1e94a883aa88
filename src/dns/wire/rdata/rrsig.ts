// RRSIG: the signature of an RRset (RFC 4034 §3.1).
import { DomainName, maxLabelLength, maxNameLength } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { dnssecAlgorithm } from './dnssec-algorithm.ts';
import { name } from './fields/name.ts';
import { duration, named, typeCode, u16, u8 } from './fields/number.ts';
import { base64Rest } from './fields/octets.ts';
import { signatureTime } from './fields/time.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface RrsigData {
  readonly typeCovered: number;
  readonly algorithm: number;
  /** Of the owner the signature was made for, without root and wildcard labels (RFC 4034 §3.1.3). */
  readonly labels: number;
  readonly originalTtl: number;
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: DomainName;
  readonly signature: Uint8Array;
}

/*                        1 1 1 1 1 1 1 1 1 1 2 2 2 2 2 2 2 2 2 2 3 3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |        Type Covered           |  Algorithm    |     Labels    |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                         Original TTL                          |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                      Signature Expiration                     |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |                      Signature Inception                      |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |            Key Tag            |                               /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+         Signer's Name         /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   /                            Signature                          /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+ */
export const rrsig: RecordType<RrsigData> = defineType<RrsigData>(
  rrType.RRSIG,
  'RRSIG',
  {
    typeCovered: typeCode,
    algorithm: named(u8, dnssecAlgorithm),
    labels: u8,
    originalTtl: duration,
    expiration: signatureTime,
    inception: signatureTime,
    keyTag: u16,
    signer: name,
    signature: base64Rest,
  },
  'lower',
);

/** Octets before the signer's name. */
export const rrsigHead = 18;

/** What `readRdata` reads, at a fourth of the price: validation reads one or two for each answer. Views of `rdata`, no copies. */
export function readRrsig(rdata: Uint8Array): RrsigData | undefined {
  const end = signerEnd(rdata);
  if (end === undefined) return undefined;
  return {
    typeCovered: u16At(rdata, 0),
    algorithm: rdata[2] ?? 0,
    labels: rdata[3] ?? 0,
    originalTtl: u32At(rdata, 4),
    expiration: u32At(rdata, 8),
    inception: u32At(rdata, 12),
    keyTag: u16At(rdata, 16),
    signer: DomainName.unchecked(rdata.subarray(rrsigHead, end)),
    signature: rdata.subarray(end),
  };
}

/** The octet after the signer's name, which is not compressed (RFC 4034 §3.1.7); `undefined` where there is no whole name. */
export function signerEnd(rdata: Uint8Array): number | undefined {
  for (let at = rrsigHead; at < rdata.length && at < rrsigHead + maxNameLength;) {
    const length = rdata[at] ?? 0;
    if (length === 0) return at + 1;
    if (length > maxLabelLength) return undefined;
    at += length + 1;
  }
  return undefined;
}

function u16At(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

function u32At(octets: Uint8Array, at: number): number {
  return u16At(octets, at) * 0x1_0000 + u16At(octets, at + 2);
}
