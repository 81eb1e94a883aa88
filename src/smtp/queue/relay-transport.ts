// The port by which the queue hands a message to another server. smtp/client implements it.
import type { Endpoint } from '../../lib/endpoint.ts';
import type { MailAddress } from '../../lib/mail-address.ts';
import type { TlsInfo } from '../../lib/transport.ts';
import type { AccountId, Envelope } from '../../mailbox/message.ts';
import type { ReportTerms } from '../../mailbox/terms.ts';

/** One address of one server. */
export interface RelayTarget {
  /** The host's name as MX gives it, without a trailing dot; for an address literal, the literal. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** For a server that wants to know us. Given only under TLS with a verified certificate. */
  readonly credentials?: { readonly identity: string; readonly password: string };
}

export interface RelayMail {
  readonly envelope: Envelope;
  /** Octets of content. */
  readonly size: number;
  /** The content from its beginning, each time it is called; chunks of at most 256 KiB, CRLF line ends. */
  content(): AsyncIterable<Uint8Array>;
}

/** A recipient, and which reports its sender wants. */
export interface RelayRecipient extends MailAddress {
  readonly report?: ReportTerms;
}

/** What became of one recipient in one attempt. */
export type Verdict = Taken | Refusal | Delivered;

interface Said {
  /** Enhanced status code (RFC 3463): the server's own, or the general one of its reply code. */
  readonly status: string;
  /** What the server said, on one line; `undefined` where it was not asked, and the decision is ours. */
  readonly reply: string | undefined;
  /** One sentence for a person: what happened. */
  readonly text: string;
}

export interface Taken extends Said {
  readonly kind: 'taken';
  /** What the server sees to from now on: the reports that were asked for (RFC 3461), the time (RFC 2852). Without it, neither. */
  readonly promises?: { readonly reports: boolean; readonly deadline: boolean };
}

/** `deferred` may succeed later (4xx), `refused` never will (5xx). */
export interface Refusal extends Said {
  readonly kind: 'deferred' | 'refused';
}

/** It was for one of us, and goes into a mailbox here. No transport gives this. */
export interface Delivered extends Said {
  readonly kind: 'delivered';
  readonly account: AccountId;
}

/** What is worth telling of the connection, as far as it got. */
export interface RelayFacts {
  /** Set once TLS is established. */
  readonly tls: TlsInfo | undefined;
  /** Why TLS was offered and didn't come about; the message then went in clear (RFC 7435). */
  readonly tlsFailure: string | undefined;
  /** The server's greeting: `220 mx.example.org ESMTP`. */
  readonly banner: string | undefined;
  /** An open connection was used again. */
  readonly reused: boolean;
}

export type RelayOutcome =
  /** The server dealt with the message: one verdict for each recipient, in the order given. */
  | { readonly kind: 'answered'; readonly verdicts: readonly Verdict[]; readonly facts: RelayFacts }
  /** It didn't come to that, and nothing was handed over: another address may do better. `reason` is a sentence. */
  | {
      readonly kind: 'unanswered';
      readonly reason: string;
      /** What the server said last, where it said something. */
      readonly reply: string | undefined;
      readonly facts: RelayFacts;
    }
  /** The signal aborted before the message was handed over. */
  | { readonly kind: 'aborted'; readonly facts: RelayFacts };

export interface RelayTransport {
  /**
   * One transaction for all recipients (at least one). Never throws for what the server or the network does; throws what
   * `mail.content()` throws.
   */
  relay(
    target: RelayTarget,
    mail: RelayMail,
    recipients: readonly RelayRecipient[],
    signal: AbortSignal,
  ): Promise<RelayOutcome>;
}
