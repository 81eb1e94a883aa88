// CNAME: the canonical name that the owner is an alias of (RFC 1035 §3.3.1).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface CnameData {
  readonly target: DomainName;
}

export const cname: RecordType<CnameData> = defineType<CnameData>(
  rrType.CNAME,
  'CNAME',
  { target: name },
  'compressed',
);
