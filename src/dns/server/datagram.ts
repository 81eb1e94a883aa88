// DNS over UDP (RFC 1035 §4.2.1): a datagram is a message. All there is to say about it the responder says.
import type { DatagramHandler } from '../../lib/transport.ts';
import type { DnsResponder } from '../responder.ts';

/** Hands each datagram to the responder, and its response back to where the datagram came from. */
export function dnsDatagramHandler(responder: DnsResponder): DatagramHandler {
  return (bytes, from, reply) => {
    // Port 0 can't be answered, and whoever sends from it doesn't want an answer.
    if (from.port === 0) return;
    responder.respond(bytes, { from, transport: 'udp' }, (response) => {
      if (response instanceof Uint8Array) reply(response);
    });
  };
}
