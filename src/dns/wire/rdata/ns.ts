// NS: an authoritative name server of the owner's zone (RFC 1035 §3.3.11).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface NsData {
  readonly host: DomainName;
}

export const ns: RecordType<NsData> = defineType<NsData>(rrType.NS, 'NS', { host: name }, 'compressed');
