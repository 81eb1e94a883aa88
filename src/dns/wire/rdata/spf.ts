// SPF: the sender policy of RFC 4408, in TXT's form; RFC 7208 §3.1 uses TXT alone.
import { rrType } from '../rr-type.ts';
import { texts } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface SpfData {
  readonly strings: readonly Uint8Array[];
}

export const spf: RecordType<SpfData> = defineType<SpfData>(rrType.SPF, 'SPF', { strings: texts });
