// AFSDB: AFS cell and DCE servers (RFC 1183 §1).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface AfsdbData {
  readonly subtype: number;
  readonly host: DomainName;
}

export const afsdb: RecordType<AfsdbData> = defineType<AfsdbData>(
  rrType.AFSDB,
  'AFSDB',
  { subtype: u16, host: name },
  'decompressed',
);
