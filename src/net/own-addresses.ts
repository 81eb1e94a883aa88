// Knows which addresses are our own: as DNS calls them (where the address map tells), and as this machine has them.
import { networkInterfaces } from 'node:os';
import { formatEndpoint, parseEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';

type AddressMap = ReadonlyMap<string, Endpoint>;

/** What DNS calls an endpoint of ours: the left side of the address map's entry for it, else the endpoint itself. */
export function publicEndpoint(map: AddressMap, endpoint: Endpoint): Endpoint {
  const real = formatEndpoint(endpoint);
  for (const [known, to] of map) {
    if (formatEndpoint(to) !== real) continue;
    const parsed = parseEndpoint(known);
    if (parsed.ok) return parsed.value;
  }
  return endpoint;
}

/** Whether a connection to this endpoint (as DNS knows it) would come back to one of `listening`. */
export function isOwnEndpoint(map: AddressMap, listening: readonly Endpoint[], endpoint: Endpoint): boolean {
  const target = map.get(formatEndpoint(endpoint)) ?? endpoint;
  return listening.some((own) => {
    if (own.port !== target.port) return false;
    if (own.address !== '0.0.0.0' && own.address !== '::') return own.address === target.address;
    return own.address.includes(':') === target.address.includes(':') && machineHas(target.address);
  });
}

/** Asked anew each time, because addresses come and go. All of 127.0.0.0/8 is this machine. */
function machineHas(address: string): boolean {
  if (address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some(
    (each) => each?.some((own) => own.address === address) ?? false,
  );
}
