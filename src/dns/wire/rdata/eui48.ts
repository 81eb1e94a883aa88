// EUI48: a 48-bit hardware address (RFC 7043 §3.1).
import { rrType } from '../rr-type.ts';
import { hyphenHex } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface Eui48Data {
  /** 6 octets. */
  readonly address: Uint8Array;
}

export const eui48: RecordType<Eui48Data> = defineType<Eui48Data>(rrType.EUI48, 'EUI48', {
  address: hyphenHex(6),
});
