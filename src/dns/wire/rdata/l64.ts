// L64: a 64-bit locator of ILNP (RFC 6742 §2.3).
import { rrType } from '../rr-type.ts';
import { u16 } from './fields/number.ts';
import { colonHex } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface L64Data {
  readonly preference: number;
  /** 8 octets. */
  readonly locator: Uint8Array;
}

export const l64: RecordType<L64Data> = defineType<L64Data>(rrType.L64, 'L64', {
  preference: u16,
  locator: colonHex(8),
});
