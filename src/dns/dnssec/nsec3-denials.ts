// Proofs by NSEC3 records (RFC 5155 §8): as NSEC's, but for hashes of names, so that the closest name that is there has to be searched for.
// Every hash is taken from the allowance, and computed once.
import { equalBytes } from '../../lib/bytes.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { nameInWords, setInWords, validationFault } from './faults.ts';
import { nsec3Hash } from './nsec3-hash.ts';
import type { Nsec3Parameters } from './nsec3-hash.ts';
import { coversHash, hashInOwner, hasParameters, readNsec3Link } from './nsec3-link.ts';
import type { Nsec3Link } from './nsec3-link.ts';
import { contradicted, cutIn, endsAtOwner, missing, noTypeIn, proved, provedButForOptOut } from './proof.ts';
import type { Denials, DsProof, Proof, Unproved } from './proof.ts';
import type { SignedRRset } from './verify-rrset.ts';
import type { ValidationWork } from './work.ts';

/** More, and the zone counts as unsigned (RFC 9276 §3.2): the limit that BIND, Knot Resolver, PowerDNS and Unbound have agreed on. */
export const mostIterations = 50;

/** RFC 5155 §8.3: the nearest name above that is there, and what covers the name one label longer, if anything does. */
interface ClosestEncloser {
  readonly kind: 'encloser';
  readonly name: DomainName;
  readonly nextCloser: Nsec3Link | undefined;
}

export class Nsec3Denials implements Denials {
  readonly #zone: DomainName;
  readonly #links: readonly Nsec3Link[];
  readonly #parameters: Nsec3Parameters;
  readonly #work: ValidationWork;
  readonly #hashes = new Map<string, Uint8Array>();
  #exhausted = false;

  private constructor(
    zone: DomainName,
    links: readonly Nsec3Link[],
    parameters: Nsec3Parameters,
    work: ValidationWork,
  ) {
    this.#zone = zone;
    this.#links = links;
    this.#parameters = parameters;
    this.#work = work;
  }

  /** `undefined` where none of the sets is an NSEC3 of that zone that can be used (RFC 5155 §8.1, §8.2). */
  static of(zone: DomainName, sets: readonly SignedRRset[], work: ValidationWork): Nsec3Denials | undefined {
    const links: Nsec3Link[] = [];
    for (const { rrset, signer, wildcard } of sets) {
      if (rrset.type !== rrType.NSEC3 || wildcard !== undefined || !signer.equals(zone)) continue;
      const hash = hashInOwner(rrset.owner, zone);
      if (hash === undefined) continue;
      for (const rdata of rrset.rdatas) {
        const link = readNsec3Link(hash, rdata);
        if (link !== undefined) links.push(link);
      }
    }
    const [first] = links;
    if (first === undefined) return undefined;
    // RFC 5155 §8.2: all by the same parameters; another chain may be on its way in or out.
    const chain = links.filter((link) => hasParameters(link, first));
    return new Nsec3Denials(zone, chain, first, work);
  }

  /** RFC 5155 §8.4 */
  nameError(name: DomainName): Proof {
    const closest = this.#closest(name);
    if (closest.kind !== 'encloser') return closest;
    if (closest.name.equals(name))
      return contradicted(`the proof that ${nameInWords(name)} is not there says that it is`);
    const uncovered = this.#uncovered(closest, name);
    if (uncovered !== undefined) return uncovered;
    const wildcard = closest.name.wildcard();
    if (wildcard !== undefined) {
      if (this.#matching(wildcard) !== undefined)
        return contradicted(`${nameInWords(wildcard)} is there, and stands for ${nameInWords(name)}`);
      if (this.#covering(wildcard) === undefined)
        return this.#missing(`no NSEC3 record proves that ${nameInWords(wildcard)} is not there`);
    }
    return closest.nextCloser?.optOut === true ? provedButForOptOut : proved;
  }

  /** RFC 5155 §8.5 to §8.7 */
  noData(name: DomainName, type: number): Proof {
    const unfit = this.#unfit();
    if (unfit !== undefined) return unfit;
    const own = this.#matching(name);
    if (own !== undefined) return noTypeIn(own.bitmap, name, type);
    const closest = this.#closest(name);
    if (closest.kind !== 'encloser') return closest;
    const uncovered = this.#uncovered(closest, name);
    if (uncovered !== undefined) return uncovered;
    const wildcard = closest.name.wildcard();
    const atWildcard = wildcard === undefined ? undefined : this.#matching(wildcard);
    if (wildcard !== undefined && atWildcard !== undefined) {
      const none = noTypeIn(atWildcard.bitmap, wildcard, type);
      return none.kind === 'proved' && closest.nextCloser?.optOut === true ? provedButForOptOut : none;
    }
    // RFC 5155 §8.6; and so an empty non-terminal that only leads to delegations that are not signed (RFC 5155 erratum 3441).
    if (closest.nextCloser?.optOut === true) return provedButForOptOut;
    return this.#missing(`no NSEC3 record proves that there is not ${setInWords(name, type)}`);
  }

  /** RFC 5155 §8.8 */
  wildcardAnswer(name: DomainName, wildcard: DomainName): Proof {
    const unfit = this.#unfit();
    if (unfit !== undefined) return unfit;
    const nextCloser = this.#covering(name.ancestor(wildcard.labelCount));
    if (nextCloser === undefined)
      return this.#missing(
        `no NSEC3 record proves that nothing is nearer to ${nameInWords(name)} than a wildcard`,
      );
    return nextCloser.optOut ? provedButForOptOut : proved;
  }

  /** RFC 5155 §8.6, §8.9 */
  noDs(name: DomainName): DsProof {
    const unfit = this.#unfit();
    if (unfit !== undefined) return unfit;
    const own = this.#matching(name);
    if (own !== undefined) return cutIn(own.bitmap, name);
    const closest = this.#closest(name);
    if (closest.kind !== 'encloser') return closest;
    const uncovered = this.#uncovered(closest, name);
    if (uncovered !== undefined) return uncovered;
    return closest.nextCloser?.optOut === true
      ? { kind: 'insecure-delegation', optOut: true }
      : { kind: 'absent' };
  }

  /** RFC 5155 §8.3 */
  #closest(name: DomainName): ClosestEncloser | Unproved {
    const unfit = this.#unfit();
    if (unfit !== undefined) return unfit;
    if (!name.isAtOrBelow(this.#zone))
      return contradicted(`${nameInWords(name)} is not in ${nameInWords(this.#zone)}`);
    for (let labels = name.labelCount; labels >= this.#zone.labelCount; labels--) {
      const candidate = name.ancestor(labels);
      const link = this.#matching(candidate);
      if (this.#exhausted) break;
      if (link === undefined) continue;
      if (labels === name.labelCount) return { kind: 'encloser', name: candidate, nextCloser: undefined };
      if (endsAtOwner(link.bitmap))
        return contradicted(
          `the proof about ${nameInWords(name)} is by a zone that delegates or renames ${nameInWords(candidate)}`,
        );
      return {
        kind: 'encloser',
        name: candidate,
        nextCloser: this.#covering(name.ancestor(labels + 1)),
      };
    }
    return this.#missing(`no NSEC3 record proves which name above ${nameInWords(name)} is there`);
  }

  #uncovered(closest: ClosestEncloser, name: DomainName): Unproved | undefined {
    if (closest.nextCloser !== undefined) return undefined;
    const nextCloser = name.ancestor(closest.name.labelCount + 1);
    return this.#missing(`no NSEC3 record proves that ${nameInWords(nextCloser)} is not there`);
  }

  #unfit(): Unproved | undefined {
    const { iterations } = this.#parameters;
    const most = this.#work.mostIterations ?? mostIterations;
    if (iterations <= most) return undefined;
    const reason = `${nameInWords(this.#zone)} has its names hashed ${iterations} times more, where ${most} are followed`;
    return { kind: 'insecure', fault: validationFault('UNSUPPORTED_NSEC3_ITERATIONS', reason) };
  }

  #missing(reason: string): Unproved {
    if (!this.#exhausted) return missing(reason);
    const fault = validationFault(
      'NSEC_MISSING',
      `more names would have to be hashed than is done for one question: ${reason}`,
    );
    return { kind: 'not-proved', fault, exhausted: true };
  }

  #matching(name: DomainName): Nsec3Link | undefined {
    const hash = this.#hash(name);
    return hash === undefined ? undefined : this.#links.find((link) => equalBytes(link.hash, hash));
  }

  #covering(name: DomainName): Nsec3Link | undefined {
    const hash = this.#hash(name);
    return hash === undefined ? undefined : this.#links.find((link) => coversHash(link, hash));
  }

  #hash(name: DomainName): Uint8Array | undefined {
    const known = this.#hashes.get(name.key);
    if (known !== undefined) return known;
    if (this.#exhausted || !this.#work.takeHash()) {
      this.#exhausted = true;
      return undefined;
    }
    const hash = nsec3Hash(name, this.#parameters);
    this.#hashes.set(name.key, hash);
    return hash;
  }
}
