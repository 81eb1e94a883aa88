// CDNSKEY: the DNSKEY from which a child wants its parent to make a DS (RFC 7344 §3.2; algorithm 0 to have it removed, RFC 8078 §4).
import { rrType } from '../rr-type.ts';
import { dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { base64Rest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface CdnskeyData {
  /** 256: zone key; 1: secure entry point; 128: revoked (RFC 5011 §7). */
  readonly flags: number;
  /** Always 3 (RFC 4034 §2.1.2). */
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

export const cdnskey: RecordType<CdnskeyData> = defineType<CdnskeyData>(rrType.CDNSKEY, 'CDNSKEY', {
  flags: u16,
  protocol: u8,
  algorithm: named(u8, dnssecAlgorithm),
  publicKey: base64Rest,
});
