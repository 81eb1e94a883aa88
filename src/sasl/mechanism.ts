// The server side of a SASL mechanism (RFC 4422 §3), without transport: SMTP, POP3 and IMAP carry the octets in their own way.
import type { Random } from '../lib/random.ts';
import type { TlsInfo } from '../lib/transport.ts';
import type { Proof, ScramSalt } from './proof.ts';

export type SaslStep =
  /** Send this challenge (may be empty) and give the client's response to `respond`. */
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  /** Needs the salt that goes with a name; the same kind of answer for a name that nobody has. */
  | { readonly kind: 'salt'; readonly identity: string; readonly next: (salt: ScramSalt) => SaslStep }
  /** The exchange has come to its proof: whoever drives it has it checked. */
  | {
      readonly kind: 'check';
      readonly proof: Proof;
      /**
       * A challenge that comes before the outcome is told, where the mechanism has one; the client's response to it says
       * nothing more (RFC 4422 §3.6: neither SMTP nor POP3 can send data with a success).
       */
      readonly last?: (accepted: boolean) => Uint8Array | undefined;
    }
  /** The client's octets are malformed; `reason` is a sentence. */
  | { readonly kind: 'fault'; readonly reason: string };

export interface SaslExchange {
  /** `initial` is the client's initial response where it sent one (an empty one counts). */
  start(initial: Uint8Array | undefined): SaslStep;
  respond(response: Uint8Array): SaslStep;
}

/** What a mechanism may know of the connection that it runs over. */
export interface SaslChannel {
  readonly tls: TlsInfo | undefined;
  readonly random: Random;
}

export interface SaslMechanism {
  /** The registered name: `PLAIN`. */
  readonly name: string;
  /** Whether it can be used over this connection at all. That all of them wait for TLS is the protocols' rule. */
  fits(channel: SaslChannel): boolean;
  begin(channel: SaslChannel): SaslExchange;
}
