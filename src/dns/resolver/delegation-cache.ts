// Who serves which zone, as the zone's parent says. The parent's word alone decides: what a zone says of itself neither prolongs nor
// replaces a delegation, so that a withdrawn zone disappears with its parent's TTL ("ghost domains").
import type { Clock } from '../../lib/clock.ts';
import type { DomainName } from '../wire/name.ts';
import type { Message } from '../wire/message.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { DsNote } from './read-reply.ts';

export interface NameServer {
  readonly name: DomainName;
  /** IP addresses from glue (or root hints), in text form; empty where they must be looked up. */
  readonly addresses: readonly string[];
}

export interface Delegation {
  readonly zone: DomainName;
  readonly servers: readonly NameServer[];
  /**
   * Servers that the zone itself names beside these: asked where none of these gives an answer, as who changes a zone's servers and forgets its parent has
   * the new ones here. No longer than the parent's word holds.
   */
  readonly further?: readonly NameServer[];
  /** The servers are resolvers: they are asked to recurse, and speak for all names below the zone, but for no others ("MaginotDNS"). */
  readonly forwards?: true;
  /** Asks the zone that this server has itself; `undefined` where it can't say just now. There are no servers then. */
  readonly askOwn?: (name: DomainName, type: number) => Message | undefined;
  /** It is this server's own zone, and no copy of somebody else's: what it says is believed unproved. */
  readonly ours?: true | undefined;
  /** By the monotonic clock, in milliseconds. Never later than that of the zone that said so: who is withdrawn withdraws all below. */
  readonly expires: number;
  /** What the referral said of the zone's keys, and when, by the monotonic clock. */
  readonly ds?: DsNote & { readonly noted: number };
}

export class DelegationCache {
  readonly #clock: Clock;
  readonly #entries: BoundedCache<Delegation>;

  constructor(clock: Clock, octets: number) {
    this.#clock = clock;
    this.#entries = new BoundedCache(octets);
  }

  get octets(): number {
    return this.#entries.octets;
  }

  /** The deepest known zone that `name` is in; never the root, which the primed hints give. */
  deepest(name: DomainName): Delegation | undefined {
    for (let labels = name.labelCount; labels > 0; labels--) {
      const zone = this.#live(name.ancestor(labels));
      if (zone !== undefined) return zone;
    }
    return undefined;
  }

  /** One that has expired already, as its TTL is 0, isn't kept. */
  put(delegation: Delegation): void {
    if (delegation.expires <= this.#clock.monotonic()) return;
    let octets = 300 + delegation.zone.wire.length;
    for (const server of [...delegation.servers, ...(delegation.further ?? [])])
      octets += 200 + server.name.wire.length + 60 * server.addresses.length;
    if (delegation.ds !== undefined) octets += noteOctets(delegation.ds);
    this.#entries.set(delegation.zone.key, delegation, octets);
  }

  /** The servers of a known zone by its own word. The first list counts, for as long as the delegation does. */
  noteFurther(delegation: Delegation, servers: readonly NameServer[]): void {
    if (this.#entries.peek(delegation.zone.key) !== delegation) return;
    const further = servers.filter(({ name }) => !delegation.servers.some((each) => each.name.equals(name)));
    this.put({ ...delegation, further });
  }

  /** The addresses that a zone's parent gave for this server of that zone (glue). */
  glueOf(server: DomainName): readonly string[] {
    return this.deepest(server)?.servers.find(({ name }) => name.equals(server))?.addresses ?? [];
  }

  /** Forgets the zones that are meant. */
  forget(isMeant: (zone: DomainName) => boolean): void {
    this.#entries.deleteWhere(({ zone }) => isMeant(zone));
  }

  clear(): void {
    this.#entries.clear();
  }

  #live(zone: DomainName): Delegation | undefined {
    const delegation = this.#entries.get(zone.key);
    if (delegation === undefined || delegation.expires > this.#clock.monotonic()) return delegation;
    this.#entries.delete(zone.key);
    return undefined;
  }
}

function noteOctets({ rrset, signatures, proofs }: DsNote): number {
  let octets = 200;
  for (const rdata of rrset?.rdatas ?? []) octets += 120 + rdata.length;
  for (const { rdata, owner } of [...signatures, ...proofs]) octets += 120 + rdata.length + owner.wire.length;
  return octets;
}
