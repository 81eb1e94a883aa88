// NSEC3: the next hashed name of a signed zone, and the types at this one (RFC 5155 §3.2).
import { rrType } from '../rr-type.ts';
import { u16, u8 } from './fields/number.ts';
import { hashBase32, saltHex } from './fields/octets.ts';
import { typeBitmap } from './fields/type-bitmap.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface Nsec3Data {
  readonly hashAlgorithm: number;
  /** 1: opt-out (RFC 5155 §3.1.2). */
  readonly flags: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly nextHashed: Uint8Array;
  readonly types: readonly number[];
}

export const nsec3: RecordType<Nsec3Data> = defineType<Nsec3Data>(rrType.NSEC3, 'NSEC3', {
  hashAlgorithm: u8,
  flags: u8,
  iterations: u16,
  salt: saltHex,
  nextHashed: hashBase32,
  types: typeBitmap,
});
