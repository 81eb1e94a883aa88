// AAAA: an IPv6 host address (RFC 3596 §2).
import { rrType } from '../rr-type.ts';
import { ipv6 } from './fields/address.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface AaaaData {
  /** In the form of RFC 5952: `2001:db8::1`. */
  readonly address: string;
}

export const aaaa: RecordType<AaaaData> = defineType<AaaaData>(rrType.AAAA, 'AAAA', { address: ipv6 });
