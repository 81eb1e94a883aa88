// How the resolver reaches other servers: raw messages, so that everything that is checked about an answer is checked on this floor
// and can be tried by scenarios. `dns/client` implements it over sockets.
import type { Endpoint } from '../../lib/endpoint.ts';

/** What we take by UDP: fits into every path's packets (RFC 9715 §3.1 R5 allows 1400; 1232 is the common agreement). */
export const upstreamUdpSize = 1232;

/** Wrong replies before UDP is given up for a question: somebody is guessing. */
export const mostWrongReplies = 8;

export type UpstreamTransport = 'udp' | 'tcp' | 'tls';

export interface UpstreamRequest {
  readonly to: Endpoint;
  readonly transport: UpstreamTransport;
  /** For TLS: the name or address that the server's certificate must be valid for (RFC 8310 §6.3). */
  readonly certificateName?: string | undefined;
  /** The message, without the length octets of TCP. */
  readonly bytes: Uint8Array;
  /** For connecting by TCP; the asker keeps its own time and stops what takes too long. */
  readonly timeoutMs: number;
}

export type UpstreamEvent =
  /** One message from that server to the port that this request was sent from. There may be several: forgers send them, too. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** The system said so. `family`: no server of this address family can be reached, as far as is known. */
  | { readonly kind: 'unreachable'; readonly scope: 'server' | 'family'; readonly reason: string };

export interface Upstream {
  /**
   * Sends one request, by UDP from a random port of its own (RFC 5452 §9.2). `heard` is called for what comes back, maybe at once, until the
   * returned function is called. Never throws.
   */
  ask(request: UpstreamRequest, heard: (event: UpstreamEvent) => void): () => void;

  /** The sockaddr by which a server is really reached, for threads that ask for themselves. Without it none may. */
  socketName?(to: Endpoint): Uint8Array | undefined;
}
