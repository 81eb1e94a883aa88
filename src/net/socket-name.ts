// Socket addresses as Linux has them: struct sockaddr_in (16 octets) and struct sockaddr_in6 (28 octets), little-endian machines.
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { Endpoint } from '../lib/endpoint.ts';

const AF_INET = 2;
const AF_INET6 = 10;

export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** `0.0.0.0` or `::`, all addresses of this machine. */
export function isWildcard(address: string): boolean {
  return ipaddr
    .parse(address)
    .toByteArray()
    .every((octet) => octet === 0);
}

export function socketName(endpoint: Endpoint): Uint8Array {
  const octets = ipaddr.parse(endpoint.address).toByteArray();
  const name = new Uint8Array(octets.length === 4 ? 16 : 28);
  name[0] = octets.length === 4 ? AF_INET : AF_INET6;
  name[2] = endpoint.port >> 8;
  name[3] = endpoint.port & 0xff;
  name.set(octets, octets.length === 4 ? 4 : 8);
  if (octets.length === 16) new DataView(name.buffer).setUint32(24, scopeOf(endpoint.address), true);
  return name;
}

/** Reads the sockaddr that lies at `at`. */
export function endpointAt(bytes: Uint8Array, at: number): Endpoint {
  const port = portAt(bytes, at);
  if (bytes[at] === AF_INET) {
    const address = `${bytes[at + 4] ?? 0}.${bytes[at + 5] ?? 0}.${bytes[at + 6] ?? 0}.${bytes[at + 7] ?? 0}`;
    return { address, port };
  }
  return { address: ipaddr.fromByteArray([...bytes.subarray(at + 8, at + 24)]).toString(), port };
}

export function portAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}

/** The number of the interface that is named behind a link-local address: `fe80::1%eth0`. */
function scopeOf(address: string): number {
  const zone = address.split('%')[1];
  if (zone === undefined) return 0;
  const scopes = (networkInterfaces()[zone] ?? []).map((one) => (one.family === 'IPv6' ? one.scopeid : 0));
  return scopes.find((scope) => scope !== 0) ?? (Number.parseInt(zone, 10) || 0);
}
