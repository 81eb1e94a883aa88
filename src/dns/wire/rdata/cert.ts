// CERT: a certificate or revocation list (RFC 4398 §2).
import { rrType } from '../rr-type.ts';
import { dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { base64Rest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface CertData {
  readonly certificateType: number;
  readonly keyTag: number;
  readonly algorithm: number;
  readonly certificate: Uint8Array;
}

/** RFC 4398 §2.1 */
const certificateTypes = {
  PKIX: 1,
  SPKI: 2,
  PGP: 3,
  IPKIX: 4,
  ISPKI: 5,
  IPGP: 6,
  ACPKIX: 7,
  IACPKIX: 8,
  URI: 253,
  OID: 254,
} as const;

/*                        1 1 1 1 1 1 1 1 1 1 2 2 2 2 2 2 2 2 2 2 3 3
    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |             type              |             key tag           |
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
   |   algorithm   |                                               /
   +---------------+            certificate or CRL                 /
   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-| */
export const cert: RecordType<CertData> = defineType<CertData>(rrType.CERT, 'CERT', {
  certificateType: named(u16, certificateTypes, 'mnemonic'),
  keyTag: u16,
  algorithm: named(u8, dnssecAlgorithm, 'mnemonic'),
  certificate: base64Rest,
});
