// EDNS option codes, from IANA's "DNS EDNS0 Option Codes (OPT)", and the options that messages of ours carry: cookies
// (RFC 7873), TCP keepalive (RFC 7828), padding (RFC 7830), and extended errors (RFC 8914).
import { bytesToHex, bytesToUtf8, concatBytes, utf8ToBytes } from '../../lib/bytes.ts';
import type { EdnsOption } from './rdata/opt.ts';

export const ednsOption = {
  LLQ: 1,
  UL: 2,
  NSID: 3,
  DAU: 5,
  DHU: 6,
  N3U: 7,
  ECS: 8,
  EXPIRE: 9,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  CHAIN: 13,
  'KEY-TAG': 14,
  EDE: 15,
  'CLIENT-TAG': 16,
  'SERVER-TAG': 17,
  'REPORT-CHANNEL': 18,
  ZONEVERSION: 19,
} as const;

/** RFC 8914 §4, RFC 9520 §2.5 and IANA's "Extended DNS Error Codes". */
export const extendedError = {
  OTHER: 0,
  UNSUPPORTED_DNSKEY_ALGORITHM: 1,
  UNSUPPORTED_DS_DIGEST_TYPE: 2,
  STALE_ANSWER: 3,
  FORGED_ANSWER: 4,
  DNSSEC_INDETERMINATE: 5,
  DNSSEC_BOGUS: 6,
  SIGNATURE_EXPIRED: 7,
  SIGNATURE_NOT_YET_VALID: 8,
  DNSKEY_MISSING: 9,
  RRSIGS_MISSING: 10,
  NO_ZONE_KEY_BIT_SET: 11,
  NSEC_MISSING: 12,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  BLOCKED: 15,
  CENSORED: 16,
  FILTERED: 17,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
  SIGNATURE_EXPIRED_BEFORE_VALID: 25,
  TOO_EARLY: 26,
  UNSUPPORTED_NSEC3_ITERATIONS: 27,
  UNABLE_TO_CONFORM_TO_POLICY: 28,
  SYNTHESIZED: 29,
  INVALID_QUERY_TYPE: 30,
} as const;

export interface ExtendedError {
  readonly code: number;
  /** For people; may be ''. */
  readonly text: string;
}

/** RFC 8914 §2 */
export function extendedErrorOption(error: ExtendedError): EdnsOption {
  const code = Uint8Array.of(error.code >>> 8, error.code);
  return { code: ednsOption.EDE, bytes: concatBytes([code, utf8ToBytes(error.text)]) };
}

/** `undefined` where the option is none or too short. */
export function readExtendedError(option: EdnsOption): ExtendedError | undefined {
  const [high, low] = option.bytes;
  if (option.code !== ednsOption.EDE || high === undefined || low === undefined) return undefined;
  // RFC 8914 §2: the text may end in a null, which isn't part of it.
  const text = bytesToUtf8(option.bytes.subarray(2)).replace(/\0$/, '');
  return { code: (high << 8) | low, text };
}

/** One line for people: `EDE: 22 (no reachable authority): "all servers timed out"`, `COOKIE: 0102…`, `OPT=65001: 00`. */
export function formatEdnsOption(option: EdnsOption): string {
  const error = readExtendedError(option);
  if (error !== undefined) {
    const name = Object.entries(extendedError).find(([, code]) => code === error.code)?.[0];
    const meaning = name === undefined ? '' : ` (${name.toLowerCase().replaceAll('_', ' ')})`;
    return `EDE: ${error.code}${meaning}${error.text === '' ? '' : `: ${printable(error.text)}`}`;
  }
  const name =
    Object.entries(ednsOption).find(([, code]) => code === option.code)?.[0] ?? `OPT=${option.code}`;
  if (option.code === ednsOption.NSID) {
    return `${name}: ${bytesToHex(option.bytes)} (${printable(bytesToUtf8(option.bytes))})`;
  }
  if (option.code === ednsOption.PADDING) return `${name}: ${option.bytes.length} octets`;
  return `${name}: ${bytesToHex(option.bytes)}`;
}

/** Quoted, with control characters replaced: what peers wrote must not steer a terminal. */
function printable(text: string): string {
  return `"${text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}')}"`;
}
