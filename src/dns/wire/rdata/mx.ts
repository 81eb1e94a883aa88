// MX: a mail exchange of the owner (RFC 1035 §3.3.9, RFC 5321 §5; an exchange of `.` says "no mail", RFC 7505 §3).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface MxData {
  /** The lowest is tried first. */
  readonly preference: number;
  readonly exchange: DomainName;
}

export const mx: RecordType<MxData> = defineType<MxData>(
  rrType.MX,
  'MX',
  { preference: u16, exchange: name },
  'compressed',
);
