// TKEY: agreement on a shared key (RFC 2930 §2); only in messages.
import { tsigError } from '../codes.ts';
import type { DomainName } from '../name.ts';
import { rrType } from '../rr-type.ts';
import { name } from './fields/name.ts';
import { named, u16, u32 } from './fields/number.ts';
import { countedBase64 } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface TkeyData {
  readonly algorithm: DomainName;
  /** Seconds since 1970, as is the expiration. */
  readonly inception: number;
  readonly expiration: number;
  readonly mode: number;
  readonly error: number;
  readonly key: Uint8Array;
  readonly other: Uint8Array;
}

export const tkey: RecordType<TkeyData> = defineType<TkeyData>(rrType.TKEY, 'TKEY', {
  algorithm: name,
  inception: u32,
  expiration: u32,
  mode: u16,
  error: named(u16, tsigError, 'mnemonic'),
  key: countedBase64,
  other: countedBase64,
});
