// LP: a name whose locators are the owner's (RFC 6742 §2.4).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface LpData {
  readonly preference: number;
  readonly target: DomainName;
}

export const lp: RecordType<LpData> = defineType<LpData>(rrType.LP, 'LP', { preference: u16, target: name });
