// RKEY: a public key to encrypt with (draft-reid-dnsext-rkey), in the form of DNSKEY.
import { rrType } from '../rr-type.ts';
import { dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { base64Rest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface RkeyData {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

export const rkey: RecordType<RkeyData> = defineType<RkeyData>(rrType.RKEY, 'RKEY', {
  flags: u16,
  protocol: u8,
  algorithm: named(u8, dnssecAlgorithm),
  publicKey: base64Rest,
});
