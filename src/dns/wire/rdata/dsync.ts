// DSYNC: where a parent wants to be notified of its children's changes (RFC 9859 §2.1).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { named, typeCode, u16, u8 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface DsyncData {
  readonly type: number;
  readonly scheme: number;
  readonly port: number;
  readonly target: DomainName;
}

/** RFC 9859 §6.3 */
const dsyncScheme = { NOTIFY: 1 } as const;

export const dsync: RecordType<DsyncData> = defineType<DsyncData>(rrType.DSYNC, 'DSYNC', {
  type: typeCode,
  scheme: named(u8, dsyncScheme, 'mnemonic'),
  port: u16,
  target: name,
});
