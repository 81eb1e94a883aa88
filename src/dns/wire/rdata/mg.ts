// MG: a member of a mail group (RFC 1035 §3.3.6).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface MgData {
  readonly mailbox: DomainName;
}

export const mg: RecordType<MgData> = defineType<MgData>(rrType.MG, 'MG', { mailbox: name }, 'compressed');
