// MD: a mail destination (RFC 1035 §3.3.4); MX took its place.
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface MdData {
  readonly host: DomainName;
}

export const md: RecordType<MdData> = defineType<MdData>(rrType.MD, 'MD', { host: name }, 'compressed');
