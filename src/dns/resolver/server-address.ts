// Servers by the text of their addresses, as delegations and what is known of servers have them: `192.0.2.1` and `2001:db8::1` for port 53;
// with another port `192.0.2.1@5353`; over TLS `192.0.2.1@853#dns.example`, with what the certificate must be valid for. And which of them a
// zone may send the resolver to.
import { AddressRanges } from '../../lib/address-ranges.ts';
import { formatEndpoint, parseAddress } from '../../lib/endpoint.ts';
import type { Endpoint } from '../../lib/endpoint.ts';

export const dnsPort = 53;

/** The text for a server that the operator names. `certificateName`: over TLS. */
export function serverAddress({ address, port }: Endpoint, certificateName?: string): string {
  if (certificateName !== undefined) return `${address}@${port}#${certificateName}`;
  return port === dnsPort ? address : `${address}@${port}`;
}

/** The same object for the same address, as a rule: with each question again it would be a new one, and so whatever is looked up by it. */
export function serverEndpoint(address: string): Endpoint {
  return serverOf(address).endpoint;
}

/** What the certificate must be valid for, where the server is asked over TLS. */
export function certificateNameOf(address: string): string | undefined {
  const hash = address.indexOf('#');
  return hash < 0 ? undefined : address.slice(hash + 1);
}

/** `address:port`, as DNS knows it. */
export function formatServer(address: string): string {
  return serverOf(address).text;
}

interface ReadServer {
  readonly endpoint: Endpoint;
  readonly text: string;
}

/** Servers that were asked lately: what their addresses were read as. */
const read = new Map<string, ReadServer>();
const mostRead = 4096;

function serverOf(address: string): ReadServer {
  const known = read.get(address);
  if (known !== undefined) return known;
  if (read.size >= mostRead) read.clear();
  const at = address.indexOf('@');
  const endpoint =
    at < 0
      ? { address, port: dnsPort }
      : { address: address.slice(0, at), port: Number.parseInt(address.slice(at + 1), 10) };
  const server = { endpoint, text: formatEndpoint(endpoint) };
  read.set(address, server);
  return server;
}

/** RFC 6890 §2.2, RFC 4291 §2: "this host", loopback, link-local, multicast, reserved: nobody's servers, wherever we stand. */
const nobodys = rangesOf([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/96',
  '64:ff9b:1::/48',
  '100::/64',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);
/** RFC 1918, RFC 6598, RFC 4193: whoever is reached there is not who the zone's owner means, but somebody in our own network. */
const privates = rangesOf(['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']);

/** Which addresses a zone may send the resolver to. Those that the operator names (root hints, forward and stub zones) are not asked about here. */
export class ServerAddresses {
  readonly #allowed: AddressRanges;

  /** `allowed`: CIDR blocks that are asked all the same. Throws where one is none: the config has checked them. */
  constructor(allowed: readonly string[] = []) {
    this.#allowed = rangesOf(allowed);
  }

  /** `address`: in text form, without port. `inside`: the zone is one of the operator's own network, and so may its servers be. */
  has(address: string, inside: boolean): boolean {
    if (parseAddress(address) === undefined) return false;
    if (this.#allowed.include(address)) return true;
    return !nobodys.include(address) && (inside || !privates.include(address));
  }
}

function rangesOf(blocks: readonly string[]): AddressRanges {
  const ranges = AddressRanges.parse(blocks);
  if (!ranges.ok) throw new Error(ranges.fault);
  return ranges.value;
}
