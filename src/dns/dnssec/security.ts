// What DNSSEC says about data (RFC 4033 §5, RFC 4035 §4.3), and why it says "bogus" where it does.

/**
 * `secure`: proved from a trust anchor on. `insecure`: proved to be unsigned, or below no trust anchor. `bogus`: should be signed, and isn't rightly.
 * `unchecked`: nobody has looked yet.
 */
export type Security = 'secure' | 'insecure' | 'unchecked' | 'bogus';

/** Why something is bogus, or what keeps it from being secure. */
export interface ValidationFault {
  /** Of RFC 8914 §4. */
  readonly code: number;
  /** A sentence for logs, journeys and the client, that names zone, record and key. */
  readonly reason: string;
}

/** Data with what is known of it. */
export interface Checked {
  readonly security: Security;
  /** Given where it is bogus; where it is insecure, if RFC 8914 has a code for that (1, 2, 27). */
  readonly fault?: ValidationFault | undefined;
}

const order: Readonly<Record<Security, number>> = { secure: 3, insecure: 2, unchecked: 1, bogus: 0 };

/** A chain is as secure as its weakest link. */
export function weakest(one: Security, other: Security): Security {
  return order[one] <= order[other] ? one : other;
}
