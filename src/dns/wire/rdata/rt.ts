// RT: a host that routes for the owner (RFC 1183 §3.3).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface RtData {
  readonly preference: number;
  readonly host: DomainName;
}

export const rt: RecordType<RtData> = defineType<RtData>(
  rrType.RT,
  'RT',
  { preference: u16, host: name },
  'decompressed',
);
