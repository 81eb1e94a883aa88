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
