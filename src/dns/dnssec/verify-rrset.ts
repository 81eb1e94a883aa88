// Whether an RRset is what its zone signed (RFC 4035 §5.3): which RRSIG may speak for it, the check of the signature itself, and what follows for
// the set: its TTL, and whether a wildcard made it.
import { extendedError } from '../wire/edns-option.ts';
import type { DomainName } from '../wire/name.ts';
import { readRrsig } from '../wire/rdata/rrsig.ts';
import type { RrsigData } from '../wire/rdata/rrsig.ts';
import type { ResourceRecord, RRset } from '../wire/record.ts';
import { rrType } from '../wire/rr-type.ts';
import { isLater } from '../wire/serial-arithmetic.ts';
import { algorithmInWords } from './algorithm.ts';
import { canonicalRdatas, signedOctets } from './canonical-rrset.ts';
import { nameInWords, setInWords, validationFault } from './faults.ts';
import type { ValidationFault } from './security.ts';
import type { ValidationWork } from './work.ts';
import type { ZoneKey, ZoneKeys } from './zone-key.ts';

/** An RRset that its zone has signed, as far as proofs need to know. */
export interface SignedRRset {
  /** As it came, its TTL no longer than its signature allows (RFC 4035 §5.3.3). */
  readonly rrset: RRset;
  /** The zone that signed it. */
  readonly signer: DomainName;
  /** The wildcard that the set was made from: then it must be proved that nothing closer is there (RFC 4035 §5.3.4). */
  readonly wildcard: DomainName | undefined;
}

/** An RRset whose signature was found right. */
export interface VerifiedRRset extends SignedRRset {
  readonly ok: true;
  readonly signature: RrsigData;
  readonly key: ZoneKey;
}

export interface UnverifiedRRset {
  readonly ok: false;
  readonly fault: ValidationFault;
  /** The allowance ended before all was tried: another question might end otherwise. */
  readonly exhausted: boolean;
}

export type Verification = VerifiedRRset | UnverifiedRRset;

/** Keys of one tag and algorithm that are tried for a signature. Two share one now and then by chance; more is an attack (KeyTrap). */
const mostKeysOfOneTag = 2;
/** Signatures over one RRset that are looked at: a few keys in two algorithms make less than ten. */
const mostSignatures = 50;
/** Checks for one RRset: two algorithms in a roll-over, two keys each. */
const mostChecks = 4;

/**
 * Looks for a signature over `rrset` that one of the zone's keys made and that is valid at `now` (seconds since the epoch). One is enough (RFC 6840
 * §5.11). `signatures`: RRSIG records; others among them are passed over. Of several faults the one nearest to a valid signature is told.
 */
export function verifyWithKeys(
  rrset: RRset,
  signatures: readonly ResourceRecord[],
  keys: ZoneKeys,
  now: number,
  work: ValidationWork,
): Verification {
  let closest: ValidationFault | undefined;
  const note = (fault: ValidationFault): void => {
    if (closest === undefined || nearness(fault) > nearness(closest)) closest = fault;
  };
  const nearest = (): ValidationFault =>
    closest ??
    validationFault(
      'RRSIGS_MISSING',
      `${setInWords(rrset.owner, rrset.type)} should be signed by ${nameInWords(keys.zone)}, and is not`,
    );
  let rdatas: readonly Uint8Array[] | undefined;
  let checks = 0;
  let seen = 0;
  for (const record of signatures) {
    const signature = signatureOver(rrset, record);
    if (signature === undefined) continue;
    seen += 1;
    if (seen > mostSignatures) return tooMany(rrset, nearest(), false);
    const unfit = signatureFault(rrset, signature, keys.zone, now);
    if (unfit !== undefined) {
      note(unfit);
      continue;
    }
    const fitting = keys.keys.filter(
      ({ tag, algorithm }) => tag === signature.keyTag && algorithm === signature.algorithm,
    );
    if (fitting.length === 0) note(missingKeyFault(rrset, signature));
    let tried = 0;
    for (const key of fitting) {
      const useless = keyFault(rrset, signature, key);
      if (useless !== undefined) {
        note(useless);
        continue;
      }
      if (tried === mostKeysOfOneTag) break;
      // The set's own fault, which it will have again; where the allowance ends, others may have used it.
      if (checks === mostChecks) return tooMany(rrset, nearest(), false);
      if (!work.takeCheck()) return tooMany(rrset, nearest(), true);
      tried += 1;
      checks += 1;
      rdatas ??= canonicalRdatas(rrset);
      if (isSignedBy(rrset, rdatas, signature, key)) return verified(rrset, signature, key, now);
      note(wrongSignatureFault(rrset, signature));
    }
  }
  return { ok: false, fault: nearest(), exhausted: false };
}

/** One signature by one key, all else as {@link verifyWithKeys}; takes no allowance. `zone`: the owner of the key. */
export function verifyRRset(
  rrset: RRset,
  record: ResourceRecord,
  key: ZoneKey,
  zone: DomainName,
  now: number,
): Verification {
  const signature = signatureOver(rrset, record);
  if (signature === undefined) {
    const reason = `what should sign ${setInWords(rrset.owner, rrset.type)} is no RRSIG record over it`;
    return { ok: false, fault: validationFault('RRSIGS_MISSING', reason), exhausted: false };
  }
  const fits = key.tag === signature.keyTag && key.algorithm === signature.algorithm;
  const unfit =
    signatureFault(rrset, signature, zone, now) ??
    (fits ? keyFault(rrset, signature, key) : missingKeyFault(rrset, signature));
  if (unfit !== undefined) return { ok: false, fault: unfit, exhausted: false };
  return isSignedBy(rrset, canonicalRdatas(rrset), signature, key)
    ? verified(rrset, signature, key, now)
    : { ok: false, fault: wrongSignatureFault(rrset, signature), exhausted: false };
}

/** The data of an RRSIG record over that set: same owner and class, and its type covered (RFC 4035 §5.3.1). */
function signatureOver(rrset: RRset, record: ResourceRecord): RrsigData | undefined {
  if (record.type !== rrType.RRSIG || record.class !== rrset.class) return undefined;
  if (((record.rdata[0] ?? 0) << 8) + (record.rdata[1] ?? 0) !== rrset.type) return undefined;
  return record.owner.equals(rrset.owner) ? readRrsig(record.rdata) : undefined;
}

/** What of RFC 4035 §5.3.1 a signature by any key of the zone fails. */
function signatureFault(
  rrset: RRset,
  signature: RrsigData,
  zone: DomainName,
  now: number,
): ValidationFault | undefined {
  const { owner, type } = rrset;
  // Most signatures are right: the words are only made for those that aren't.
  const what = (): string => signatureInWords(rrset, signature);
  if (!signature.signer.equals(zone) || !owner.isAtOrBelow(zone))
    return validationFault(
      'RRSIGS_MISSING',
      `${what()} is by ${nameInWords(signature.signer)}, not by ${nameInWords(zone)}`,
    );
  // RFC 4035 §2.4: DS records are the parent's.
  if (type === rrType.DS && owner.equals(zone))
    return validationFault('DNSSEC_BOGUS', `${what()} is by the zone itself, and should be by its parent`);
  if (signature.labels > signableLabels(owner))
    return validationFault(
      'DNSSEC_BOGUS',
      `${what()} is for a name of ${signature.labels} labels, which is more than this one has`,
    );
  // A wildcard above the zone's own name would be another zone's.
  if (signature.labels < zone.labelCount)
    return validationFault('DNSSEC_BOGUS', `${what()} is for a name above the zone that made it`);
  const at = now >>> 0;
  const { expiration, inception } = signature;
  if (isLater(inception, expiration))
    return validationFault(
      'SIGNATURE_EXPIRED_BEFORE_VALID',
      `${what()} expires at ${timeInWords(expiration)}, before it becomes valid at ${timeInWords(inception)}`,
    );
  if (isLater(at, expiration))
    return validationFault('SIGNATURE_EXPIRED', `${what()} expired at ${timeInWords(expiration)}`);
  if (isLater(inception, at))
    return validationFault(
      'SIGNATURE_NOT_YET_VALID',
      `${what()} is not valid before ${timeInWords(inception)}`,
    );
  return undefined;
}

/** Why a key of the right tag and algorithm doesn't count all the same. */
function keyFault(rrset: RRset, signature: RrsigData, key: ZoneKey): ValidationFault | undefined {
  // Most signatures are right: the words are only made for those that aren't.
  const what = (): string => signatureInWords(rrset, signature);
  if (!key.isSupported)
    return validationFault(
      'UNSUPPORTED_DNSKEY_ALGORITHM',
      `${what()} is of an algorithm that is not supported: ${algorithmInWords(key.algorithm)}`,
    );
  if (!key.isZoneKey)
    return validationFault('NO_ZONE_KEY_BIT_SET', `${what()} is by a key that is no zone key by its flags`);
  // RFC 4034 §2.1.2
  if (key.protocol !== 3)
    return validationFault(
      'DNSKEY_MISSING',
      `${what()} is by a key with the protocol ${key.protocol}, which must be 3`,
    );
  // RFC 5011 §2.1: a revoked key signs nothing but the set that says so.
  if (key.isRevoked && rrset.type !== rrType.DNSKEY)
    return validationFault('DNSKEY_MISSING', `${what()} is by a key that has been revoked`);
  if (!key.isWellFormed)
    return validationFault('DNSSEC_BOGUS', `${what()} is by a key that is malformed or out of bounds`);
  return undefined;
}

function missingKeyFault(rrset: RRset, signature: RrsigData): ValidationFault {
  const what = signatureInWords(rrset, signature);
  return validationFault(
    'DNSKEY_MISSING',
    `${what} is by a key that ${nameInWords(signature.signer)} does not have`,
  );
}

function wrongSignatureFault(rrset: RRset, signature: RrsigData): ValidationFault {
  return validationFault('DNSSEC_BOGUS', `${signatureInWords(rrset, signature)} is wrong`);
}

function tooMany(rrset: RRset, closest: ValidationFault, exhausted: boolean): UnverifiedRRset {
  const reason = `${setInWords(rrset.owner, rrset.type)} has more signatures and keys than are tried; of those tried: ${closest.reason}`;
  return { ok: false, fault: { code: closest.code, reason }, exhausted };
}

function isSignedBy(
  rrset: RRset,
  rdatas: readonly Uint8Array[],
  signature: RrsigData,
  key: ZoneKey,
): boolean {
  const owner = wildcardOf(rrset.owner, signature.labels) ?? rrset.owner;
  return key.verify(signedOctets(owner, rrset.class, rdatas, signature), signature.signature);
}

function verified(rrset: RRset, signature: RrsigData, key: ZoneKey, now: number): VerifiedRRset {
  const left = (signature.expiration - (now >>> 0)) >>> 0;
  const ttl = Math.min(rrset.ttl, signature.originalTtl, left);
  const wildcard = wildcardOf(rrset.owner, signature.labels);
  const same = ttl === rrset.ttl;
  return {
    ok: true,
    rrset: same ? rrset : { ...rrset, ttl },
    signer: signature.signer,
    wildcard,
    signature,
    key,
  };
}

/** The wildcard that a set of this owner was made from, by what its signature says of its labels (RFC 4035 §5.3.2). */
function wildcardOf(owner: DomainName, labels: number): DomainName | undefined {
  // An ancestor with room for its own label less has room for the asterisk.
  return labels < signableLabels(owner) ? owner.ancestor(labels).wildcard() : undefined;
}

/** RFC 4034 §3.1.3: neither the root's nor a wildcard's label is counted. */
function signableLabels(owner: DomainName): number {
  return owner.labelCount - (owner.isWildcard ? 1 : 0);
}

/** `the signature over the MX of example.org (key 12345, ED25519)` */
function signatureInWords(rrset: RRset, { keyTag, algorithm }: RrsigData): string {
  return `the signature over ${setInWords(rrset.owner, rrset.type)} (key ${keyTag}, ${algorithmInWords(algorithm)})`;
}

/** Seconds since the epoch, as RFC 4034 §3.1.5 has them until 2106. */
function timeInWords(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Of several faults the one is told that the others would have led to: a signature that is wrong says more than one that nobody could check. */
const byNearness: readonly number[] = [
  extendedError.RRSIGS_MISSING,
  extendedError.UNSUPPORTED_DNSKEY_ALGORITHM,
  extendedError.DNSKEY_MISSING,
  extendedError.NO_ZONE_KEY_BIT_SET,
  extendedError.SIGNATURE_EXPIRED_BEFORE_VALID,
  extendedError.SIGNATURE_NOT_YET_VALID,
  extendedError.SIGNATURE_EXPIRED,
  extendedError.DNSSEC_BOGUS,
];

function nearness({ code }: ValidationFault): number {
  return byNearness.indexOf(code);
}
