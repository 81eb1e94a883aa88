// A: an IPv4 host address (RFC 1035 §3.4.1).
import { rrType } from '../rr-type.ts';
import { ipv4 } from './fields/address.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface AData {
  /** `192.0.2.1` */
  readonly address: string;
}

export const a: RecordType<AData> = defineType<AData>(rrType.A, 'A', { address: ipv4 });
