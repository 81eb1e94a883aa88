// RRSIG: the signature of an RRset (RFC 4034 §3.1).
import type { DomainName } from '../name.ts';
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
