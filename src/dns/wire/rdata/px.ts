// PX: mapping between X.400 and RFC 822 addresses (RFC 2163 §4).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface PxData {
  readonly preference: number;
  readonly map822: DomainName;
  readonly mapX400: DomainName;
}

export const px: RecordType<PxData> = defineType<PxData>(
  rrType.PX,
  'PX',
  { preference: u16, map822: name, mapX400: name },
  'decompressed',
);
