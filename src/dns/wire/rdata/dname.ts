// DNAME: redirects the whole tree below the owner (RFC 6672 §2.1).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface DnameData {
  readonly target: DomainName;
}

export const dname: RecordType<DnameData> = defineType<DnameData>(
  rrType.DNAME,
  'DNAME',
  { target: name },
  'lower',
);
