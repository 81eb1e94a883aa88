// Which addresses a zone may send the resolver to. Others would make it talk to itself, to its own host, or to a whole network.
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';

export const dnsPort = 53;

export function serverEndpoint(address: string): Endpoint {
  return { address, port: dnsPort };
}

export function formatServer(address: string): string {
  return formatEndpoint(serverEndpoint(address));
}

/** RFC 6890 §2.2: not "this host", loopback, multicast or reserved. Private networks are allowed: companies have servers there. */
export function isServerAddress(address: string): boolean {
  if (address.includes(':')) return !/^(?:::(?:1|ffff:.*)?$|ff)/.test(address);
  const first = Number(address.slice(0, address.indexOf('.')));
  return first !== 0 && first !== 127 && first < 224;
}
