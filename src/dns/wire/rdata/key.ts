// KEY: a public key of a host (RFC 2535 §3.1, RFC 3445), as SIG(0) uses it (RFC 2931).
import { rrType } from '../rr-type.ts';
import { dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { base64Rest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface KeyData {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

export const key: RecordType<KeyData> = defineType<KeyData>(rrType.KEY, 'KEY', {
  flags: u16,
  protocol: u8,
  algorithm: named(u8, dnssecAlgorithm),
  publicKey: base64Rest,
});
