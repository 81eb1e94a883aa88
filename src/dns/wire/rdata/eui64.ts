// EUI64: a 64-bit hardware address (RFC 7043 §4.1).
import { rrType } from '../rr-type.ts';
import { hyphenHex } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface Eui64Data {
  /** 8 octets. */
  readonly address: Uint8Array;
}

export const eui64: RecordType<Eui64Data> = defineType<Eui64Data>(rrType.EUI64, 'EUI64', {
  address: hyphenHex(8),
});
