// UDP sockets for batched datagrams: several on one address and port, among which the system spreads the clients.
import type { Endpoint } from '../lib/endpoint.ts';
import { ListenFault } from './tcp-listener.ts';
import type { Native } from './native.ts';
import { endpointAt, familyOf, isWildcard, socketName } from './socket-name.ts';

export interface DatagramSockets {
  /** With the real port, where 0 was asked for. */
  readonly endpoint: Endpoint;
  readonly family: 4 | 6;
  /** Bound to all addresses: datagrams come with the address that they were sent to, and replies leave from it. */
  readonly wildcard: boolean;
  /** File descriptors, one for each thread that receives. */
  readonly fds: readonly number[];
}

/** A burst of some thousand queries waits in the system instead of being lost. The system may grant less. */
const bufferOctets = 4 << 20;
/** How long a thread waits for a datagram before it looks around. */
const receiveTimeoutMs = 1000;

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_RCVTIMEO = 20;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IP_MTU_DISCOVER = 10;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;
const PMTUDISC_OMIT = 5;

/** Opens `count` sockets on one address and port. Throws a `ListenFault` where the system refuses; then none is open. */
export function openDatagramSockets(native: Native, endpoint: Endpoint, count: number): DatagramSockets {
  const family = familyOf(endpoint.address);
  const wildcard = isWildcard(endpoint.address);
  const fds: number[] = [];
  try {
    const first = openSocket(native, family, wildcard);
    fds.push(first);
    // Bound before it may share the port: so another program that has the port, or another of us, is found out.
    native.bind(first, socketName(endpoint));
    const { port } = endpointAt(native.nameOf(first, family), 0);
    const bound = { address: endpoint.address, port };
    if (count > 1) native.setOption(first, SOL_SOCKET, SO_REUSEPORT, 1);
    for (let more = 1; more < count; more++) {
      const fd = openSocket(native, family, wildcard);
      fds.push(fd);
      native.setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
      native.bind(fd, socketName(bound));
    }
    return { endpoint: bound, family, wildcard, fds };
  } catch (error) {
    for (const fd of fds) native.close(fd);
    if (error instanceof Error) throw new ListenFault('UDP', endpoint, error);
    throw error;
  }
}

export function closeDatagramSockets(native: Native, sockets: DatagramSockets): void {
  for (const fd of sockets.fds) native.close(fd);
}

function openSocket(native: Native, family: 4 | 6, wildcard: boolean): number {
  const fd = native.openSocket(family);
  try {
    native.setTimeout(fd, SOL_SOCKET, SO_RCVTIMEO, receiveTimeoutMs);
    for (const [force, plain] of [
      [SO_RCVBUFFORCE, SO_RCVBUF],
      [SO_SNDBUFFORCE, SO_SNDBUF],
    ] as const) {
      // Past the system's limit where we may (CAP_NET_ADMIN), else up to it.
      if (!native.tryOption(fd, SOL_SOCKET, force, bufferOctets))
        native.tryOption(fd, SOL_SOCKET, plain, bufferOctets);
    }
    if (family === 6) native.setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    // RFC 2181 §4.1: a reply leaves from the address that was asked, so each datagram must come with it.
    if (wildcard && family === 4) native.setOption(fd, IPPROTO_IP, IP_PKTINFO, 1);
    if (wildcard && family === 6) native.setOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    // RFC 9715 §3.1: no path MTU is believed that anyone could have forged to make us send fragments.
    if (family === 4) native.tryOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_OMIT);
    else native.tryOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_OMIT);
  } catch (error) {
    native.close(fd);
    throw error;
  }
  return fd;
}
