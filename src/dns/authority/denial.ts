// What a signed zone proves to clients that ask for it (DO): that a name or a type is not there, or that nothing closer than a wildcard
// is (RFC 4035 §3.1.3, RFC 5155 §7.2). The records stand in the zone as its signer made them; here they are only found.
import { latin1ToBytes } from '../../lib/bytes.ts';
import { nsec3Hash, nsec3HashSha1 } from '../dnssec/nsec3-hash.ts';
import type { DomainName } from '../wire/name.ts';
import { bytesToBase32Hex } from '../wire/rdata/base32hex.ts';
import { nsec3param } from '../wire/rdata/nsec3param.ts';
import type { Nsec3paramData } from '../wire/rdata/nsec3param.ts';
import { readRdata } from '../wire/rdata/record-type.ts';
import { rrType } from '../wire/rr-type.ts';
import { rrsetOf } from '../zone/zone.ts';
import type { Zone, ZoneNode, ZoneRRset } from '../zone/zone.ts';

/** A hash takes this many rounds at most; zones that ask for more get no proofs, and validators take them for unsigned (RFC 9276 §3.2). */
const mostIterations = 500;

export interface Denial {
  /** The name is there, the type is not, or no DS at a cut. `node` is the name's, an empty non-terminal's included. */
  nodata(name: DomainName, node: ZoneNode): readonly ZoneRRset[];
  /** A wildcard stands for the name, and hasn't the type. */
  wildcardNodata(name: DomainName, wildcard: ZoneNode): readonly ZoneRRset[];
  /** A wildcard stands for the name, and answers: nothing closer is there. */
  wildcardAnswer(name: DomainName, wildcard: ZoneNode): readonly ZoneRRset[];
  /** Neither the name nor a wildcard for it is there. */
  absent(name: DomainName, encloser: DomainName): readonly ZoneRRset[];
}

/** `undefined` where the zone isn't signed. */
export function denialOf(zone: Zone): Denial | undefined {
  // RFC 5155 §4: the parameters that answers are made by have no flags.
  const rdatas = rrsetOf(zone.apex, rrType.NSEC3PARAM)?.rdatas ?? [];
  for (const rdata of rdatas) {
    const parameters = readRdata(nsec3param, rdata);
    if (parameters?.flags === 0 && parameters.hashAlgorithm === nsec3HashSha1)
      return parameters.iterations > mostIterations ? undefined : new Nsec3Denial(zone, parameters);
  }
  return rrsetOf(zone.apex, rrType.NSEC) === undefined ? undefined : new NsecDenial(zone);
}

class NsecDenial implements Denial {
  readonly #zone: Zone;

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** RFC 4035 §3.1.3.1; an empty non-terminal has no NSEC, and is proved by the one before it. */
  nodata(name: DomainName, node: ZoneNode): readonly ZoneRRset[] {
    const own = rrsetOf(node, rrType.NSEC);
    return own === undefined ? this.#before(name) : [own];
  }

  /** RFC 4035 §3.1.3.4 */
  wildcardNodata(name: DomainName, wildcard: ZoneNode): readonly ZoneRRset[] {
    return distinct([...this.nodata(wildcard.name, wildcard), ...this.#before(name)]);
  }

  /** RFC 4035 §3.1.3.3 */
  wildcardAnswer(name: DomainName): readonly ZoneRRset[] {
    return this.#before(name);
  }

  /** RFC 4035 §3.1.3.2 */
  absent(name: DomainName, encloser: DomainName): readonly ZoneRRset[] {
    const wildcard = encloser.wildcard();
    return distinct([...this.#before(name), ...(wildcard === undefined ? [] : this.#before(wildcard))]);
  }

  #before(name: DomainName): readonly ZoneRRset[] {
    const node = this.#zone.linkAt('nsec', name);
    const rrset = node === undefined ? undefined : rrsetOf(node, rrType.NSEC);
    return rrset === undefined ? [] : [rrset];
  }
}

class Nsec3Denial implements Denial {
  readonly #zone: Zone;
  readonly #parameters: Nsec3paramData;

  constructor(zone: Zone, parameters: Nsec3paramData) {
    this.#zone = zone;
    this.#parameters = parameters;
  }

  /** RFC 5155 §7.2.3; where there is none for the name (opt-out), §7.2.4 and §7.2.7. */
  nodata(name: DomainName): readonly ZoneRRset[] {
    const own = this.#matching(name);
    return own === undefined ? this.#closest(name, name.parent() ?? name).proof : [own];
  }

  /** RFC 5155 §7.2.5 */
  wildcardNodata(name: DomainName, wildcard: ZoneNode): readonly ZoneRRset[] {
    const own = this.#matching(wildcard.name);
    const { proof } = this.#closest(name, wildcard.name.parent() ?? wildcard.name);
    return distinct(own === undefined ? proof : [...proof, own]);
  }

  /** RFC 5155 §7.2.6: the closest encloser shows by the labels of the signature. */
  wildcardAnswer(name: DomainName, wildcard: ZoneNode): readonly ZoneRRset[] {
    return present(this.#covering(name.ancestor(wildcard.name.labelCount)));
  }

  /** RFC 5155 §7.2.2 */
  absent(name: DomainName, encloser: DomainName): readonly ZoneRRset[] {
    const { proof, closest } = this.#closest(name, encloser);
    const wildcard = closest.wildcard();
    return distinct([...proof, ...present(wildcard === undefined ? undefined : this.#covering(wildcard))]);
  }

  /**
   * RFC 5155 §7.2.1: the closest encloser that has a record, and that the next closer name has none. Names above insecure delegations
   * may have none (opt-out), so it is looked for from `encloser` up; no further than the zone is deep.
   */
  #closest(
    name: DomainName,
    encloser: DomainName,
  ): { readonly proof: readonly ZoneRRset[]; readonly closest: DomainName } {
    const origin = this.#zone.origin.labelCount;
    for (let labels = encloser.labelCount; labels >= origin; labels--) {
      const closest = name.ancestor(labels);
      const own = this.#matching(closest);
      if (own === undefined) continue;
      return { proof: distinct([own, ...present(this.#covering(name.ancestor(labels + 1)))]), closest };
    }
    return { proof: [], closest: encloser };
  }

  #matching(name: DomainName): ZoneRRset | undefined {
    const hashed = this.#hashed(name);
    const node = hashed === undefined ? undefined : this.#zone.linkAt('nsec3', hashed);
    if (hashed === undefined || node === undefined || !node.name.equals(hashed)) return undefined;
    return rrsetOf(node, rrType.NSEC3);
  }

  #covering(name: DomainName): ZoneRRset | undefined {
    const hashed = this.#hashed(name);
    const node = hashed === undefined ? undefined : this.#zone.linkAt('nsec3', hashed);
    return node === undefined ? undefined : rrsetOf(node, rrType.NSEC3);
  }

  /** RFC 5155 §5 */
  #hashed(name: DomainName): DomainName | undefined {
    const hash = nsec3Hash(name, this.#parameters);
    return this.#zone.origin.prepend(latin1ToBytes(bytesToBase32Hex(hash).toLowerCase()));
  }
}

function present(rrset: ZoneRRset | undefined): readonly ZoneRRset[] {
  return rrset === undefined ? [] : [rrset];
}

/** One record can prove more than one thing. */
function distinct(rrsets: readonly ZoneRRset[]): readonly ZoneRRset[] {
  return rrsets.filter(
    (rrset, index) => rrsets.findIndex((each) => each.owner.equals(rrset.owner)) === index,
  );
}
