// RESINFO: what a resolver can do (RFC 9606 §3), in TXT's form.
import { rrType } from '../rr-type.ts';
import { texts } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface ResinfoData {
  readonly strings: readonly Uint8Array[];
}

export const resinfo: RecordType<ResinfoData> = defineType<ResinfoData>(rrType.RESINFO, 'RESINFO', {
  strings: texts,
});
