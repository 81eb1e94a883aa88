// DNSKEY: a public key of a zone (RFC 4034 §2.1).
import { rrType } from '../rr-type.ts';
import { dnssecAlgorithm } from './dnssec-algorithm.ts';
import { named, u16, u8 } from './fields/number.ts';
import { base64Rest } from './fields/octets.ts';
import { defineType } from './record-type.ts';
import type { RecordType } from './record-type.ts';

export interface DnskeyData {
  /** 256: zone key; 1: secure entry point; 128: revoked (RFC 5011 §7). */
  readonly flags: number;
  /** Always 3 (RFC 4034 §2.1.2). */
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

export const dnskey: RecordType<DnskeyData> = defineType<DnskeyData>(rrType.DNSKEY, 'DNSKEY', {
  flags: u16,
  protocol: u8,
  algorithm: named(u8, dnssecAlgorithm),
  publicKey: base64Rest,
});

/**
 * The key tag of a DNSKEY's wire data (RFC 4034 appendix B): a hint for finding the key, not an identity; several keys may
 * share one. Undefined for data too short to be a DNSKEY.
 */
export function keyTag(rdata: Uint8Array): number | undefined {
  if (rdata.length < 4) return undefined;
  // RFC 4034 appendix B.1: RSA/MD5 keys use octets of their modulus instead.
  if (rdata[3] === dnssecAlgorithm.RSAMD5) {
    return rdata.length < 7 ? undefined : ((rdata.at(-3) ?? 0) << 8) | (rdata.at(-2) ?? 0);
  }
  let sum = 0;
  for (const [index, octet] of rdata.entries()) sum += index % 2 === 0 ? octet << 8 : octet;
  return (sum + (sum >>> 16)) & 0xffff;
}
