// Counts connections in all and per peer, so that one peer can't use up a listener. An IPv6 peer is its /64: that much
// one subscriber has for nothing (RFC 6177 §2).
import ipaddr from 'ipaddr.js';

export interface ConnectionLimits {
  /** Open connections of the listener. */
  readonly total: number;
  /** Open connections of one IPv4 address or one IPv6 /64. */
  readonly perAddress: number;
}

export class AddressLimit {
  readonly #limits: ConnectionLimits;
  readonly #perAddress = new Map<string, number>();
  #total = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Takes a place for `address`; false where there is none left. */
  enter(address: string): boolean {
    const key = addressKey(address);
    const count = this.#perAddress.get(key) ?? 0;
    if (this.#total >= this.#limits.total || count >= this.#limits.perAddress) return false;
    this.#perAddress.set(key, count + 1);
    this.#total++;
    return true;
  }

  /** Whether it is the address that has all that it may have, and not only the whole. */
  isFull(address: string): boolean {
    return (this.#perAddress.get(addressKey(address)) ?? 0) >= this.#limits.perAddress;
  }

  /** Gives back the place that `enter` took. */
  leave(address: string): void {
    const key = addressKey(address);
    const count = this.#perAddress.get(key) ?? 0;
    if (count <= 1) this.#perAddress.delete(key);
    else this.#perAddress.set(key, count - 1);
    this.#total--;
  }
}

/** What peers are told apart by: the IPv4 address, or the first 64 bits of an IPv6 one. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  if (!ipaddr.IPv6.isValid(address)) return address;
  return ipaddr.IPv6.parse(address)
    .parts.slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}
