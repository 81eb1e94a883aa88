// MF: a mail forwarder (RFC 1035 §3.3.5); MX took its place.
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface MfData {
  readonly host: DomainName;
}

export const mf: RecordType<MfData> = defineType<MfData>(rrType.MF, 'MF', { host: name }, 'compressed');
