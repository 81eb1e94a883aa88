// MR: the new name of a mailbox (RFC 1035 §3.3.8).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface MrData {
  readonly mailbox: DomainName;
}

export const mr: RecordType<MrData> = defineType<MrData>(rrType.MR, 'MR', { mailbox: name }, 'compressed');
