// SRV: where a service is found (RFC 2782).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface SrvData {
  /** The lowest is tried first. */
  readonly priority: number;
  /** Among equal priorities, the share of clients. */
  readonly weight: number;
  readonly port: number;
  /** `.` says that the service is not offered. */
  readonly target: DomainName;
}

export const srv: RecordType<SrvData> = defineType<SrvData>(
  rrType.SRV,
  'SRV',
  { priority: u16, weight: u16, port: u16, target: name },
  // RFC 2782 forbids compressing the target, RFC 3597 §4 wants it read nevertheless.
  'decompressed',
);
