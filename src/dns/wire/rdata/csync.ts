// CSYNC: which records a parent should take over from its child (RFC 7477 §2.1).
import { rrType } from '../rr-type.ts';
import { u16, u32 } from './fields/number.ts';
import { typeBitmap } from './fields/type-bitmap.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface CsyncData {
  readonly serial: number;
  /** 1: at once; 2: only from this SOA serial on (RFC 7477 §2.1.1.2). */
  readonly flags: number;
  readonly types: readonly number[];
}

export const csync: RecordType<CsyncData> = defineType<CsyncData>(rrType.CSYNC, 'CSYNC', {
  serial: u32,
  flags: u16,
  types: typeBitmap,
});
