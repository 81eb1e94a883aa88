// Listens on TCP and UDP at one address and port, as DNS does.
import type { Endpoint } from '../lib/endpoint.ts';
import type { ConnectionHandler, DatagramHandler } from '../lib/transport.ts';
import { listenTcp } from './tcp-listener.ts';
import type { Listener, TcpListenerOptions } from './tcp-listener.ts';
import { listenUdp } from './udp-listener.ts';

/** How often the system may choose a port for TCP that is taken for UDP. */
const samePortTries = 10;

export interface DualListenerOptions extends Pick<TcpListenerOptions, 'limits' | 'giveUp'> {
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
  const { tcp, udp } = await listenTcpBeside(
    endpoint,
    onConnection,
    (bound) => listenUdp(bound, onDatagram, options),
    options,
  );
  const close: Listener['close'] = async (how) => {
    await Promise.all([tcp.close(how), udp.close(how)]);
  };
  return { endpoint: tcp.endpoint, close, [Symbol.asyncDispose]: () => close() };
}

/** As `listenTcpAndUdp`, where UDP is opened by `openUdp`, which throws where it can't be on that port. */
export async function listenTcpBeside<Udp>(
  endpoint: Endpoint,
  onConnection: ConnectionHandler,
  openUdp: (bound: Endpoint) => Udp | Promise<Udp>,
  options: DualListenerOptions = {},
): Promise<{ readonly tcp: Listener; readonly udp: Udp }> {
  for (let triesLeft = endpoint.port === 0 ? samePortTries : 1; ; triesLeft--) {
    const tcp = await listenTcp(endpoint, onConnection, options);
    try {
      return { tcp, udp: await openUdp(tcp.endpoint) };
    } catch (error) {
      await tcp.close();
      if (triesLeft <= 1) throw error;
    }
  }
}
