// PTR: a pointer to another name, as reverse zones hold (RFC 1035 §3.3.12).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface PtrData {
  readonly target: DomainName;
}

export const ptr: RecordType<PtrData> = defineType<PtrData>(
  rrType.PTR,
  'PTR',
  { target: name },
  'compressed',
);
