// What a client is answered with by a plain reply (plain-reply.ts): for how long, and the packet's octets (RFC 1035 §4.1). A fuzz target holds it
// together with what the resolver's front makes of the same reply.
//
// A hot path: the records are copied as they came.
import { rcode } from '../wire/codes.ts';
import { headerLength } from '../wire/message-decoder.ts';
import type { PlainReply } from './plain-reply.ts';

/** Of `ResolverLimits`, in seconds. */
export interface PlainTtlLimits {
  readonly minTtl: number;
  readonly maxTtl: number;
  readonly maxNegativeTtl: number;
}

/** Seconds that what the reply says is kept: 0 where it is for who has asked alone (RFC 1035 §3.2.1). */
export function plainTtl({ ttl }: PlainReply, isDenial: boolean, limits: PlainTtlLimits): number {
  const most = isDenial ? Math.min(limits.maxNegativeTtl, limits.maxTtl) : limits.maxTtl;
  return Math.max(limits.minTtl, Math.min(ttl, most));
}

/**
 * Writes the packet for the reply that lies in `bytes` to the beginning of `body`, which has room for it, and gives its length: header, question, and the records
 * as they came, but for their TTL. Names in them point to the question alone, which stays where it is.
 */
export function writePlainBody(
  body: Uint8Array,
  bytes: Uint8Array,
  { end, records, rcode: code }: PlainReply,
  questionEnd: number,
  ttl: number,
  isDenial: boolean,
): number {
  body.fill(0, 0, headerLength);
  // QR and RD, RA (RFC 1035 §4.1.1).
  body[2] = 0x81;
  body[3] = 0x80 | (code === rcode.NXDOMAIN ? rcode.NXDOMAIN : rcode.NOERROR);
  body[5] = 1;
  body[isDenial ? 9 : 7] = records;
  for (let i = headerLength; i < end; i++) body[i] = bytes[i] ?? 0;
  for (let at = questionEnd; at < end;) {
    // Each owner is a pointer.
    body[at + 6] = ttl >>> 24;
    body[at + 7] = ttl >>> 16;
    body[at + 8] = ttl >>> 8;
    body[at + 9] = ttl;
    at += 12 + (((body[at + 10] ?? 0) << 8) | (body[at + 11] ?? 0));
  }
  return end;
}
