// CDS: the DS that a child wants its parent to publish (RFC 7344 §3.1; all zero to have it removed, RFC 8078 §4).
import { rrType } from '../rr-type.ts';
import { dsMisfit } from './digest-length.ts';
import { digestType, dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { hexRest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface CdsData {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

export const cds: RecordType<CdsData> = defineType<CdsData>(
  rrType.CDS,
  'CDS',
  {
    keyTag: u16,
    algorithm: named(u8, dnssecAlgorithm),
    digestType: named(u8, digestType),
    digest: hexRest,
  },
  'plain',
  dsMisfit,
);
