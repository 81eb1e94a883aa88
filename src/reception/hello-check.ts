// What a client's own name tells of it. RFC 5321 §4.1.4: that a name doesn't lead to the client's address is no reason to refuse its mail, so
// that is not looked at; but a stranger who gives our own name, or somebody else's address, is lying.
import { parseAddress } from '../lib/endpoint.ts';

/** `own-name`: it gives our name, or our address. `foreign-literal`: an address literal that isn't its own. `malformed`: no name at all. */
export type HelloFault = 'own-name' | 'foreign-literal' | 'malformed';

export interface HelloClaim {
  /** As it was sent: a domain name or an address literal. */
  readonly text: string;
  readonly wellFormed: boolean;
}

/** `own`: our names and addresses, names in lower case. `ip`: the client's address. */
export function checkHello(hello: HelloClaim, ip: string, own: ReadonlySet<string>): HelloFault | undefined {
  const name = hello.text.toLowerCase().replace(/\.$/, '');
  if (own.has(name)) return 'own-name';
  const literal = /^\[(?:ipv6:)?([^\]]*)\]$/.exec(name)?.[1];
  if (literal !== undefined) {
    const address = parseAddress(literal);
    if (address !== undefined && own.has(address)) return 'own-name';
    return address === parseAddress(ip) ? undefined : 'foreign-literal';
  }
  return hello.wellFormed ? undefined : 'malformed';
}
