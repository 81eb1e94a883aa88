// AVC: application visibility and control, in TXT's form.
import { rrType } from '../rr-type.ts';
import { texts } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface AvcData {
  readonly strings: readonly Uint8Array[];
}

export const avc: RecordType<AvcData> = defineType<AvcData>(rrType.AVC, 'AVC', { strings: texts });
