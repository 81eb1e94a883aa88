// NSEC: the next name of a signed zone, and the types at this one (RFC 4034 §4.1).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { typeBitmap } from './fields/type-bitmap.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface NsecData {
  /** Its case is kept in canonical form (RFC 6840 §5.1). */
  readonly next: DomainName;
  readonly types: readonly number[];
}

export const nsec: RecordType<NsecData> = defineType<NsecData>(rrType.NSEC, 'NSEC', {
  next: name,
  types: typeBitmap,
});
