// NAPTR: a rule that rewrites a string into a name or URI (RFC 3403 §4.1).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { text } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface NaptrData {
  /** The lowest is used first. */
  readonly order: number;
  readonly preference: number;
  readonly flags: Uint8Array;
  readonly services: Uint8Array;
  readonly regexp: Uint8Array;
  readonly replacement: DomainName;
}

export const naptr: RecordType<NaptrData> = defineType<NaptrData>(
  rrType.NAPTR,
  'NAPTR',
  { order: u16, preference: u16, flags: text, services: text, regexp: text, replacement: name },
  'decompressed',
);
