// Sets whose signatures were checked a moment ago: each denial of a zone comes with the same SOA, and often with the same NSEC or NSEC3, and a check costs
// a hundred times more than finding out that it would be the same again.
import { equalBytes } from '../../lib/bytes.ts';
import type { VerifiedRRset } from '../dnssec/verify-rrset.ts';
import type { ZoneKeys } from '../dnssec/zone-key.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import { BoundedCache } from './bounded-cache.ts';

interface Kept {
  readonly verified: VerifiedRRset;
  /** Data of the RRSIG that was found right. */
  readonly signature: Uint8Array;
}

export class VerifiedSets {
  readonly #kept: BoundedCache<Kept>;

  /** `limit`: octets. */
  constructor(limit: number) {
    this.#kept = new BoundedCache(limit);
  }

  /** What the check of this very set by these keys came to before, at `now` (seconds since the epoch), with the TTL that it has now. */
  find(
    rrset: RRset,
    signatures: readonly ResourceRecord[],
    keys: ZoneKeys,
    now: number,
  ): VerifiedRRset | undefined {
    const kept = this.#kept.get(keyOf(rrset));
    if (kept === undefined) return undefined;
    const { verified, signature } = kept;
    if (!keys.keys.includes(verified.key) || !verified.signer.equals(keys.zone)) return undefined;
    if (!isSame(rrset.rdatas, verified.rrset.rdatas)) return undefined;
    if (!signatures.some(({ rdata }) => equalBytes(rdata, signature))) return undefined;
    const { inception, expiration, originalTtl } = verified.signature;
    const at = now >>> 0;
    if (isLater(at, expiration) || isLater(inception, at)) return undefined;
    // RFC 4035 §5.3.3
    const ttl = Math.min(rrset.ttl, originalTtl, (expiration - at) >>> 0);
    return { ...verified, rrset: { ...rrset, ttl } };
  }

  keep(verified: VerifiedRRset, signatures: readonly ResourceRecord[]): void {
    const { rrset, signature } = verified;
    const own = signatures.find(({ rdata }) =>
      equalBytes(rdata.subarray(-signature.signature.length), signature.signature),
    );
    if (own === undefined) return;
    let octets = 700 + own.rdata.length + 2 * rrset.owner.wire.length;
    for (const rdata of rrset.rdatas) octets += 120 + rdata.length;
    this.#kept.set(keyOf(rrset), { verified, signature: own.rdata }, octets);
  }

  clear(): void {
    this.#kept.clear();
  }
}

function keyOf({ owner, type }: RRset): string {
  return `${type} ${owner.key}`;
}

/** In the same order: servers that turn it around cost a check. */
function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return (
    some.length === others.length &&
    some.every((rdata, i) => equalBytes(rdata, others[i] ?? new Uint8Array(0)))
  );
}
