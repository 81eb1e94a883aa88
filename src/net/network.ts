// Outgoing traffic: TCP connections, and UDP sockets of one flow each. The config's address map (`network.map`) is applied
// here and nowhere else: everybody above speaks of addresses as DNS knows them.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket as DatagramSocket } from 'node:dgram';
import { connect as netConnect } from 'node:net';
import { formatEndpoint } from '../lib/endpoint.ts';
import type { Endpoint } from '../lib/endpoint.ts';
import { ConnectionFault } from '../lib/transport.ts';
import type { Connection, ConnectOptions, DatagramFlow, Network } from '../lib/transport.ts';
import { asFault, SocketConnection } from './connection.ts';
import type { Flows } from './flows.ts';
import { numericLookup } from './numeric-lookup.ts';
import { socketName } from './socket-name.ts';

export interface NetworkOptions {
  /** `address:port` (as `formatEndpoint` writes it) as DNS knows it → where it really is. */
  readonly map?: ReadonlyMap<string, Endpoint>;
  /** For flows in numbers; without it all go by node:dgram. */
  readonly flows?: Flows;
}

/** Datagrams that wait for the socket to be bound; a flow sends one or two in its life. */
const maxUnsentDatagrams = 8;
/** Random ports tried before the system chooses one. */
const portTries = 4;

export function createNetwork(options: NetworkOptions = {}): Network {
  const { map = new Map<string, Endpoint>(), flows } = options;
  const real = (to: Endpoint): Endpoint => (map.size === 0 ? to : (map.get(formatEndpoint(to)) ?? to));
  return {
    socketName: (to) => socketName(real(to)),
    connect: (to, connectOptions) => connect(real(to), connectOptions),
    openFlow: (to, onDatagram, onError) =>
      flows?.open(real(to), onDatagram, onError) ?? openFlow(real(to), onDatagram, onError),
  };
}

async function connect(to: Endpoint, options: ConnectOptions): Promise<Connection> {
  const { signal, timeoutMs } = options;
  if (signal?.aborted === true) throw new ConnectionFault('aborted', 'given up before the connection began');
  const deadline = performance.now() + timeoutMs;
  const connection = await new Promise<SocketConnection>((resolve, reject) => {
    const socket = netConnect({ host: to.address, port: to.port, allowHalfOpen: true, noDelay: true });
    const settle = (action: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeListener('connect', onConnect);
      action();
    };
    const refuse = (fault: ConnectionFault): void =>
      settle(() => {
        // Stays without effect, and keeps a late error from being thrown.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(fault);
      });
    const timer = setTimeout(
      () => refuse(new ConnectionFault('timeout', `no connection within ${Math.round(timeoutMs / 1000)} s`)),
      timeoutMs,
    );
    const onAbort = (): void => refuse(new ConnectionFault('aborted', 'given up'));
    const onConnect = (): void =>
      settle(() => {
        socket.removeListener('error', onError);
        resolve(new SocketConnection(socket, { kind: 'client' }));
      });
    const onError = (error: Error): void => refuse(asFault(error, 'unreachable'));
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', onConnect);
    socket.once('error', onError);
  });
  if (options.tls === undefined) return connection;
  const onAbort = (): void => connection.abort(new ConnectionFault('aborted', 'given up'));
  const onLate = (): void =>
    connection.abort(new ConnectionFault('timeout', 'the TLS handshake took too long'));
  const timer = setTimeout(onLate, Math.max(1, deadline - performance.now()));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await connection.startTls(options.tls);
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * RFC 5452 §9.2: each flow leaves from a port that can't be guessed, out of all above 1023 (the system's own choice is out
 * of fewer). The socket is connected, so the system passes on only what comes from `to`, and tells of unreachable ports.
 */
function openFlow(
  to: Endpoint,
  onDatagram: (bytes: Uint8Array) => void,
  onError: (error: Error) => void,
): DatagramFlow {
  const socket = createSocket({ type: to.address.includes(':') ? 'udp6' : 'udp4', lookup: numericLookup });
  let state: 'opening' | 'open' | 'closed' = 'opening';
  const waiting: Uint8Array[] = [];
  const close = (): void => {
    if (state === 'closed') return;
    state = 'closed';
    socket.close();
  };
  const fail = (error: Error): void => {
    if (state === 'closed') return;
    close();
    onError(error);
  };
  const transmit = (bytes: Uint8Array): void =>
    socket.send(bytes, (error) => {
      if (error !== null && state !== 'closed') onError(error);
    });
  socket.on('message', (bytes) => {
    if (state === 'open') onDatagram(bytes);
  });
  bindRandomPort(
    socket,
    portTries,
    () => {
      if (state === 'closed') return;
      socket.on('error', (error) => {
        // A refused port (ICMP) is told once for each datagram; the socket stays good.
        if (state !== 'closed') onError(error);
      });
      socket.connect(to.port, to.address, (error?: Error | null) => {
        if (error !== undefined && error !== null) {
          fail(error);
          return;
        }
        if (state === 'closed') return;
        state = 'open';
        for (const bytes of waiting.splice(0)) transmit(bytes);
      });
    },
    fail,
  );
  return {
    send(bytes) {
      if (state === 'open') transmit(bytes);
      else if (state === 'opening' && waiting.length < maxUnsentDatagrams) waiting.push(bytes);
    },
    [Symbol.dispose]: close,
  };
}

function bindRandomPort(
  socket: DatagramSocket,
  tries: number,
  onBound: () => void,
  onFault: (error: Error) => void,
): void {
  const port = tries > 0 ? randomInt(1024, 65_536) : 0;
  const bound = (): void => {
    socket.removeListener('error', failed);
    onBound();
  };
  const failed = (error: Error): void => {
    socket.removeListener('listening', bound);
    if (tries > 0) bindRandomPort(socket, tries - 1, onBound, onFault);
    else onFault(error);
  };
  socket.once('listening', bound);
  socket.once('error', failed);
  socket.bind({ port, exclusive: true });
}
