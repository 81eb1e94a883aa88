// The server side of a SASL mechanism (RFC 4422 §3), without transport: SMTP, POP3 and IMAP carry the octets in their own way.

export type SaslStep =
  /** Send this challenge (may be empty) and give the client's response to `respond`. */
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  /** The exchange is over: whoever drives it verifies the password. */
  | {
      readonly kind: 'password';
      /** Whom to act as; the same as `authenticationId` where the client named nobody. */
      readonly authorizationId: string;
      readonly authenticationId: string;
      readonly password: string;
    }
  /** The client's octets are malformed; `reason` is a sentence. */
  | { readonly kind: 'fault'; readonly reason: string };

export interface SaslExchange {
  /** `initial` is the client's initial response where it sent one (an empty one counts). */
  start(initial: Uint8Array | undefined): SaslStep;
  respond(response: Uint8Array): SaslStep;
}

export interface SaslMechanism {
  /** The registered name: `PLAIN`. */
  readonly name: string;
  /** Whether the password crosses in clear, so that it may only be offered under TLS (RFC 4954 §4). */
  readonly plaintext: boolean;
  begin(): SaslExchange;
}
