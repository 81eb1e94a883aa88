// CLA: a consent to linkage address (draft-johnson-dns-ipn-cla), in TXT's form.
import { rrType } from '../rr-type.ts';
import { texts } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface ClaData {
  readonly strings: readonly Uint8Array[];
}

export const cla: RecordType<ClaData> = defineType<ClaData>(rrType.CLA, 'CLA', { strings: texts });
