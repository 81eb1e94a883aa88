// SOA: the start of a zone of authority (RFC 1035 §3.3.13, RFC 2308 §4 for the minimum).
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { duration, u32 } from './fields/number.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface SoaData {
  readonly primary: DomainName;
  /** The mailbox of whoever is responsible, its first label being the local part. */
  readonly mailbox: DomainName;
  /** Compared by serial number arithmetic (RFC 1982). */
  readonly serial: number;
  /** Seconds, as are the three below. */
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** Bounds how long "no such name" may be kept (RFC 2308 §4). */
  readonly minimum: number;
}

export const soa: RecordType<SoaData> = defineType<SoaData>(
  rrType.SOA,
  'SOA',
  {
    primary: name,
    mailbox: name,
    serial: u32,
    refresh: duration,
    retry: duration,
    expire: duration,
    minimum: duration,
  },
  'compressed',
);
