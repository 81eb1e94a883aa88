// Finds loopback ports for the lab: the same ones each time, so that its commands can be learnt, and others where those are in use.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

export const labHost = '127.0.0.1';

/** A port that is free for TCP and UDP at this moment: the preferred one, or one that the system chooses. */
export async function findFreePort(preferred: number): Promise<number> {
  for (const wanted of [preferred, 0, 0, 0, 0]) {
    const port = await tryTcp(wanted);
    if (port !== undefined && (await tryUdp(port))) return port;
  }
  throw new Error(`no loopback port is free for both TCP and UDP (tried ${preferred} and four others)`);
}

function tryTcp(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: labHost, port }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

function tryUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address: labHost, port }, () => socket.close(() => resolve(true)));
  });
}
