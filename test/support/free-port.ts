// A port for a server that can't be told to let the system choose.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port of 127.0.0.1 that was free for TCP and UDP a moment ago. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const udpFree = await new Promise<boolean>((settle) => {
      const socket = createSocket('udp4');
      socket.once('error', () => settle(false));
      socket.bind(port, '127.0.0.1', () => socket.close(() => settle(true)));
    });
    server.close();
    await once(server, 'close');
    if (udpFree) return port;
  }
  throw new Error('no port is free for TCP and UDP');
}
