// A list in DNS of addresses or domains that somebody thinks ill or well of (RFC 5782), as the operator wants it used.

export interface DnsListSettings {
  /** The list's zone: `zen.spamhaus.org`. */
  readonly zone: string;
  /** What is on a `welcome` list is on no block list. */
  readonly kind: 'block' | 'welcome';
  /** What is looked for: the client's address, or the domains of MAIL FROM and HELO. */
  readonly about: 'address' | 'domain';
  /** The answers that count, as CIDR blocks. */
  readonly codes: readonly string[];
  /** Of these bits of an answer's last octet one must be set (RFC 5782 §2.3); `undefined`: any answer counts. */
  readonly bits: number | undefined;
  /** What becomes of what is on a block list. */
  readonly action: 'refuse' | 'slow' | 'mark';
}
