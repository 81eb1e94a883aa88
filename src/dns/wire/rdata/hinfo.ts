// HINFO: a host's machine and system (RFC 1035 §3.3.2); today mostly the answer to ANY (RFC 8482 §4.2).
import { rrType } from '../rr-type.ts';
import { text } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface HinfoData {
  readonly cpu: Uint8Array;
  readonly os: Uint8Array;
}

export const hinfo: RecordType<HinfoData> = defineType<HinfoData>(rrType.HINFO, 'HINFO', {
  cpu: text,
  os: text,
});
