// NSAP-PTR: from an NSAP address to a name (RFC 1706 §6).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface NsapPtrData {
  readonly target: DomainName;
}

export const nsapPtr: RecordType<NsapPtrData> = defineType<NsapPtrData>(rrType['NSAP-PTR'], 'NSAP-PTR', {
  target: name,
});
