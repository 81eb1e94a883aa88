// CAA: which authorities may issue certificates for the owner (RFC 8659 §4.1).
import { rrType } from '../rr-type.ts';
import { u8 } from './fields/number.ts';
import { tag, textRest } from './fields/text.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface CaaData {
  /** 128: critical. */
  readonly flags: number;
  /** `issue`, `issuewild`, `iodef`, …; compare without regard to case. */
  readonly tag: string;
  readonly value: Uint8Array;
}

export const caa: RecordType<CaaData> = defineType<CaaData>(rrType.CAA, 'CAA', {
  flags: u8,
  tag: tag,
  value: textRest,
});
