// TKEY: agreement on a shared key (RFC 2930 §2); only in messages.
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { u16 } from './fields/number.ts';
import { countedBase64 } from './fields/octets.ts';
import { signatureTime } from './fields/time.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface TkeyData {
  readonly algorithm: DomainName;
  readonly inception: number;
  readonly expiration: number;
  readonly mode: number;
  readonly error: number;
  readonly key: Uint8Array;
  readonly other: Uint8Array;
}

export const tkey: RecordType<TkeyData> = defineType<TkeyData>(rrType.TKEY, 'TKEY', {
  algorithm: name,
  inception: signatureTime,
  expiration: signatureTime,
  mode: u16,
  error: u16,
  key: countedBase64,
  other: countedBase64,
});
