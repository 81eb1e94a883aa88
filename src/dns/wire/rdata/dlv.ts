// DLV: as DS, for look-aside validation, which is no more (RFC 8749).
import { rrType } from '../rr-type.ts';
import { dsMisfit } from './digest-length.ts';
import { digestType, dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { hexRest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface DlvData {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

export const dlv: RecordType<DlvData> = defineType<DlvData>(
  rrType.DLV,
  'DLV',
  {
    keyTag: u16,
    algorithm: named(u8, dnssecAlgorithm),
    digestType: named(u8, digestType),
    digest: hexRest,
  },
  'plain',
  dsMisfit,
);
