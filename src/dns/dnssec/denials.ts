// Proofs that something is not there, by whatever records an answer brings: NSEC, NSEC3, or both while a zone changes from one to the other.
import type { DomainName } from '../wire/name.ts';
import { nameInWords } from './faults.ts';
import { Nsec3Denials } from './nsec3-denials.ts';
import { NsecDenials } from './nsec-denials.ts';
import { missing } from './proof.ts';
import type { Denials, DsProof, Proof } from './proof.ts';
import type { SignedRRset } from './verify-rrset.ts';
import type { ValidationWork } from './work.ts';

/**
 * `sets`: the NSEC and NSEC3 sets of an answer whose signatures were found right, others are passed over. Only those that `zone` signed count. Make one for all
 * that has to be proved of an answer: hashes are kept.
 */
export function denialsOf(zone: DomainName, sets: readonly SignedRRset[], work: ValidationWork): Denials {
  const forms: Denials[] = [];
  const nsec = NsecDenials.of(zone, sets);
  if (nsec !== undefined) forms.push(nsec);
  const nsec3 = Nsec3Denials.of(zone, sets, work);
  if (nsec3 !== undefined) forms.push(nsec3);
  const [first = new NoDenials(zone), second] = forms;
  return second === undefined ? first : new EitherDenials(first, second);
}

class NoDenials implements Denials {
  readonly #zone: DomainName;

  constructor(zone: DomainName) {
    this.#zone = zone;
  }

  nameError(name: DomainName): Proof & DsProof {
    return missing(
      `${nameInWords(this.#zone)} has sent no signed NSEC or NSEC3 record about ${nameInWords(name)}`,
    );
  }

  noData(name: DomainName): Proof {
    return this.nameError(name);
  }

  wildcardAnswer(name: DomainName): Proof {
    return this.nameError(name);
  }

  noDs(name: DomainName): DsProof {
    return this.nameError(name);
  }
}

/** What either proves is proved; where neither does, the second tells why. */
class EitherDenials implements Denials {
  readonly #first: Denials;
  readonly #second: Denials;

  constructor(first: Denials, second: Denials) {
    this.#first = first;
    this.#second = second;
  }

  nameError(name: DomainName): Proof {
    return this.#either((form) => form.nameError(name));
  }

  noData(name: DomainName, type: number): Proof {
    return this.#either((form) => form.noData(name, type));
  }

  wildcardAnswer(name: DomainName, wildcard: DomainName): Proof {
    return this.#either((form) => form.wildcardAnswer(name, wildcard));
  }

  noDs(name: DomainName): DsProof {
    return this.#either((form) => form.noDs(name));
  }

  #either<Kind extends { readonly kind: string }>(proof: (form: Denials) => Kind): Kind {
    const first = proof(this.#first);
    return first.kind === 'not-proved' || first.kind === 'insecure' ? proof(this.#second) : first;
  }
}
