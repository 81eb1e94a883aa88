// SIG: a signature in RRSIG's form (RFC 2535 §4.1), today of whole messages (RFC 2931).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { dnssecAlgorithm } from './dnssec-algorithm.ts';
import { name } from './fields/name.ts';
import { duration, named, typeCode, u16, u8 } from './fields/number.ts';
import { base64Rest } from './fields/octets.ts';
import { signatureTime } from './fields/time.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface SigData {
  readonly typeCovered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: DomainName;
  readonly signature: Uint8Array;
}

export const sig: RecordType<SigData> = defineType<SigData>(
  rrType.SIG,
  'SIG',
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
  'decompressed',
);
