// Lengths of digests: a digest that was cut when it was copied is found where the zone is read, not by those who ask for it.
import { dnssecAlgorithm } from './dnssec-algorithm.ts';

/** What to call each kind of digest, and its octets. */
type DigestKinds = Readonly<Record<number, readonly [name: string, octets: number]>>;

/** RFC 4034 §5.1.3, RFC 4509 §2.1, RFC 5933 §5, RFC 6605 §2 */
const dsDigests: DigestKinds = { 1: ['SHA-1', 20], 2: ['SHA-256', 32], 3: ['GOST', 32], 4: ['SHA-384', 48] };

/** RFC 6698 §2.1.3 */
const certificateDigests: DigestKinds = { 1: ['SHA-256', 32], 2: ['SHA-512', 64] };

/** RFC 4255 §3.1.2, RFC 6594 §4 */
const fingerprints: DigestKinds = { 1: ['SHA-1', 20], 2: ['SHA-256', 32] };

/** RFC 8976 §2.2.2 */
const simpleScheme = 1;
/** RFC 8976 §2.2.3 */
const zoneDigests: DigestKinds = { 1: ['SHA-384', 48], 2: ['SHA-512', 64] };

function misfit(kinds: DigestKinds, kind: number, digest: Uint8Array): string | undefined {
  const [name, octets] = kinds[kind] ?? [];
  if (octets === undefined || digest.length === octets) return undefined;
  return `a ${name} digest has ${octets} octets, not ${digest.length}`;
}

/** DS and its like; algorithm 0 asks for removal and has no digest (RFC 8078 §4). */
export function dsMisfit(data: {
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}): string | undefined {
  if (data.algorithm === dnssecAlgorithm.DELETE) return undefined;
  return misfit(dsDigests, data.digestType, data.digest);
}

export function tlsaMisfit(data: {
  readonly matchingType: number;
  readonly data: Uint8Array;
}): string | undefined {
  return misfit(certificateDigests, data.matchingType, data.data);
}

export function sshfpMisfit(data: {
  readonly fingerprintType: number;
  readonly fingerprint: Uint8Array;
}): string | undefined {
  return misfit(fingerprints, data.fingerprintType, data.fingerprint);
}

export function zonemdMisfit(data: {
  readonly scheme: number;
  readonly hashAlgorithm: number;
  readonly digest: Uint8Array;
}): string | undefined {
  // RFC 8976 §2.2.4: no digest has less than 12 octets, whatever its algorithm.
  if (data.digest.length < 12) return `a zone's digest has 12 octets at least, not ${data.digest.length}`;
  // Other schemes may cut their digests, as one in RFC 8976 appendix A.3 does.
  return data.scheme === simpleScheme ? misfit(zoneDigests, data.hashAlgorithm, data.digest) : undefined;
}
