// MB: the host of a mailbox (RFC 1035 §3.3.3).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface MbData {
  readonly host: DomainName;
}

export const mb: RecordType<MbData> = defineType<MbData>(rrType.MB, 'MB', { host: name }, 'compressed');
