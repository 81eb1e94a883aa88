// Listens on UDP and gives each datagram to a handler: one node:dgram socket, for systems without the calls that
// `DatagramWorkers` makes. Their share of a query's cost is about a third of this one's.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import type { Endpoint } from '../lib/endpoint.ts';
import type { DatagramHandler } from '../lib/transport.ts';
import { endpointOf } from './connection.ts';
import { numericLookup } from './numeric-lookup.ts';
import { ListenFault } from './tcp-listener.ts';
import type { Listener } from './tcp-listener.ts';

/** A burst of some thousand queries waits in the system instead of being lost. The system may grant less. */
const socketBufferOctets = 4 << 20;
/** Replies that the system hasn't taken yet; above it they are dropped, as UDP may. */
const maxUnsentOctets = 4 << 20;

export interface UdpListenerOptions {
  /** The handler threw, or the socket failed. */
  readonly onError?: (error: unknown, remote: Endpoint | undefined) => void;
}

/**
 * Opens the listener; throws a `ListenFault` where the system refuses the address or port.
 * RFC 2181 §4.1: a reply leaves from the address that was asked as long as `endpoint` names one; for a wildcard address (`0.0.0.0`, `::`)
 * the system chooses, which on a machine with several addresses can be another.
 */
export async function listenUdp(
  endpoint: Endpoint,
  handler: DatagramHandler,
  options: UdpListenerOptions = {},
): Promise<Listener> {
  const socket = endpoint.address.includes(':')
    ? createSocket({ type: 'udp6', ipv6Only: true, lookup: numericLookup })
    : createSocket({ type: 'udp4', lookup: numericLookup });
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => {
      socket.close();
      reject(new ListenFault('UDP', endpoint, error));
    };
    socket.once('error', onError);
    socket.bind({ address: endpoint.address, port: endpoint.port, exclusive: true }, () => {
      socket.removeListener('error', onError);
      resolve();
    });
  });
  for (const enlarge of [
    () => socket.setRecvBufferSize(socketBufferOctets),
    () => socket.setSendBufferSize(socketBufferOctets),
  ]) {
    try {
      enlarge();
    } catch {
      // The system's own size serves too.
    }
  }
  const bound = endpointOf(socket.address().address, socket.address().port);
  let open = true;
  socket.on('error', (error) => options.onError?.(error, undefined));
  // A reply that can't be sent (host unreachable, buffer full) is lost like any datagram.
  const sent = (): void => undefined;
  socket.on('message', (bytes, info) => {
    // The kernel gives no port 0; nothing could be sent back to it.
    if (info.port === 0) return;
    const { address, port } = info;
    try {
      handler(bytes, { address, port }, (reply) => {
        if (open && socket.getSendQueueSize() < maxUnsentOctets) socket.send(reply, port, address, sent);
      });
    } catch (error) {
      options.onError?.(error, { address, port });
    }
  });
  const close = (): Promise<void> => {
    if (!open) return Promise.resolve();
    open = false;
    return closeSocket(socket);
  };
  return { endpoint: bound, close, [Symbol.asyncDispose]: close };
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(resolve));
}
