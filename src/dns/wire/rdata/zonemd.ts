// ZONEMD: a digest over a whole zone (RFC 8976 §2.2).
import { rrType } from '../rr-type.ts';
import { zonemdMisfit } from './digest-length.ts';
import { u32, u8 } from './fields/number.ts';
import { hexRest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface ZonemdData {
  readonly serial: number;
  readonly scheme: number;
  readonly hashAlgorithm: number;
  readonly digest: Uint8Array;
}

export const zonemd: RecordType<ZonemdData> = defineType<ZonemdData>(
  rrType.ZONEMD,
  'ZONEMD',
  {
    serial: u32,
    scheme: u8,
    hashAlgorithm: u8,
    digest: hexRest,
  },
  'plain',
  zonemdMisfit,
);
