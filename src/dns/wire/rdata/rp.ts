// RP: who is responsible for the owner (RFC 1183 §2.2).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface RpData {
  /** The first label is the local part; `.` for none. */
  readonly mailbox: DomainName;
  /** Where TXT records with more are; `.` for none. */
  readonly text: DomainName;
}

export const rp: RecordType<RpData> = defineType<RpData>(
  rrType.RP,
  'RP',
  { mailbox: name, text: name },
  'decompressed',
);
