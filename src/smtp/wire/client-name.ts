// What a client calls itself (RFC 5321 §4.1.1.1): by EHLO, HELO or LHLO, or by the mouth of a proxy.
import { parseAddressLiteral, parseMailDomain } from './path.ts';

export interface ClientName {
  readonly text: string;
  /** Whether it is a domain name or an address literal, as RFC 5321 §4.1.1.1 has it; if not, its characters are harmless. */
  readonly wellFormed: boolean;
}

/** `undefined` where it could be taken for something else in a Received line. */
export function parseClientName(text: string): ClientName | undefined {
  const literal = parseAddressLiteral(text);
  if (literal !== undefined) return { text: literal, wellFormed: true };
  const domain = parseMailDomain(text);
  if (domain.ok) return { text: domain.value, wellFormed: true };
  // Underscores, a dot at the end and bare addresses are frequent and harm nobody (RFC 5321 §4.1.4: a name may not be
  // refused for what it says).
  return /^[A-Za-z0-9._:[\]-]{1,255}$/.test(text) ? { text, wellFormed: false } : undefined;
}
