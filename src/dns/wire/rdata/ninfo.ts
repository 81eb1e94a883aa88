// NINFO: the state of a zone (draft-reid-dnsext-zs), in TXT's form.
import { rrType } from '../rr-type.ts';
import { texts } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface NinfoData {
  readonly strings: readonly Uint8Array[];
}

export const ninfo: RecordType<NinfoData> = defineType<NinfoData>(rrType.NINFO, 'NINFO', { strings: texts });
