// An IP address and a port, as sockets and the config's listener lists name them.
import ipaddr from 'ipaddr.js';
import { fault, ok } from './result.ts';
import type { Result } from './result.ts';

/** `address` is an IP address in its shortest text form: `192.0.2.1`, `2001:db8::1`. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** `192.0.2.1:53`, `[2001:db8::1]:53`. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.address.includes(':')
    ? `[${endpoint.address}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`;
}

/** Reads `address:port` or `[v6 address]:port`; port 0 lets the system choose. The fault says what is wrong. */
export function parseEndpoint(text: string): Result<Endpoint> {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null) return fault(`'${text}' is not an address with a port, like 127.0.0.1:53 or [::1]:53`);
  const address = parseAddress(match[1] ?? match[2] ?? '');
  if (address === undefined) return fault(`'${match[1] ?? match[2] ?? ''}' is not an IP address`);
  if (address.includes(':') !== (match[1] !== undefined)) {
    return fault(`'${text}': brackets go around an IPv6 address, and only there`);
  }
  const port = Number(match[3]);
  return port > 65535 ? fault(`port ${match[3]} is above 65535`) : ok({ address, port });
}

/** The shortest text form of an IP address (an IPv4-mapped one as IPv4), or `undefined` when it is none. */
export function parseAddress(text: string): string | undefined {
  if (!(ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))))
    return undefined;
  return ipaddr.process(text).toString();
}
