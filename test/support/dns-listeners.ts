// A DNS responder on real loopback sockets, UDP and TCP on one port chosen by the system.
import { dnsDatagramHandler } from '../../src/dns/server/datagram.ts';
import { dnsStreamHandler } from '../../src/dns/server/stream.ts';
import type { DnsResponder } from '../../src/dns/responder.ts';
import { ListenFault, listenTcp } from '../../src/net/tcp-listener.ts';
import { listenUdp } from '../../src/net/udp-listener.ts';

export interface DnsListeners extends AsyncDisposable {
  readonly port: number;
}

export async function openDnsListeners(
  responder: DnsResponder,
  address = '127.0.0.1',
): Promise<DnsListeners> {
  for (let tries = 0; ; tries++) {
    const tcp = await listenTcp({ address, port: 0 }, dnsStreamHandler(responder));
    const { port } = tcp.endpoint;
    try {
      const udp = await listenUdp({ address, port }, dnsDatagramHandler(responder));
      const close = async (): Promise<void> => {
        await Promise.all([udp.close(), tcp.close({ drainMs: 1000 })]);
      };
      return { port, [Symbol.asyncDispose]: close };
    } catch (error) {
      await tcp.close();
      // The port is free for TCP, but another program may have it for UDP.
      if (!(error instanceof ListenFault) || tries === 10) throw error;
    }
  }
}
