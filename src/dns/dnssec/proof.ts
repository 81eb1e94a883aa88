// What a proof that something is not there comes to, and what the types at a name say, alike for NSEC and NSEC3.
import { unreachable } from '../../lib/result.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { setInWords, validationFault } from './faults.ts';
import type { ValidationFault } from './security.ts';
import { hasOthers, hasType } from './type-bitmap.ts';

export type Unproved =
  /** The records can't be judged, and the zone counts as unsigned for it (RFC 9276 §3.2). */
  | { readonly kind: 'insecure'; readonly fault: ValidationFault }
  /** `exhausted`: the allowance of hashes ended first; another question might end otherwise. */
  | { readonly kind: 'not-proved'; readonly fault: ValidationFault; readonly exhausted: boolean };

export type Proof =
  /** `optOut`: but for delegations that are not signed, so that it is not secure (RFC 5155 §9.2). */
  { readonly kind: 'proved'; readonly optOut: boolean } | Unproved;

/** What is known of a name that may be a cut, and has no DS records. */
export type DsProof =
  /** It is delegated without a DS, or (`optOut`) may be: all below is insecure. */
  | { readonly kind: 'insecure-delegation'; readonly optOut: boolean }
  /** The name is there and no delegation: what is below belongs to the same zone still. */
  | { readonly kind: 'no-cut' }
  /** The name is not there, and so no delegation. */
  | { readonly kind: 'absent' }
  | Unproved;

/** One form of denial: all for one zone and from its verified records. */
export interface Denials {
  /** Neither the name nor a wildcard for it is there. */
  nameError(name: DomainName): Proof;
  /** The name, or the wildcard that stands for it, is there without the type. */
  noData(name: DomainName, type: number): Proof;
  /** Nothing is nearer to the name than `wildcard`, which answered for it. */
  wildcardAnswer(name: DomainName, wildcard: DomainName): Proof;
  /** No DS records at a name below the zone's own. */
  noDs(name: DomainName): DsProof;
}

/** What a proof makes of what it is for. RFC 5155 §9.2: opt-out leaves open whether there is an unsigned delegation, so that AD isn't set. */
export function securityBy(proof: Exclude<Proof, { readonly kind: 'not-proved' }>): {
  readonly security: 'secure' | 'insecure';
  readonly fault: ValidationFault | undefined;
} {
  if (proof.kind === 'insecure') return { security: 'insecure', fault: proof.fault };
  return { security: proof.optOut ? 'insecure' : 'secure', fault: undefined };
}

export const proved: Proof = { kind: 'proved', optOut: false };
export const provedButForOptOut: Proof = { kind: 'proved', optOut: true };

export function missing(reason: string): Unproved {
  return { kind: 'not-proved', fault: validationFault('NSEC_MISSING', reason), exhausted: false };
}

export function contradicted(reason: string): Unproved {
  return { kind: 'not-proved', fault: validationFault('DNSSEC_BOGUS', reason), exhausted: false };
}

/** Whether the record with this bitmap, which stands at `name` itself, proves that the type is not there. */
export function noTypeIn(bitmap: Uint8Array, name: DomainName, type: number): Proof {
  const what = setInWords(name, type);
  if (hasType(bitmap, type)) return contradicted(`the proof that there is not ${what} says that there is`);
  // RFC 6840 §4.3
  if (hasType(bitmap, rrType.CNAME))
    return contradicted(`the proof that there is not ${what} says that there is a CNAME instead`);
  if (type === rrType.ANY && hasOthers(bitmap, [rrType.NSEC, rrType.RRSIG]))
    return contradicted(`the proof that there are no records says that there are`);
  const ofChild = hasType(bitmap, rrType.SOA);
  if (type === rrType.DS) {
    // RFC 4035 §5.2, RFC 6840 §4.4: DS records are the parent's, and its alone to deny. The root has none.
    if (ofChild && !name.isRoot)
      return contradicted(`the proof that there is not ${what} is by the zone itself, not by its parent`);
  } else if (!ofChild && hasType(bitmap, rrType.NS)) {
    // RFC 6840 §4.1
    return contradicted(`the proof that there is not ${what} is by the parent of the zone that it is in`);
  }
  return proved;
}

/** What the record at the name itself says of a cut there. */
export function cutIn(bitmap: Uint8Array, name: DomainName): DsProof {
  if (!hasType(bitmap, rrType.NS) && !hasType(bitmap, rrType.DS)) {
    return hasType(bitmap, rrType.SOA)
      ? contradicted(`the proof that ${setInWords(name, rrType.DS)} is not there is by the zone itself`)
      : { kind: 'no-cut' };
  }
  const none = noTypeIn(bitmap, name, rrType.DS);
  switch (none.kind) {
    case 'proved':
      return { kind: 'insecure-delegation', optOut: none.optOut };
    case 'insecure':
    case 'not-proved':
      return none;
    default:
      return unreachable(none);
  }
}

/**
 * Whether a record at `owner` says nothing of names below it: they are another zone's (RFC 6840 §4.1, RFC 5155 §8.3), or a DNAME stands for them
 * (RFC 6672 §5.3.4.1).
 */
export function endsAtOwner(bitmap: Uint8Array): boolean {
  return hasType(bitmap, rrType.DNAME) || (hasType(bitmap, rrType.NS) && !hasType(bitmap, rrType.SOA));
}
