// Requests to the authority that are more than a question: transfers, NOTIFY, UPDATE, and whatever is signed by TSIG. The desk
// decodes them, checks the signature and hands each to the one who is in charge of its kind; the answer is signed on its way out.
import type { DnsClient } from '../responder.ts';
import type { Message } from '../wire/message.ts';
import type { DomainName } from '../wire/name.ts';

export interface DnsRequest {
  /** Without its TSIG record. */
  readonly message: Message;
  readonly client: DnsClient;
  /** The key that rightly signed it; `undefined`: not signed. A request with a wrong signature never gets so far. */
  readonly key: DomainName | undefined;
  /** Octets that a message of the response may have: what the client takes, less what a signature needs. */
  readonly limit: number;
}

/**
 * Gives the response's octets, unsigned, with the request's id, at most `limit` of them; several messages only for a transfer, and never
 * over UDP; `undefined`: nothing is said. `replyTo` makes responses.
 */
export type DnsRequestHandler = (
  request: DnsRequest,
) => Promise<Uint8Array | AsyncIterable<Uint8Array> | undefined>;

/** One for each kind of request; a kind without a handler is answered NOTIMP, a transfer REFUSED. */
export interface DnsRequestHandlers {
  /** AXFR and IXFR. */
  readonly transfer?: DnsRequestHandler;
  readonly notify?: DnsRequestHandler;
  /** Of unsigned updates only small ones come so far, to be refused. */
  readonly update?: DnsRequestHandler;
}
