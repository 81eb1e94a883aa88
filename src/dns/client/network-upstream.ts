// The resolver's way to other servers, over sockets: each UDP question from a random port of its own, which only the asked server is
// heard on (RFC 5452 §9.2), TCP and TLS by shared connections (RFC 7766, RFC 7858).
import type { Clock } from '../../lib/clock.ts';
import type { Endpoint } from '../../lib/endpoint.ts';
import type { DatagramFlow, Network } from '../../lib/transport.ts';
import type { Upstream, UpstreamEvent, UpstreamRequest } from '../resolver/upstream.ts';
import { StreamPool } from './stream-pool.ts';
import { unreachableBy } from './unreachable.ts';

export class NetworkUpstream implements Upstream, Disposable {
  readonly #network: Network;
  readonly #streams: StreamPool;

  constructor(network: Network, clock: Clock) {
    this.#network = network;
    this.#streams = new StreamPool(network, clock);
  }

  ask(request: UpstreamRequest, heard: (event: UpstreamEvent) => void): () => void {
    const { to, transport, bytes, timeoutMs } = request;
    if (transport !== 'udp') {
      const { certificateName } = request;
      // Never in the clear what was meant to be secret.
      if ((transport === 'tls') !== (certificateName !== undefined))
        throw new Error('TLS and a name for the certificate go together');
      return this.#streams.ask({ endpoint: to, certificateName }, bytes, timeoutMs, heard);
    }
    let flow: DatagramFlow | undefined;
    let stopped = false;
    const stop = (): void => {
      if (stopped) return;
      stopped = true;
      flow?.[Symbol.dispose]();
    };
    try {
      flow = this.#network.openFlow(
        to,
        (datagram) => {
          if (!stopped) heard({ kind: 'message', bytes: datagram });
        },
        (error) => {
          if (!stopped) heard(unreachableBy(error));
        },
      );
      if (!stopped) flow.send(bytes);
    } catch (error) {
      // Some systems say so at once, when the socket is connected.
      if (!stopped) heard(unreachableBy(error));
    }
    return stop;
  }

  socketName(to: Endpoint): Uint8Array | undefined {
    return this.#network.socketName?.(to);
  }

  [Symbol.dispose](): void {
    this.#streams.close();
  }
}
