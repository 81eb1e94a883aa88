// Tells addresses that the internet can reach from those that it can't.
import ipaddr from 'ipaddr.js';

/** Neither private, shared, local, nor reserved (IANA's special-purpose registries, as ipaddr.js knows them). */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}
