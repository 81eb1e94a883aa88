// Listens on a Unix socket: for programs of this host.
import { mkdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Endpoint } from '../lib/endpoint.ts';
import type { ConnectionHandler } from '../lib/transport.ts';
import { backlog, ListenFault, opened, StreamListener } from './tcp-listener.ts';
import type { Listener, TcpListenerOptions } from './tcp-listener.ts';

/** What stands for both ends of a connection: there is no other host, and no port. */
const thisHost: Endpoint = { address: '127.0.0.1', port: 0 };

/**
 * Opens a Unix socket that everybody may connect to who may enter its folder. A stale one is replaced. Throws a `ListenFault` where
 * a server answers on it already, or the system refuses the path.
 */
export async function listenLocal(
  path: string,
  handler: ConnectionHandler,
  options: TcpListenerOptions = {},
): Promise<Listener> {
  const refused = (error: Error): ListenFault => new ListenFault('the socket', path, error);
  if (await answers(path)) throw refused(new Error('another server answers on it: stop that one'));
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    rmSync(path, { force: true });
  } catch (error) {
    throw refused(error instanceof Error ? error : new Error(String(error)));
  }
  const server = createServer({ allowHalfOpen: true });
  const listener = new StreamListener(server, handler, {
    ...options,
    ends: { local: thisHost, remote: thisHost },
  });
  await opened(server, { path, backlog, readableAll: true, writableAll: true }, refused, options);
  return listener;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
