// What answers DNS queries, as the listeners see it: octets in, octets out. The authority and the resolver implement it.
import type { Endpoint } from '../lib/endpoint.ts';

export interface DnsClient {
  readonly from: Endpoint;
  /** `tls` is DNS over TLS (RFC 7858), `https` DNS over HTTPS (RFC 8484): private to whoever asked, and worth padding (RFC 7830). */
  readonly transport: 'udp' | 'tcp' | 'tls' | 'https';
}

/**
 * Takes the one response to a query, or, on a connection, several messages that belong together (a zone transfer): those are
 * pulled as the client takes them, and their iterator's `return` is called where it goes away. A stream that throws ends the connection.
 */
export type DnsReply = (response: Uint8Array | AsyncIterable<Uint8Array>) => void;

export interface DnsResponder {
  /**
   * Answers one message. Calls `reply` at most once, now or later; never, where nothing must be said (a response, garbage
   * below a header's length). `query` is only valid during the call. Doesn't throw on input. Over UDP the reply is never a stream.
   */
  respond(query: Uint8Array, client: DnsClient, reply: DnsReply): void;
  /**
   * The lane of a stream's many queries, where the responder has one: answers at once, without an object, the query that lies in `query` from `at`,
   * `length` octets of it, into `out` from `outAt`, in at most `limit` octets (65,535 at most). Gives the answer's length; 0 where
   * nothing must be said; -1 where the query must go by `respond` (then `out` may have been scribbled on).
   */
  answerInto?(
    query: Uint8Array,
    at: number,
    length: number,
    client: DnsClient,
    out: Uint8Array,
    outAt: number,
    limit: number,
  ): number;
}
