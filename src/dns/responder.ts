// What answers DNS queries, as the listeners see it: octets in, octets out. The authority and the resolver implement it.
import type { Endpoint } from '../lib/endpoint.ts';

export interface DnsClient {
  readonly from: Endpoint;
  readonly transport: 'udp' | 'tcp';
}

export interface DnsResponder {
  /**
   * Answers one message. Calls `reply` at most once, now or later; never, where nothing must be said (a response, garbage
   * below a header's length). `query` is only valid during the call. Doesn't throw on input.
   */
  respond(query: Uint8Array, client: DnsClient, reply: (response: Uint8Array) => void): void;
}
