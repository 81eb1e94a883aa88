// Addresses that the operator gives to names (`resolver.hosts`), and the names of those addresses.
import { rrClass } from '../wire/codes.ts';
import { parseIpv4, parseIpv6 } from '../wire/ip-address.ts';
import { parseName } from '../wire/name.ts';
import type { DomainName } from '../wire/name.ts';
import { rrType } from '../wire/rr-type.ts';
import { emptyZoneSoa } from './empty-zone.ts';
import type { LocalAnswer, LocalQuestion } from './local-answer.ts';
import { reverseName } from './reverse-name.ts';

/** Seconds: short, as the operator may change them any time. */
const ttl = 300;
const mostLookedThrough = 256;

interface Host {
  readonly v4: Uint8Array[];
  readonly v6: Uint8Array[];
}

export class Hosts {
  readonly #hosts = new Map<string, Host>();
  /** All names of both kinds. */
  readonly #owners: DomainName[] = [];
  /** By the key of the reverse name: the first name that has the address. */
  readonly #names = new Map<string, DomainName>();

  /** Whether a host or the name of its address may be in that zone; it is said so, too, where there are too many to look through. */
  mayHaveWithin(zone: DomainName): boolean {
    if (this.#owners.length > mostLookedThrough) return true;
    return this.#owners.some((owner) => owner.isAtOrBelow(zone));
  }

  /** Takes a name and one of its addresses; passes over what is none. */
  add(text: string, address: string): void {
    const name = parseName(text.endsWith('.') ? text : `${text}.`);
    const octets = address.includes(':') ? parseIpv6(address) : parseIpv4(address);
    if (!name.ok || octets === undefined || name.value.isRoot) return;
    const owner = name.value.lowerCase();
    const host = this.#hosts.get(owner.key) ?? { v4: [], v6: [] };
    if (!this.#hosts.has(owner.key)) this.#owners.push(owner);
    this.#hosts.set(owner.key, host);
    const list = octets.length === 4 ? host.v4 : host.v6;
    if (!list.some((known) => known.every((octet, i) => octet === octets[i]))) list.push(octets);
    const reverse = reverseName(octets);
    if (this.#names.has(reverse.key)) return;
    this.#names.set(reverse.key, owner);
    this.#owners.push(reverse);
  }

  /** Addresses and names of addresses; what else is asked about such a name, the world may know. */
  answer({ name, type }: LocalQuestion): LocalAnswer | undefined {
    if (type === rrType.PTR) {
      const target = this.#names.get(name.key);
      return target && { kind: 'records', rrset: rrsetOf(name, type, [target.wire]) };
    }
    if (type !== rrType.A && type !== rrType.AAAA) return undefined;
    const host = this.#hosts.get(name.key);
    if (host === undefined) return undefined;
    const rdatas = type === rrType.A ? host.v4 : host.v6;
    // The name is the operator's now: an address of the other family from the world would be another machine's.
    return rdatas.length === 0
      ? { kind: 'nodata', soa: emptyZoneSoa(name) }
      : { kind: 'records', rrset: rrsetOf(name, type, rdatas) };
  }
}

function rrsetOf(
  owner: DomainName,
  type: number,
  rdatas: readonly Uint8Array[],
): Extract<LocalAnswer, { kind: 'records' }>['rrset'] {
  return { owner, type, class: rrClass.IN, ttl, rdatas };
}
