// TALINK: a chain of trust anchors (draft-wijngaards-dnsop-trust-history).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface TalinkData {
  readonly previous: DomainName;
  readonly next: DomainName;
}

export const talink: RecordType<TalinkData> = defineType<TalinkData>(rrType.TALINK, 'TALINK', {
  previous: name,
  next: name,
});
