// Servers by the text of their addresses, as delegations and what is known of servers have them: `192.0.2.1` and `2001:db8::1` for port 53;
// with another port `192.0.2.1@5353`; over TLS `192.0.2.1@853#dns.example`, with what the certificate must be valid for. And which of them a
// zone may send the resolver to.
import { formatEndpoint } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';

export const dnsPort = 53;

/** The text for a server that the operator names. `certificateName`: over TLS. */
export function serverAddress({ address, port }: Endpoint, certificateName?: string): string {
  if (certificateName !== undefined) return `${address}@${port}#${certificateName}`;
  return port === dnsPort ? address : `${address}@${port}`;
}

export function serverEndpoint(address: string): Endpoint {
  const at = address.indexOf('@');
  if (at < 0) return { address, port: dnsPort };
  return { address: address.slice(0, at), port: Number.parseInt(address.slice(at + 1), 10) };
}

/** What the certificate must be valid for, where the server is asked over TLS. */
export function certificateNameOf(address: string): string | undefined {
  const hash = address.indexOf('#');
  return hash < 0 ? undefined : address.slice(hash + 1);
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
