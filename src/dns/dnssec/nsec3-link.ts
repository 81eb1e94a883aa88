// One NSEC3 record as proofs see it (RFC 5155 §3): from the hash of one name to that of the next, with the types that the first has.
import { bytesToLatin1, compareBytes, equalBytes } from '../../lib/bytes.ts';
import type { DomainName } from '../wire/name.ts';
import { base32HexToBytes } from '../wire/rdata/base32hex.ts';
import { nsec3HashLength, nsec3HashSha1 } from './nsec3-hash.ts';
import type { Nsec3Parameters } from './nsec3-hash.ts';

const optOutFlag = 1;

export interface Nsec3Link extends Nsec3Parameters {
  readonly hash: Uint8Array;
  readonly next: Uint8Array;
  readonly optOut: boolean;
  readonly bitmap: Uint8Array;
}

/** The hash that an NSEC3 record's owner is: right below the zone's own name (RFC 5155 §3). */
export function hashInOwner(owner: DomainName, zone: DomainName): Uint8Array | undefined {
  if (owner.labelCount !== zone.labelCount + 1 || !owner.isBelow(zone)) return undefined;
  const hash = base32HexToBytes(bytesToLatin1(owner.label(0)));
  return hash?.length === nsec3HashLength ? hash : undefined;
}

/** RFC 5155 §3.2; `undefined` for records that a validator passes over. */
export function readNsec3Link(hash: Uint8Array, rdata: Uint8Array): Nsec3Link | undefined {
  const [algorithm, flags] = rdata;
  // RFC 5155 §8.1, §8.2: other algorithms and flags are of a time to come.
  if (algorithm !== nsec3HashSha1 || flags === undefined || (flags & ~optOutFlag) !== 0) return undefined;
  const saltEnd = 5 + (rdata[4] ?? 0);
  const nextEnd = saltEnd + 1 + nsec3HashLength;
  if (rdata[saltEnd] !== nsec3HashLength || rdata.length < nextEnd) return undefined;
  return {
    hash,
    iterations: ((rdata[2] ?? 0) << 8) | (rdata[3] ?? 0),
    salt: rdata.subarray(5, saltEnd),
    next: rdata.subarray(saltEnd + 1, nextEnd),
    optOut: (flags & optOutFlag) !== 0,
    bitmap: rdata.subarray(nextEnd),
  };
}

/** The last of a zone leads back to the first, and covers what is after or before both (RFC 5155 §7.1). */
export function coversHash({ hash: owner, next }: Nsec3Link, hash: Uint8Array): boolean {
  const after = compareBytes(owner, hash) < 0;
  const before = compareBytes(hash, next) < 0;
  return compareBytes(owner, next) < 0 ? after && before : (after || before) && !equalBytes(owner, hash);
}

/** RFC 5155 §8.2: whether both are of one chain. */
export function hasParameters(
  { iterations, salt }: Nsec3Parameters,
  parameters: Nsec3Parameters | undefined,
): boolean {
  return (
    parameters !== undefined && iterations === parameters.iterations && equalBytes(salt, parameters.salt)
  );
}
