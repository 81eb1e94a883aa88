// What `reception` of the config says: how strangers are received where other servers bring mail.

export interface ReceptionConfig {
  /** CIDR blocks of whoever is let in without limits, delays and lists. */
  readonly exempt: readonly string[];
  /** For one IPv4 address or IPv6 /64. */
  readonly perAddress: SenderRatesConfig;
  /** For one IPv4 /24 or IPv6 /48. */
  readonly perNetwork: SenderRatesConfig;
  /** Seconds; 0: none. */
  readonly greetingDelay: number;
  readonly earlyTalkers: 'refuse' | 'allow';
  readonly tarpit: TarpitConfig;
  readonly hello: {
    readonly ownName: TreatmentConfig;
    readonly foreignLiteral: TreatmentConfig;
    readonly malformed: TreatmentConfig;
  };
  readonly noReverseName: 'slow' | 'mark' | 'ignore';
  /** Seconds that the answer to a message's first recipient is kept back from whoever is to be slow. */
  readonly slowDelay: number;
  /** Lists in DNS (RFC 5782). */
  readonly lists: readonly DnsListConfig[];
}

export type TreatmentConfig = 'refuse' | 'slow' | 'mark' | 'ignore';

export interface DnsListConfig {
  /** Lower case, no trailing dot. */
  readonly zone: string;
  readonly kind: 'block' | 'welcome';
  readonly about: 'address' | 'domain';
  /** CIDR blocks of the answers that count. */
  readonly codes: readonly string[];
  /** One of these bits of an answer's last octet must be set; `undefined`: any answer counts. */
  readonly bits: number | undefined;
  readonly action: 'refuse' | 'slow' | 'mark';
}

/** Each minute, but for the first; 0: no limit. */
export interface SenderRatesConfig {
  readonly openConnections: number;
  readonly connections: number;
  readonly messages: number;
  readonly recipients: number;
  readonly unknownRecipients: number;
  readonly errors: number;
  readonly octets: number;
}

export interface TarpitConfig {
  /** Refused commands that cost nothing. */
  readonly free: number;
  /** Seconds before the first refusal beyond, doubled with each one more. */
  readonly firstDelay: number;
  /** Seconds; 0: no tarpit. */
  readonly longestDelay: number;
}
