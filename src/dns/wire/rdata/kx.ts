// KX: a host that exchanges keys for the owner (RFC 2230 §3).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface KxData {
  readonly preference: number;
  readonly exchanger: DomainName;
}

export const kx: RecordType<KxData> = defineType<KxData>(
  rrType.KX,
  'KX',
  { preference: u16, exchanger: name },
  'lower',
);
