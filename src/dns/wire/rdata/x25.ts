// X25: a host's PSDN address (RFC 1183 §3.1).
import { rrType } from '../rr-type.ts';
import { text } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface X25Data {
  readonly address: Uint8Array;
}

export const x25: RecordType<X25Data> = defineType<X25Data>(rrType.X25, 'X25', { address: text });
