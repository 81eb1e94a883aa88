// Proofs by NSEC records (RFC 4035 §5.4, RFC 6840 §4): each says that no name stands between its owner and the next one, and which types
// its owner has.
import type { DomainName } from '../wire/name.ts';
import { WireReader } from '../wire/reader.ts';
import { rrType } from '../wire/rr-type.ts';
import { nameInWords, setInWords } from './faults.ts';
import { contradicted, cutIn, endsAtOwner, missing, noTypeIn, proved } from './proof.ts';
import type { Denials, DsProof, Proof } from './proof.ts';
import type { SignedRRset } from './verify-rrset.ts';

interface NsecLink {
  readonly owner: DomainName;
  readonly next: DomainName;
  readonly bitmap: Uint8Array;
}

export class NsecDenials implements Denials {
  readonly #zone: DomainName;
  readonly #links: readonly NsecLink[];

  private constructor(zone: DomainName, links: readonly NsecLink[]) {
    this.#zone = zone;
    this.#links = links;
  }

  /** `undefined` where none of the sets is an NSEC of that zone. Those that a wildcard made are left out: their owners are not there. */
  static of(zone: DomainName, sets: readonly SignedRRset[]): NsecDenials | undefined {
    const links: NsecLink[] = [];
    for (const { rrset, signer, wildcard } of sets) {
      if (rrset.type !== rrType.NSEC || wildcard !== undefined || !signer.equals(zone)) continue;
      for (const rdata of rrset.rdatas) {
        const link = readLink(rrset.owner, rdata);
        if (link?.next.isAtOrBelow(zone) === true) links.push(link);
      }
    }
    return links.length === 0 ? undefined : new NsecDenials(zone, links);
  }

  nameError(name: DomainName): Proof {
    if (this.#at(name) !== undefined || this.#isEmptyNonTerminal(name))
      return contradicted(`the proof that ${nameInWords(name)} is not there says that it is`);
    const link = this.#covering(name);
    if (link === undefined) return missing(`no NSEC record proves that ${nameInWords(name)} is not there`);
    // RFC 4035 §5.4: nor may a wildcard stand for it.
    const wildcard = closestEncloser(link, name).wildcard();
    if (wildcard === undefined) return proved;
    if (this.#at(wildcard) !== undefined || this.#isEmptyNonTerminal(wildcard))
      return contradicted(`${nameInWords(wildcard)} is there, and stands for ${nameInWords(name)}`);
    return this.#covering(wildcard) === undefined
      ? missing(`no NSEC record proves that ${nameInWords(wildcard)} is not there`)
      : proved;
  }

  noData(name: DomainName, type: number): Proof {
    const own = this.#at(name);
    if (own !== undefined) return noTypeIn(own.bitmap, name, type);
    if (this.#isEmptyNonTerminal(name)) return proved;
    const what = setInWords(name, type);
    const link = this.#covering(name);
    if (link === undefined) return missing(`no NSEC record proves that there is not ${what}`);
    const wildcard = closestEncloser(link, name).wildcard();
    if (wildcard === undefined) return missing(`no wildcard can stand for ${nameInWords(name)}`);
    const atWildcard = this.#at(wildcard);
    if (atWildcard !== undefined) return noTypeIn(atWildcard.bitmap, wildcard, type);
    return this.#isEmptyNonTerminal(wildcard)
      ? proved
      : missing(`no NSEC record of ${nameInWords(wildcard)} proves that there is not ${what}`);
  }

  wildcardAnswer(name: DomainName, wildcard: DomainName): Proof {
    const link = this.#isEmptyNonTerminal(name) ? undefined : this.#covering(name);
    if (link === undefined)
      return missing(`no NSEC record proves that nothing is nearer to ${nameInWords(name)} than a wildcard`);
    // RFC 4592 §3.3.1: only the wildcard right below the closest encloser may answer.
    return closestEncloser(link, name).labelCount === wildcard.labelCount - 1
      ? proved
      : contradicted(
          `${nameInWords(wildcard)} can't stand for ${nameInWords(name)}: there is a name nearer to it`,
        );
  }

  noDs(name: DomainName): DsProof {
    const own = this.#at(name);
    if (own !== undefined) return cutIn(own.bitmap, name);
    if (this.#isEmptyNonTerminal(name)) return { kind: 'no-cut' };
    return this.#covering(name) === undefined
      ? missing(`no NSEC record proves that there is not ${setInWords(name, rrType.DS)}`)
      : { kind: 'absent' };
  }

  #at(name: DomainName): NsecLink | undefined {
    return this.#links.find(({ owner }) => owner.equals(name));
  }

  /** The one that says that no record has the name for its owner. */
  #covering(name: DomainName): NsecLink | undefined {
    if (!name.isAtOrBelow(this.#zone)) return undefined;
    return this.#links.find(
      ({ owner, next, bitmap }) =>
        owner.compare(name) < 0 &&
        // RFC 4034 §4.1.1: the last of a zone leads back to the zone's own name.
        (next.equals(this.#zone) || name.compare(next) < 0) &&
        !(name.isBelow(owner) && endsAtOwner(bitmap)),
    );
  }

  /** Whether there are names below it, though none of its own (RFC 8020 §3.1). */
  #isEmptyNonTerminal(name: DomainName): boolean {
    return this.#covering(name)?.next.isBelow(name) === true;
  }
}

/** The longest name above `name` that is there: both ends of the link are, and all above them. */
function closestEncloser({ owner, next }: NsecLink, name: DomainName): DomainName {
  return name.ancestor(Math.max(name.commonLabels(owner), name.commonLabels(next)));
}

function readLink(owner: DomainName, rdata: Uint8Array): NsecLink | undefined {
  const reader = new WireReader(rdata, 0, rdata.length, false);
  const next = reader.name();
  const bitmap = reader.rest();
  return reader.fault === undefined ? { owner, next, bitmap } : undefined;
}
