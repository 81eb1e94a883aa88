// NSEC3PARAM: how a zone's names are hashed for NSEC3 (RFC 5155 §4.2).
import { rrType } from '../rr-type.ts';
import { u16, u8 } from './fields/number.ts';
import { saltHex } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface Nsec3paramData {
  readonly hashAlgorithm: number;
  readonly flags: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
}

export const nsec3param: RecordType<Nsec3paramData> = defineType<Nsec3paramData>(
  rrType.NSEC3PARAM,
  'NSEC3PARAM',
  { hashAlgorithm: u8, flags: u8, iterations: u16, salt: saltHex },
);
