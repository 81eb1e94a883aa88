// What strangers are told apart by: what one subscriber has for nothing, and the network that it stands in. Limits hold for both, so that
// neither one address nor a whole rented network gets more than its share.
import ipaddr from 'ipaddr.js';

export interface Origin {
  /** As it was given. */
  readonly ip: string;
  /** The IPv4 address, or the first 64 bits of an IPv6 one (RFC 6177 §2). */
  readonly address: string;
  /** The first 24 bits of an IPv4 address, or the first 48 of an IPv6 one, which is what sites are given (RFC 6177 §2). */
  readonly network: string;
}

/** `ip` in text form; what is none stands for itself. */
export function originOf(ip: string): Origin {
  if (!ip.includes(':')) return { ip, address: ip, network: `${ip.slice(0, ip.lastIndexOf('.'))}.0/24` };
  if (!ipaddr.IPv6.isValid(ip)) return { ip, address: ip, network: ip };
  const parts = ipaddr.IPv6.parse(ip).parts.map((part) => part.toString(16));
  return {
    ip,
    address: `${parts.slice(0, 4).join(':')}::/64`,
    network: `${parts.slice(0, 3).join(':')}::/48`,
  };
}
