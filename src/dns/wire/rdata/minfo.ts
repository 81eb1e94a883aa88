// MINFO: the mailboxes of a mailing list (RFC 1035 §3.3.7).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface MinfoData {
  readonly responsible: DomainName;
  readonly errors: DomainName;
}

export const minfo: RecordType<MinfoData> = defineType<MinfoData>(
  rrType.MINFO,
  'MINFO',
  { responsible: name, errors: name },
  'compressed',
);
