// DS: the digest of a child zone's key, in the parent (RFC 4034 §5.1).
import { rrType } from '../rr-type.ts';
import { dsMisfit } from './digest-length.ts';
import { digestType, dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { hexRest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface DsData {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

export const ds: RecordType<DsData> = defineType<DsData>(
  rrType.DS,
  'DS',
  {
    keyTag: u16,
    algorithm: named(u8, dnssecAlgorithm),
    digestType: named(u8, digestType),
    digest: hexRest,
  },
  'plain',
  dsMisfit,
);
