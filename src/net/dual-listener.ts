// Listens on TCP and UDP at one address and port, as DNS does.
import type { Endpoint } from '../lib/endpoint.ts';
import type { ConnectionHandler, DatagramHandler } from '../lib/transport.ts';
import { listenTcp } from './tcp-listener.ts';
import type { Listener } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

/** How often the system may choose a port for TCP that is taken for UDP. */
const samePortTries = 10;

export interface DualListenerOptions {
  /** A handler threw, or the system refused to accept. */
  readonly onError?: (error: unknown, remote: Endpoint | undefined) => void;
}

/** Both listen on the same port, also where the system chooses it. Throws a `ListenFault`; then neither is open. */
export async function listenTcpAndUdp(
  endpoint: Endpoint,
  onConnection: ConnectionHandler,
  onDatagram: DatagramHandler,
  options: DualListenerOptions = {},
): Promise<Listener> {
  for (let triesLeft = endpoint.port === 0 ? samePortTries : 1; ; triesLeft--) {
    const tcp = await listenTcp(endpoint, onConnection, options);
    try {
      const udp = await listenUdp(tcp.endpoint, onDatagram, options);
      return both(tcp, udp);
    } catch (error) {
      await tcp.close();
      if (triesLeft <= 1) throw error;
    }
  }
}

function both(tcp: Listener, udp: Listener): Listener {
  const close: Listener['close'] = async (options) => {
    await Promise.all([tcp.close(options), udp.close(options)]);
  };
  return { endpoint: tcp.endpoint, close, [Symbol.asyncDispose]: () => close() };
}
