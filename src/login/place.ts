// Where a login comes from, as far as counting failures goes.
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../lib/endpoint.ts';

/** One customer's addresses are one place: an IPv6 /64 is what one gets by RFC 6177 §2 at least. */
export function placeOf(from: string): string {
  const address = parseAddress(from);
  if (address === undefined || !address.includes(':')) return address ?? from;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()}/64`;
}

/**
 * Webmail and proxies on this machine bring everybody's logins from one address: whoever guesses through them must not keep
 * the others out. The accounts' own limits hold there all the same.
 */
export function isThisMachine(place: string): boolean {
  return place.startsWith('127.') || place === '::/64';
}
