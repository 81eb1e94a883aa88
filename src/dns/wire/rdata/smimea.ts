// SMIMEA: the certificate of a mail user (RFC 8162 §2), in TLSA's form.
import { rrType } from '../rr-type.ts';
import { tlsaMisfit } from './digest-length.ts';
import { tlsaMatching, tlsaSelector, tlsaUsage } from './tlsa-acronym.ts';
import { named, u8 } from './fields/number.ts';
import { hexRest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface SmimeaData {
  /** 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218 §2.1). */
  readonly usage: number;
  /** 0 the whole certificate, 1 its public key. */
  readonly selector: number;
  /** 0 the data itself, 1 its SHA-256, 2 its SHA-512. */
  readonly matchingType: number;
  readonly data: Uint8Array;
}

export const smimea: RecordType<SmimeaData> = defineType<SmimeaData>(
  rrType.SMIMEA,
  'SMIMEA',
  {
    usage: named(u8, tlsaUsage),
    selector: named(u8, tlsaSelector),
    matchingType: named(u8, tlsaMatching),
    data: hexRest,
  },
  'plain',
  tlsaMisfit,
);
