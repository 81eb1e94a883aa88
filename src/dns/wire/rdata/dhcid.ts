// DHCID: whose DHCP lease a name is (RFC 4701 §3.1).
import { rrType } from '../rr-type.ts';
import { base64Rest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface DhcidData {
  readonly digest: Uint8Array;
}

export const dhcid: RecordType<DhcidData> = defineType<DhcidData>(rrType.DHCID, 'DHCID', {
  digest: base64Rest,
});
